"""Mapping from the record of an execution to the correct state of its flow run, without requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_prefect.states import FINAL, RESUME_REMARK, SUPERSEDED, State, make_superseded, map_to_state
from qdash_prefect.worker_names import TAKEN_BY

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_prefect.client import Document

STARTS_WITHIN = timedelta(seconds=30)
"""Time in which Prefect's worker has to start a flow run that it has taken; then it is scheduled again."""
STUCK_AFTER = timedelta(seconds=60)
"""Time that a flow run without a known worker may stay pending or running."""

NOT_BEGUN = make_superseded(f"nothing was started; {RESUME_REMARK}")
NOT_RECORDED = make_superseded("its execution is no longer recorded")


def map_ended(
    row: Document, execution: ExecutionModel, last: ExecutionModel, *, cancelled: bool
) -> State | None:
    """Return the state for a flow run that is no longer performed, or None until its end is recorded.

    The state is that of the one run attempt that this flow run started; a later resume has another flow run.

    `last` is the last execution of the flow, if it has made several; `cancelled` is that of the flow run in Prefect.
    """
    if cancelled and last.status is ExecutionStatus.CANCELLED:
        return map_to_state(last)
    before = count_earlier_attempts(row)
    if before >= len(execution.attempts):
        if before or execution.status is ExecutionStatus.RUNNING:
            return NOT_BEGUN
        return map_to_state(execution)
    # For the last run attempt the end of the whole flow counts: further executions, or a cancel
    # before a resume.
    ended = last if before + 1 == len(execution.attempts) else execution.attempts[before]
    return None if ended.status is ExecutionStatus.RUNNING else map_to_state(ended)


def map_ongoing(row: Document, execution: ExecutionModel, now: datetime) -> State | None:
    """Return the state for a flow run that this worker performs, or None if Prefect's is right."""
    kind = row["state_type"]
    begun = execution.status is ExecutionStatus.RUNNING and len(execution.attempts) > count_earlier_attempts(
        row
    )
    cancelled = kind in ("CANCELLING", "CANCELLED") and row["state"]["name"] != SUPERSEDED
    if begun and kind != "RUNNING" and not cancelled:
        return State("RUNNING", "the run is in progress")
    return map_taken(row, now)


def map_taken(row: Document, now: datetime) -> State | None:
    """Return the state for a flow run that Prefect's worker has taken, or None while it may still start it."""
    if row["state_type"] == "PENDING" and now - _get_state_time(row) > STARTS_WITHIN:
        return State("SCHEDULED", "Prefect's worker took the flow run and did not start it: scheduled again")
    return None


def map_external(row: Document, live: set[str], now: datetime) -> State | None:
    """Return the state for an external flow run, or None if it is right or its worker, named in `live`, is responsible."""
    kind, worker = row["state_type"], find_worker(row)
    if worker in live or kind not in ("PENDING", "RUNNING"):
        return None
    if not worker and now - _get_state_time(row) <= STUCK_AFTER:
        return None
    return State("SCHEDULED", f"{worker or 'its worker'} is dead: scheduled again for another worker")


def map_cancelled_request(last: ExecutionModel) -> State | None:
    """Return the state for a cancelled external flow run without a worker, or None if its `last` execution goes on."""
    if last.status.terminal:
        return map_to_state(last)
    if last.cancel_request is not None:
        return None
    return State("CANCELLED", "a user has resumed the run after the cancel")


def has_state(row: Document, wanted: State) -> bool:
    """Return whether a flow run has the wanted state; any final state is right if its run never began."""
    if wanted in (NOT_BEGUN, NOT_RECORDED):
        return row["state_type"] in FINAL
    return bool(row["state_type"] == wanted.kind)


def count_earlier_attempts(row: Document) -> int:
    """Return the number of run attempts before the request of a flow run, from its idempotency key."""
    return int(row["idempotency_key"].rsplit("/", 2)[1])


def has_key(row: Document) -> bool:
    """Return whether a flow run has an idempotency key made by a worker of QDash."""
    parts = (row.get("idempotency_key") or "").rsplit("/", 2)
    return len(parts) == 3 and parts[1].isdecimal()


def find_worker(row: Document) -> str:
    """Return the name of the worker that has taken an external flow run; empty if unknown.

    The message of the state counts before the label, which may be that of an earlier worker.
    """
    message = (row["state"] or {}).get("message") or ""
    if message.startswith(TAKEN_BY):
        return str(message.removeprefix(TAKEN_BY))
    return str((row.get("labels") or {}).get("prefect.worker.name", ""))


def _get_state_time(row: Document) -> datetime:
    return datetime.fromisoformat(row["state"]["timestamp"]).astimezone(UTC)
