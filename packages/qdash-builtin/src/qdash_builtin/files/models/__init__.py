"""Models of files."""
