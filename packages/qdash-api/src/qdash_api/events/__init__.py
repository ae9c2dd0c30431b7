"""Live events for many listeners."""
