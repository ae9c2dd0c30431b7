"""Plugins: what is installed, new ones, and their checks."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
