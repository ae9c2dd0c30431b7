"""Topologies, chips, and their wiring."""
