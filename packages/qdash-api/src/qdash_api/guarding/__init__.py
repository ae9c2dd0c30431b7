"""Access control of routes."""
