"""Migration from one store to another."""
