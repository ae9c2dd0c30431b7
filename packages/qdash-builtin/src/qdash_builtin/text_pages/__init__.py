"""Pages of text: titled sections of lines and tables, and their formats."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
