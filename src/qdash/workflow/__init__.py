"""Import paths of flows of the original."""
