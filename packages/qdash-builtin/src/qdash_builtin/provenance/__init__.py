"""Provenance of values: their origins and uses."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
