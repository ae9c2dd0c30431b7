"""Feature of plugins: their list, templates for new ones, and checks."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
