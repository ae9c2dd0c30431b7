"""Entities: records of a project that are declared once, for store, service, routes, commands and dashboard."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
