"""Views of contexts."""
