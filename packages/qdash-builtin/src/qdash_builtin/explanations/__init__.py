"""Explanations: the likely causes of failures, ranked by evidence, without a language model."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)
