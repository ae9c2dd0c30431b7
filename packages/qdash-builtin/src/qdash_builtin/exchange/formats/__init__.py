"""File formats of laboratories, and the comparison of files with chips."""
