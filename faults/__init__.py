"""Fault tests: `uv run python -m faults` injects faults into real processes and servers, and counts lost
results.
"""
