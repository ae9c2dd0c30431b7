"""Cancels in Prefect that are missing from the record because the responsible worker died."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qdash_core.errors import IllegalTransitionError, NotFoundError
from qdash_core.flows.cancellation import EXECUTION_LABEL, PREFECT_USER, PROJECT_LABEL
from qdash_core.models.execution import ExecutionStatus
from qdash_core.runs.cancellation import request_cancel
from qdash_prefect import state_mapping
from qdash_prefect.states import FINAL, SUPERSEDED, is_cancelled

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient

logger = logging.getLogger(__name__)


class PrefectCancels:
    """Recorder of cancels in Prefect, so that no worker resumes a cancelled execution."""

    def __init__(self, client: PrefectClient, pool: str, runtime: Runtime) -> None:
        self._client, self._pool, self._runtime = client, pool, runtime
        self._overwritten: dict[str, bool] = {}
        """True, by id of a state, if a user had cancelled the flow run before that state."""

    def was_cancelled(self, row: Document) -> bool:
        """Return whether a user cancelled a flow run, even if it then crashed or was superseded.

        Raises PrefectUnavailableError if the server is unavailable.
        """
        state = row["state"] or {}
        if row["state_type"] != "CRASHED" and state.get("name") != SUPERSEDED:
            return is_cancelled(state)
        state_id = row["state_id"]
        if state_id not in self._overwritten:
            states: list[dict[str, Any]] = self._client.get(f"/flow_run_states/?flow_run_id={row['id']}")
            self._overwritten[state_id] = any(is_cancelled(one) for one in states)
        return self._overwritten[state_id]

    def record(self, row: Document, execution: ExecutionModel) -> bool:
        """Record the cancel of a flow run if the record lacks it; return whether a cancel was recorded.

        The execution is the one that the flow run performs or has submitted. Raises PrefectUnavailableError if the
        server is unavailable.
        """
        last = self._runtime.record.get_last_of_flow(execution)
        if not _may_be_unrecorded(row, last) or not self.was_cancelled(row):
            return False
        try:
            request_cancel(self._runtime, last.project_id, last.execution_id, PREFECT_USER)
        except IllegalTransitionError:  # it has ended
            return False
        logger.info(
            "execution %s cancelled: flow run %s was cancelled in Prefect", last.execution_id, row["id"]
        )
        return True

    def record_for(self, execution: ExecutionModel) -> bool:
        """Record the cancel of any flow run of an execution; return whether there was one.

        The latest flow run is ended first: Prefect then refuses to cancel it, so that no cancel is missed
        while another flow run performs the execution.

        Raises PrefectUnavailableError if the server is unavailable.
        """
        with suppress(NotFoundError):  # a user has deleted it
            if self.record(self._end_latest_flow_run(execution), execution):
                return True
        return any(self.record(row, execution) for row in self._find_cancelling(execution))

    def _end_latest_flow_run(self, execution: ExecutionModel) -> Document:
        """Return the latest flow run of an execution; end it if it has not ended."""
        path = f"/flow_runs/{execution.brought_as}"
        row: Document = self._client.get(path)
        if row["state_type"] not in FINAL:
            last = self._runtime.record.get_last_of_flow(execution)
            state = state_mapping.map_ended(row, execution, last, cancelled=False) or state_mapping.NOT_BEGUN
            self._client.post(f"{path}/set_state", {"state": state.to_document()})
            row = self._client.get(path)
        return row

    def _find_cancelling(self, execution: ExecutionModel) -> list[Document]:
        """Return the flow runs of an execution that are being cancelled."""
        cancelling = {
            "work_pools": {"name": {"any_": [self._pool]}},
            "flow_runs": {"state": {"type": {"any_": ["CANCELLING"]}}},
        }
        labels = {PROJECT_LABEL: execution.project_id, EXECUTION_LABEL: execution.execution_id}
        rows = self._client.list_rows("/flow_runs/filter", cancelling)
        return [row for row in rows if labels.items() <= (row.get("labels") or {}).items()]


def _may_be_unrecorded(row: Document, execution: ExecutionModel) -> bool:
    """Return whether a cancel may be missing: neither recorded, nor followed by a user's resume."""
    if execution.is_cancel_in_force or execution.status is ExecutionStatus.COMPLETED:
        return False
    requests = [execution.resume_request, *(attempt.resume_request for attempt in execution.attempts)]
    resumed = [one.requested_at for one in requests if one is not None]
    created = datetime.fromisoformat(row["created"]).astimezone(UTC)
    return not resumed or max(resumed) < created
