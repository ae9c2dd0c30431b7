"""Pages of provenance."""
