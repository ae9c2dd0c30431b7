"""Judgement of the values and targets of a chip: trust, marks and fitness."""
