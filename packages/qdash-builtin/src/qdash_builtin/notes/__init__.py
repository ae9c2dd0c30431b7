"""Notes by users, and the log of their edits."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
