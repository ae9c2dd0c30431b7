"""Cryostats, their cool-downs, and the chips in them."""
