"""Cancels made at Prefect and missing from the record because the worker that would have recorded them died."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qdash_core.errors import IllegalTransitionError, NotFoundError
from qdash_core.flows.prefect import EXECUTION_LABEL, PREFECT_USER, PROJECT_LABEL
from qdash_core.models.execution import ExecutionStatus
from qdash_core.runs.cancelling import ask_to_cancel
from qdash_prefect import agreement
from qdash_prefect.states import FINAL, SUPERSEDED, is_cancelled

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient

logger = logging.getLogger(__name__)


class PrefectCancels:
    """Records cancels that somebody made at Prefect, so that no worker resumes what was cancelled.

    Parameters
    ----------
    client : PrefectClient
        Of the server.
    pool : str
        Name of the work pool.
    runtime : Runtime
        Open.
    """

    def __init__(self, client: PrefectClient, pool: str, runtime: Runtime) -> None:
        self._client, self._pool, self._runtime = client, pool, runtime
        self._overwritten: dict[str, bool] = {}
        """By id of a state that may have followed a cancel, whether somebody had cancelled the flow run before."""

    def was_cancelled(self, row: Document) -> bool:
        """Return whether a user cancelled a flow run, even if it crashed or was superseded before the cancel took effect.

        Raises
        ------
        PrefectAwayError
            If the server is away.
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

        Parameters
        ----------
        execution : ExecutionModel
            Execution that the flow run performs or has requested.

        Raises
        ------
        PrefectAwayError
            If the server is away.
        """
        last = self._runtime.record.last_of_flow(execution)
        if not _may_be_unrecorded(row, last) or not self.was_cancelled(row):
            return False
        try:
            ask_to_cancel(self._runtime, last.project_id, last.execution_id, PREFECT_USER)
        except IllegalTransitionError:  # it has ended
            return False
        logger.info("execution %s is cancelled, as flow run %s was", last.execution_id, row["id"])
        return True

    def record_for(self, execution: ExecutionModel) -> bool:
        """Record the cancel of any flow run that has brought or asked for an execution; return whether there was one.

        The flow run that brought it last is ended first: Prefect refuses to cancel it from then on, so that no cancel
        comes unseen while another flow run performs the execution.

        Raises
        ------
        PrefectAwayError
            If the server is away.
        """
        with suppress(NotFoundError):  # somebody has deleted it
            if self.record(self._ended_last(execution), execution):
                return True
        return any(self.record(row, execution) for row in self._cancelling(execution))

    def _ended_last(self, execution: ExecutionModel) -> Document:
        """Return the flow run that has brought an execution last, and end it if it has not ended."""
        path = f"/flow_runs/{execution.brought_as}"
        row: Document = self._client.get(path)
        if row["state_type"] not in FINAL:
            last = self._runtime.record.last_of_flow(execution)
            state = agreement.of_what_is_over(row, execution, last, cancelled=False) or agreement.NOT_BEGUN
            self._client.post(f"{path}/set_state", {"state": state.document()})
            row = self._client.get(path)
        return row

    def _cancelling(self, execution: ExecutionModel) -> list[Document]:
        """Return the flow runs that are being cancelled and are for an execution."""
        cancelling = {
            "work_pools": {"name": {"any_": [self._pool]}},
            "flow_runs": {"state": {"type": {"any_": ["CANCELLING"]}}},
        }
        labels = {PROJECT_LABEL: execution.project_id, EXECUTION_LABEL: execution.execution_id}
        rows = self._client.every("/flow_runs/filter", cancelling)
        return [row for row in rows if labels.items() <= (row.get("labels") or {}).items()]


def _may_be_unrecorded(row: Document, execution: ExecutionModel) -> bool:
    """Return whether a cancel of a flow run would be news: not after a person's resume, which came as another flow run."""
    if execution.cancel_stands or execution.status is ExecutionStatus.COMPLETED:
        return False
    requests = [execution.resume_request, *(attempt.resume_request for attempt in execution.attempts)]
    resumed = [one.requested_at for one in requests if one is not None]
    created = datetime.fromisoformat(row["created"]).astimezone(UTC)
    return not resumed or max(resumed) < created
