"""Bodies of requests that are no documents of the core."""
