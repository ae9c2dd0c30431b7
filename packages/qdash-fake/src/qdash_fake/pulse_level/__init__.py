"""A twin that plays pulses: what any program of pulses does to the hidden chip, worked out pulse by pulse."""
