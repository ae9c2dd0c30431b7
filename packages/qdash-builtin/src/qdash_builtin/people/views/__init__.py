"""Views of people."""
