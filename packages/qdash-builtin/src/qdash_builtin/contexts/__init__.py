"""Contexts: the data about a chip, a target or a result, for other programs."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
