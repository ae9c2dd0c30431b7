"""The commands of the host."""
