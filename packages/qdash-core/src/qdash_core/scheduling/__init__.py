"""What may run together, and in which order."""
