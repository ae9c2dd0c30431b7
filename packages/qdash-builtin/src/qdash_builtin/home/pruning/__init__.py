"""Removal of old raw data, executions and events that nothing refers to."""
