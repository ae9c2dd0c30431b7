"""Out of a database of the original system into a store."""
