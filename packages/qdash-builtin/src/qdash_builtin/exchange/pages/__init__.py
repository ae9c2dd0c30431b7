"""Pages of exchange."""
