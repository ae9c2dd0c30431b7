"""Simultaneous observation of one run in the record and in Prefect, and the time for which they disagree."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from faults.laboratory import PROJECT
from qdash_builtin.runs.feature import RUNS
from qdash_core.errors import QDashError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.repositories.queue import PresenceRepository
from qdash_prefect.client import PrefectClient

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.models.execution import ExecutionModel, RunAttempt
    from qdash_core.runtime.application import QDash
    from qdash_prefect.settings import PrefectSettings

_EVERY_S = 0.2
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Sample:
    """Execution and flow runs at one moment; None if the store or the server was unavailable."""

    at: float
    execution: ExecutionModel | None
    rows: list[dict[str, Any]] | None

    @property
    def agree(self) -> bool | None:
        """True if both report the same state of every flow run; None if one of them is unavailable."""
        if self.execution is None or self.rows is None:
            return None
        return not any(_differs(row, self.execution, self.rows) for row in self.rows)


@dataclass
class Watch:
    """Thread that samples one execution in the record and in Prefect. A context manager; thread-safe.

    Parameters
    ----------
    qdash : QDash
        An open QDash.
    settings : PrefectSettings
        Settings of the client of the server.
    execution_id : str
        The observed execution.
    """

    qdash: QDash
    settings: PrefectSettings
    execution_id: str
    samples: list[Sample] = field(default_factory=list)
    _workers: set[str] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def last(self) -> Sample:
        """The newest sample."""
        return self.samples[-1] if self.samples else Sample(0.0, None, None)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Flow runs last reported by Prefect, oldest first."""
        return next((one.rows for one in reversed(self.samples) if one.rows is not None), [])

    def over(self) -> bool:
        """Return whether the execution has left the queue, and both report the same state."""
        execution, agree = self.last.execution, self.last.agree
        left = execution is not None and execution.status.terminal and agree
        return bool(left) and self.qdash.get(RUNS).queue.view.find(PROJECT, self.execution_id) is None

    def disagreed_s(self, since: float) -> float:
        """Return the longest time, in s, for which both were available and disagreed."""
        longest, began = 0.0, None
        for sample in self.samples:
            if sample.at < since:
                continue
            if sample.agree is False:
                began = sample.at if began is None else began
                longest = max(longest, sample.at - began)
            else:
                began = None
        return longest

    def first(self, since: float, happened: Any) -> float | None:
        """Return the delay, in s, until the record first meets a condition after a moment, or None if it
        never does.
        """
        for sample in self.samples:
            if sample.at >= since and sample.execution is not None and happened(sample.execution):
                return sample.at - since
        return None

    def _sample(self) -> None:
        with PrefectClient(self.settings) as client:
            while not self._over.wait(_EVERY_S):
                at, execution, rows = time.time(), None, None
                with suppress(QDashError):
                    presences = self.qdash.repositories.of(PresenceRepository).list_all()
                    self._workers.update(one.owner for one in presences)
                    execution = self.qdash.record.find(PROJECT, self.execution_id)
                with suppress(QDashError):
                    rows = self._rows(client)
                self.samples.append(Sample(at, execution, rows))

    def _rows(self, client: PrefectClient) -> list[dict[str, Any]]:
        rows = client.list_rows("/flow_runs/filter", {"flow_runs": {"name": {"like_": self.execution_id}}})
        # Other homes on the server may have executions of this number, too.
        mine = [row for row in rows if self._performs(row["labels"] or {})]
        return sorted(mine, key=lambda row: str(row["created"]))

    def _performs(self, labels: dict[str, Any]) -> bool:
        return (
            labels.get("qdash.execution") == self.execution_id and labels.get("qdash.worker") in self._workers
        )


def _differs(row: dict[str, Any], execution: ExecutionModel, rows: list[dict[str, Any]]) -> bool:
    """Return whether the state of a flow run in Prefect contradicts the run attempt that it started."""
    index = _attempt_index(row)
    overtaken = any(_attempt_index(one) == index and one["created"] > row["created"] for one in rows)
    if overtaken or index >= len(execution.attempts):
        waits = not overtaken and execution.status in (ExecutionStatus.SCHEDULED, ExecutionStatus.FAILED)
        return not waits and row["state_type"] not in ENDED
    run_attempt = execution.attempts[index]
    if run_attempt.reason is EndReason.INTERRUPTED and execution.status is ExecutionStatus.CANCELLED:
        return row["state_type"] not in ("CRASHED", "CANCELLED")  # cancelled before or after the process died
    return row["state_type"] not in _expected(run_attempt)


def _attempt_index(row: dict[str, Any]) -> int:
    return int(row["idempotency_key"].rsplit("/", 2)[1])


def _expected(run_attempt: RunAttempt) -> tuple[str, ...]:
    match run_attempt.status:
        case ExecutionStatus.RUNNING:
            return ("RUNNING", "CANCELLING")
        case ExecutionStatus.FAILED if run_attempt.reason is EndReason.INTERRUPTED:
            return ("CRASHED",)
        case status:
            return (status.upper(),)
