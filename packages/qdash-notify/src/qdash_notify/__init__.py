"""Notifications about runs: notices, built-in notifiers and delivery in the background."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
