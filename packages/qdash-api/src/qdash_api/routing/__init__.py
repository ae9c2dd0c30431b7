"""Routes: their declaration, access control, calls and responses."""
