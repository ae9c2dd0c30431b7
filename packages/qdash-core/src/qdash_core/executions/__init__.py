"""One run: its session, its record, its lock."""
