"""The search for a ZX90 gate."""
