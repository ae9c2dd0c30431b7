"""Processes of the host: startup, supervision and connections."""
