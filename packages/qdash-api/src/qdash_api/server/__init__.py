"""Processes of the host: start, supervision and connections."""
