"""Views of values."""
