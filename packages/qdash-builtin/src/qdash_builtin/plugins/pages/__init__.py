"""Pages of plugins."""
