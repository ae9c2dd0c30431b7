"""Check of the metrics file of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.hooks.health_checks import HealthCheck

if TYPE_CHECKING:
    from qdash_core.hooks.health_checks import Examination


def check_metrics_file(home: Examination) -> str | None:
    """Read the file, if one is set, and count the metrics."""
    path = home.settings.metrics_file
    if path is None:
        return None
    from qdash_builtin.metrics.definition_file import (
        read_metrics_file,  # YAML is needed for a laboratory's file only
    )

    file = read_metrics_file(path)
    return f"{path} and what is built in: {len(file.qubit_metrics) + len(file.coupling_metrics)} metrics"


CHECK = HealthCheck(
    "metrics",
    check_metrics_file,
    "correct the file that QDASH_METRICS_FILE names",
    needs_store=False,
    place=70,
)
