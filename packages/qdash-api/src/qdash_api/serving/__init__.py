"""The life of the processes that serve."""
