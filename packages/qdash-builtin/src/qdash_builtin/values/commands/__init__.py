"""Commands of values."""
