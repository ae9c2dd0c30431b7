"""Files below configured roots, and files of executions: browsed, previewed, edited, with history."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
