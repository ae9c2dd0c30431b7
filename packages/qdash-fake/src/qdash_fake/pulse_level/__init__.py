"""Twin at the level of pulses: the effect of any pulse program on the hidden chip, computed pulse by pulse."""
