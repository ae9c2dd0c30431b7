"""A twin that solves what is played: pulse programs on the hidden truth, pulse by pulse."""
