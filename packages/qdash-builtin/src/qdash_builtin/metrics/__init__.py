"""Metrics of chips: values in use, recorded values, history and summaries."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
