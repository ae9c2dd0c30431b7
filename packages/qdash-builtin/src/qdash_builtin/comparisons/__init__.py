"""Comparisons of a chip between two points in time, or of two chips: changed values, statuses and directions, and shared causes."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
