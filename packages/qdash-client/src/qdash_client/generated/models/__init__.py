"""Models that the core does not have, and those of the core by name."""
