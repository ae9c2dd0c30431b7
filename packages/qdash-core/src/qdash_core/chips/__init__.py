"""Chips: topologies, design values, wiring, and their services."""
