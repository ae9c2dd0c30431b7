"""Endpoint with scripted answers, for tests and for trying the assistant without a model."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
