"""Task attempts: one try at one task on one target, from start to record."""
