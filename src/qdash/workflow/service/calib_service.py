"""CalibService under the names by which flows of the original system call it, and how a flow is cancelled."""

from __future__ import annotations

from qdash_core.flows import service
from qdash_core.flows.prefect import (
    adopt_flow_run_id,
    cancel_by_flow_run_id,
    is_cancellation,
    on_flow_cancellation,
)

__all__ = ["CalibService", "_is_cancellation", "on_flow_cancellation"]

_is_cancellation = is_cancellation
"""The name under which flows import it."""


class CalibService(service.CalibService):
    """A calibration in a few lines, with the methods that flows of the original system call."""

    _is_cancellation = staticmethod(is_cancellation)
    _store_flow_run_id = staticmethod(adopt_flow_run_id)

    def _finalize_tasks_on_cancel(self) -> None:
        """Record every task that has not ended as cancelled. The execution goes on to its own end."""
        if self._orchestrator is not None:
            self._orchestrator.request_cancel()
            self._orchestrator.end_unfinished("cancelled")

    def _cancel_executions_by_flow_run_id(self, flow_run_id: str) -> None:
        """End what a run of a flow left running as cancelled, from outside."""
        cancel_by_flow_run_id(self._open_runtime(), flow_run_id, self._config.project_id)
        self._close_unless_begun()
