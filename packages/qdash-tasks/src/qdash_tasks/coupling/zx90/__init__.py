"""Search for a ZX90 gate."""
