"""Pages for people, without script."""
