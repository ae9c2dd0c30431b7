"""Models of the host, and models of the core under the same names."""
