"""Views of home."""
