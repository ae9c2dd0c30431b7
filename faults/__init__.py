"""Fault tests: `uv run python -m faults` does to real processes and servers what nights do, and counts what is lost."""
