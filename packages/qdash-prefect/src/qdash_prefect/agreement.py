"""What Prefect should say of a flow run, by our record. Nothing is asked or told here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionStatus
from qdash_prefect.names import TAKEN_BY
from qdash_prefect.states import FINAL, GOES_ON, SUPERSEDED, State, state_of, superseded

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_prefect.client import Document

STARTS_WITHIN = timedelta(seconds=30)
"""So long Prefect's worker may take to start what it has taken, before it is offered again."""
STUCK_AFTER = timedelta(seconds=60)
"""So long a flow run whose worker is not known may be on its way."""

NOT_BEGUN = superseded(f"nothing was begun; {GOES_ON}")
NOT_RECORDED = superseded("its execution is not recorded any more")


def of_what_is_over(
    row: Document, execution: ExecutionModel, last: ExecutionModel, *, cancelled: bool
) -> State | None:
    """Return what to say of a flow run that nobody performs any more; None while the record does not know that yet.

    It is about the one stretch of the execution that this flow run brought: what went on later did so as another one.

    Parameters
    ----------
    last : ExecutionModel
        The last execution of its flow, where that has made several sessions.
    cancelled : bool
        Whether somebody has cancelled the flow run at Prefect.
    """
    if cancelled and last.status is ExecutionStatus.CANCELLED:
        return state_of(last)
    before = stretches_before(row)
    if before >= len(execution.attempts):
        if before or execution.status is ExecutionStatus.RUNNING:
            return NOT_BEGUN
        return state_of(execution)
    # Of the last stretch the end of the whole counts: further sessions, or a cancel while it waited to go on.
    ended = last if before + 1 == len(execution.attempts) else execution.attempts[before]
    return None if ended.status is ExecutionStatus.RUNNING else state_of(ended)


def of_what_goes_on(row: Document, execution: ExecutionModel, now: datetime) -> State | None:
    """Return what to say of a flow run that this worker performs; None: Prefect is right."""
    kind = row["state_type"]
    begun = execution.status is ExecutionStatus.RUNNING and len(execution.attempts) > stretches_before(row)
    cancelled = kind in ("CANCELLING", "CANCELLED") and row["state"]["name"] != SUPERSEDED
    if begun and kind != "RUNNING" and not cancelled:
        return State("RUNNING", "it is being performed")
    if kind == "PENDING" and now - _since(row) > STARTS_WITHIN:
        return State("SCHEDULED", "Prefect's worker took it and did not start it: it is offered again")
    return None


def of_what_was_asked(row: Document, living: set[str], now: datetime) -> State | None:
    """Return what to say of a flow run that somebody else made; None: Prefect is right, or its worker sees to it.

    Parameters
    ----------
    living : set of str
        The names of the workers that live.
    """
    kind, worker = row["state_type"], (row.get("labels") or {}).get("prefect.worker.name") or _taker(row)
    if worker in living or kind not in ("PENDING", "RUNNING"):
        return None
    if not worker and now - _since(row) <= STUCK_AFTER:
        return None
    return State("SCHEDULED", f"{worker or 'its worker'} is gone: another one takes it")


def of_cancelled_request(last: ExecutionModel) -> State | None:
    """Return what to say of a flow run that somebody made and cancelled, and whose worker is gone; None: it has not ended yet.

    Parameters
    ----------
    last : ExecutionModel
        The last execution of what it asked for.
    """
    if last.status.terminal:
        return state_of(last)
    if last.cancel_request is not None:
        return None
    return State("CANCELLED", "a person has resumed what it asked for since it was cancelled")


def agrees(row: Document, wanted: State) -> bool:
    """Whether Prefect says already what it should; of what never began any end is right."""
    if wanted in (NOT_BEGUN, NOT_RECORDED):
        return row["state_type"] in FINAL
    return bool(row["state_type"] == wanted.kind)


def stretches_before(row: Document) -> int:
    """Return how many stretches the execution had when the flow run was asked for, as its key says."""
    return int(row["idempotency_key"].rsplit("/", 2)[1])


def has_key(row: Document) -> bool:
    """Whether a flow run has a key as a worker of ours gives it."""
    parts = (row.get("idempotency_key") or "").rsplit("/", 2)
    return len(parts) == 3 and parts[1].isdecimal()


def _taker(row: Document) -> str:
    """Return the name of the worker that takes a pending flow run, which has no labels yet; empty: unknown."""
    message = row["state"]["message"] or ""
    return message.removeprefix(TAKEN_BY) if message.startswith(TAKEN_BY) else ""


def _since(row: Document) -> datetime:
    return datetime.fromisoformat(row["state"]["timestamp"]).astimezone(UTC)
