"""Metrics for use while the file of a laboratory is invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.judgement.metrics_file import load_builtin

if TYPE_CHECKING:
    from qdash_core.judgement.definitions import (
        MetricsFile,
    )


def load_builtin_without_limits() -> MetricsFile:
    """Return the built-in metrics file without age limits and specification, for use while a laboratory's file is invalid."""
    builtin = load_builtin()
    kinds = {
        kind: {
            name: one.model_copy(update={"age_limit": None, "threshold": None}) for name, one in of.items()
        }
        for kind, of in (
            ("qubit_metrics", builtin.qubit_metrics),
            ("coupling_metrics", builtin.coupling_metrics),
        )
    }
    return builtin.model_copy(update=kinds)
