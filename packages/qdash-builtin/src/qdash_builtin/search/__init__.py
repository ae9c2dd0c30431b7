"""Search of records, pages and commands by words."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
