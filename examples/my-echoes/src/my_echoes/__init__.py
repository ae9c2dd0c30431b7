"""A measurement and a task of a plugin, for every laboratory that plays pulses."""
