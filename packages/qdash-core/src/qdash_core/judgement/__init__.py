"""Judgement of the values and targets of a chip, and the definitions of metrics that it follows."""
