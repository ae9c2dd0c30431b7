"""Import paths of existing flows."""
