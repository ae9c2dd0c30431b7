"""Contexts: the data about a chip, a target or a result, for other programs."""
