"""Lookup of executions and results: abbreviated ids, newest executions."""
