"""Request bodies that are not documents of the core."""
