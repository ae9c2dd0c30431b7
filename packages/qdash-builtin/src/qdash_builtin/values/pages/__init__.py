"""Pages of values."""
