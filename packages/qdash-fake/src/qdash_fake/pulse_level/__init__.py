"""Twin at the pulse level: the effect of any pulse program on the hidden chip, pulse by pulse."""
