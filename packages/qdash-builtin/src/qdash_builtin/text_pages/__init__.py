"""Texts: pages of titled sections of lines and tables, their formats, and the texts that users write."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
