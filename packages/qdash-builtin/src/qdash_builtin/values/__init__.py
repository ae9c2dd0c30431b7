"""Values of chips, and every change that runs and users make to them."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
