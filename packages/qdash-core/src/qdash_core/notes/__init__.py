"""Notes that people write: on things, on metrics in a scope of time, and the log of their edits."""
