"""Cancellation in Prefect: it prevails, even if the worker dies before it is recorded."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from qdash_builtin.runs.feature import RUNS
from qdash_core import IllegalTransitionError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.process.clock import utc_now
from qdash_core.runs.worker_context import WorkerContext
from qdash_prefect.cancels import PrefectCancels
from qdash_prefect.client import PrefectClient
from qdash_prefect.reconciler import Reconciler
from qdash_prefect.settings import PrefectSettings

from ..core.bench import PROJECT
from ..core.runs.cancel_machine import NUMBERS, Cancel, CancelledRuns, try_orders
from .fake_pool import NOW, FakePrefect, online, state_of_row

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.execution import ExecutionModel
    from qdash_prefect.client import Document


class RunsAtPrefect(CancelledRuns):
    """The same runs, each started by a flow run, which can be cancelled in Prefect and is reconciled by the
    live workers.
    """

    commands = False

    def __init__(self) -> None:
        super().__init__()
        self.prefect = FakePrefect(workers=[])
        self.client = PrefectClient(PrefectSettings(), transport=httpx.MockTransport(self.prefect.answer))
        self.cancels_there = PrefectCancels(self.client, "qdash", self.bench.qdash)
        self.unheard: dict[str, int] = {}
        """Runs cancelled in Prefect while their worker died, with the number of their attempts."""
        self.brought: dict[str, Document] = {}
        """Flow run of each claimed or running run."""

    def was_claimed(self, execution: ExecutionModel, performer: str) -> None:
        """Request a flow run, as `FlowRuns.start_flow_run` does."""
        run = execution.execution_id
        if execution.brought_as and self.cancels_there.record_for(execution):
            del self.claimed[run]
            self.conclude(run, performer)
            return
        now = (utc_now() - NOW).total_seconds()
        row = self.prefect.flow_run(
            "PENDING",
            performer,
            before=len(execution.attempts),
            execution_id=run,
            created=now,
            age_s=-now,
        )
        self.bench.qdash.external_transitions.record_flow_run_id(PROJECT, run, row["id"])
        self.brought[run] = row

    def was_begun(self, run: str) -> None:
        if run in self.brought:
            self.brought[run].update(state_of_row("RUNNING", "", utc_now()))

    def was_concluded(self, run: str) -> None:
        """Report the end of a flow run to Prefect."""
        row = self.brought.pop(run, None)
        if row is not None:
            cancelled = self.bench.get_execution(run).status is ExecutionStatus.CANCELLED
            row.update(state_of_row("CANCELLED" if cancelled else "COMPLETED", "told", utc_now()))

    def kill(self, performer: str) -> None:
        super().kill(performer)
        self.brought = {run: row for run, row in self.brought.items() if _owner(row) != performer}

    @precondition(lambda self: self.brought)
    @rule(number=NUMBERS, heard=st.booleans(), crashed=st.booleans())
    def cancel_at_prefect(self, number: int, heard: bool, crashed: bool) -> None:
        """Cancel a flow run; its worker records that or dies before, and Prefect may notice that first."""
        run = [*self.brought][number % len(self.brought)]
        row, execution = self.brought[run], self.bench.get_execution(run)
        row.update(state_of_row("CANCELLING", "", utc_now()))
        if heard:
            try:
                self.bench.qdash.external_transitions.request_cancel(PROJECT, run, "prefect")
            except IllegalTransitionError:
                assert execution.status.terminal
                return
            self.check_acknowledged(run)
            return
        self.kill(_owner(row))
        if crashed:
            self.prefect.histories[row["id"]] = [{"type": "CANCELLING", "name": "Cancelling"}]
            row.update(state_of_row("CRASHED", "", utc_now()))
        if run not in self.cancels and self.get_entry(run) is not None and not self.is_over(run):
            self.unheard[run] = len(execution.attempts)

    def was_resumed(self, run: str) -> None:
        self.unheard.pop(run, None)
        self.brought.pop(run, None)  # earlier flow runs do not cancel a run that a user has resumed since

    @rule()
    def reconcile(self) -> None:
        """Reconcile Prefect and the record twice in every worker."""
        self.prefect.workers = [online(one) for one in self.workers]
        for owner in self.workers:
            reconciler = self.reconciler_of(owner)
            for _ in range(2):
                reconciler.reconcile()
        self.unheard_cancels_win()
        for run, attempts in self.unheard.items():
            assert self.bench.get_execution(run).is_cancel_in_force, f"the cancel of {run} at Prefect is lost"
            running = self.bench.get_execution(run).status is ExecutionStatus.RUNNING
            self.cancels[run] = Cancel(attempts, running)
        self.unheard = {}

    def reconciler_of(self, owner: str) -> Reconciler:
        qdash = self.bench.qdash
        work = WorkerContext(
            qdash, qdash.get(RUNS), owner, threading.Event(), lambda _line: None, lambda: None
        )
        active = {row["id"] for row in self.brought.values() if _owner(row) == owner}
        return Reconciler(self.client, PrefectSettings(), work, active=lambda: active)

    @invariant()
    def unheard_cancels_win(self) -> None:
        for run, attempts in self.unheard.items():
            begun = len(self.bench.get_execution(run).attempts)
            assert begun == attempts, f"{run} was cancelled at Prefect, and resumed"

    def has_settled(self) -> None:
        for run in self.unheard:
            assert self.bench.get_execution(run).status is ExecutionStatus.CANCELLED


def _owner(row: Document) -> str:
    return str(row["labels"]["qdash.worker"])


@pytest.mark.hypothesis
@pytest.mark.parametrize("examples", [4, pytest.param(200, marks=pytest.mark.release)])
def test_no_order_of_events_loses_a_cancel_in_prefect(tmp_path: Path, examples: int) -> None:
    try_orders(RunsAtPrefect, tmp_path, examples=examples)
