"""Import and export of files."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
