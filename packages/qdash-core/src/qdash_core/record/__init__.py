"""Record of executions: their transitions, queries, progress, timelines and events."""
