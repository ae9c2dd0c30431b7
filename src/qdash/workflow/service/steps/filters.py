"""Filters of qubits under the import path of the original."""

from qdash_core.flows.steps import FilterByMetric, FilterByStatus

__all__ = ["FilterByMetric", "FilterByStatus"]
