"""Health checks of a home, its store and its raw data, with advice for repairs."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
