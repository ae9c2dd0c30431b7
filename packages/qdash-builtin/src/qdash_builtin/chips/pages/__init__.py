"""Pages of chips."""
