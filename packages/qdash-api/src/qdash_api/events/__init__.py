"""Live events to many listeners."""
