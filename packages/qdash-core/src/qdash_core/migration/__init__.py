"""From one store to another, and from a database of the original system into a store."""
