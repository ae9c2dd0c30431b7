"""Digests of a chip since a point in time: runs, changes, failures and advice."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
