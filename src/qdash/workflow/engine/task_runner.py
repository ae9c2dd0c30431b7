"""Calibration tasks as task runs in Prefect; they need `qdash[prefect]`.

A worker reports them with `QDASH_PREFECT_TASK_RUNNER=true`; a flow does not wrap its tasks.
"""

from typing import Any

from qdash.optional_names import import_on_use

__all__ = ["TaskRuns"]

TaskRuns: Any

__getattr__ = import_on_use(__name__, __all__, "qdash_prefect.task_runs", "prefect")
