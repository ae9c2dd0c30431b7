"""Sessions: one execution in progress, from its start to its end."""
