"""Chips: topologies, design, wiring, and the services over them."""
