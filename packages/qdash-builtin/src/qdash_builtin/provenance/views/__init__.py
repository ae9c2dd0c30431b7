"""Views of provenance."""
