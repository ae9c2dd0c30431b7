"""One attempt at a task, from start to record."""
