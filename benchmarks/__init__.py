"""Benchmarks: `uv run python -m benchmarks` runs them, prints a table, and stores it beside this file."""
