"""State of a host process: counters, limits, readiness and shutdown."""
