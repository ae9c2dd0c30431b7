"""CalibService with the method names of flows of the original system, and cancellation of a flow."""

from __future__ import annotations

from qdash_core.flows import service
from qdash_core.flows.prefect import cancel_by_flow_run_id, is_cancellation, on_flow_cancellation
from qdash_core.session.calling_flow_runs import adopt_flow_run_id

__all__ = ["CalibService", "_is_cancellation", "on_flow_cancellation"]

_is_cancellation = is_cancellation
"""The name under which flows import it."""


class CalibService(service.CalibService):
    """Calibration session with the methods that flows of the original system call."""

    _is_cancellation = staticmethod(is_cancellation)
    _store_flow_run_id = staticmethod(adopt_flow_run_id)

    def _finalize_tasks_on_cancel(self) -> None:
        """Record every unfinished task as cancelled; the execution continues to its end."""
        if self._orchestrator is not None:
            self._orchestrator.request_cancel()
            self._orchestrator.end_unfinished("cancelled")

    def _cancel_executions_by_flow_run_id(self, flow_run_id: str) -> None:
        """Cancel the executions of a flow run from another process."""
        cancel_by_flow_run_id(self._open_runtime(), flow_run_id, self._config.project_id)
        self._close_unless_begun()
