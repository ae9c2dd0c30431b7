"""Hidden physics of a twin, and its response to measurements."""
