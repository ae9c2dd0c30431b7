"""Cryostats, their cool-downs, and the chips in them."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
