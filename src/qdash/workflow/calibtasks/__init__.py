"""The task contract as task authors import it."""
