"""Routes of the host, one module for each resource."""
