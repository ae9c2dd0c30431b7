"""Benchmarks: `uv run python -m benchmarks` measures, prints a table, and stores it beside this file."""
