"""Explanations: the likely causes of failures, ranked by evidence, without a language model."""
