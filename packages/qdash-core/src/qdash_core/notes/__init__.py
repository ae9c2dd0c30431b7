"""Notes by users, and the log of their edits."""
