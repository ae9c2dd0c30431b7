"""Texts: pages of titled sections in all formats, tables as CSV, and the texts that users write."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
