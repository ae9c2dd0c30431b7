"""Views of chips."""
