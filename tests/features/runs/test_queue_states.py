"""The queue under any interleaving of changes: no run is lost, and no two runs use one instrument at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_core import InvalidInputError, LockedError, NotFoundError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.repositories.queue import QueueRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, make_backend_by_chip, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.runs.queue import RunQueue

    from ...core.runs.conftest import MakeCrew
    from ...core.runs.crew import Crew

pytestmark = pytest.mark.every_store

EXAMPLES = {"memory": settings().max_examples // 6, "sqlite": settings().max_examples // 12, "mongodb": 2}
"""Number of random sequences tested on each store."""
CHIPS = (CHIP, "other")
FLOWS = st.sampled_from(["Measure", "Broken"])


class Queue(RuleBasedStateMachine):
    """Runs of two chips: submitted, moved, held, released, removed, claimed, ended, cancelled; workers and
    commands that die.
    """

    bench: Bench
    crew: Crew

    def __init__(self) -> None:
        super().__init__()
        self.worker = self.crew.register()
        self.submitted: list[str] = []
        self.promised: set[str] = set()
        """Submitted runs that have not ended since."""
        self.asked_to_end: set[str] = set()
        """Runs that a user has removed or cancelled, or whose command died."""
        self.running: dict[str, str] = {}
        """Run that measures each chip, according to processes that respect `waits_for`."""

    def teardown(self) -> None:
        for status in self.queue.view.list_entries():
            entry = status.entry
            self.bench.repositories.of(QueueRepository).remove(entry.project_id, entry.execution_id)
            self.bench.qdash.external_transitions.cancel_from_outside(PROJECT, entry.execution_id)
        self.crew.kill(self.worker)
        self.queue.sweep()

    @property
    def queue(self) -> RunQueue:
        return self.bench.qdash.get(RUNS).queue

    def select_run(self, number: int) -> str:
        """Return one of all submitted runs, not only of the queued ones."""
        return self.submitted[number % len(self.submitted)]

    # ------------------------------------------------------------------------------------------------------ what is done

    @rule(chip=st.sampled_from(CHIPS), flow=FLOWS, attended=st.booleans())
    def submit(self, chip: str, flow: str, attended: bool) -> None:
        waiter = self.crew.register("command") if attended else ""
        self.submitted.append(self.crew.submit(chip, flow=flow, waiter=waiter))
        self.promised.add(self.submitted[-1])

    def change(self, number: int, change: Callable[[str], object]) -> bool:
        """Change a run; return whether it existed."""
        run = self.select_run(number)
        entry = self.queue.view.find(PROJECT, run)
        try:
            change(run)
        except NotFoundError:
            assert entry is None
            return False
        except InvalidInputError:
            assert entry is not None
            assert entry.performer
            return False
        assert entry is not None
        assert not entry.performer
        return True

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20), first=st.booleans())
    def move(self, number: int, first: bool) -> None:
        if self.change(number, lambda run: self.bench.qdash.get(QUEUE).move(ADMIN, run, first=first)):
            order = [one.entry.execution_id for one in self.queue.view.list_entries()]
            assert order[0 if first else -1] == self.select_run(number)

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def hold(self, number: int) -> None:
        self.change(number, lambda run: self.bench.qdash.get(QUEUE).hold(access_of("bob"), run))

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def release(self, number: int) -> None:
        self.change(number, lambda run: self.bench.qdash.get(QUEUE).release(ADMIN, run))

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def remove(self, number: int) -> None:
        if self.change(number, lambda run: self.bench.qdash.get(QUEUE).remove(access_of("bob"), run)):
            self.asked_to_end.add(self.select_run(number))
            self.promised.discard(self.select_run(number))

    @rule()
    def begin(self) -> None:
        """Claim all runs that wait for nothing, as workers and commands do."""
        for status in self.queue.view.list_entries():
            if (
                status.state == "waiting"
                and self.queue.view.get_position(*status.entry.key).waits_for is None
            ):
                entry = status.entry
                assert self.queue.claim(entry, entry.waiter or self.worker)
                assert entry.chip_id not in self.running
                self.running[entry.chip_id] = entry.execution_id

    @precondition(lambda self: self.running)
    @rule(chip=st.sampled_from(CHIPS))
    def end(self, chip: str) -> None:
        """End a run normally."""
        run = self.running.pop(chip, None)
        if run is not None:
            ended = self.crew.perform(run)
            assert ended.status.terminal
            self.promised.discard(run)
            self.queue.conclude(PROJECT, run, died=False)
            assert self.queue.view.find(PROJECT, run) is None

    @precondition(lambda self: self.running)
    @rule(chip=st.sampled_from(CHIPS))
    def give_back(self, chip: str) -> None:
        run = self.running.pop(chip, None)
        if run is not None:
            self.queue.give_back_claim(PROJECT, run)

    @precondition(lambda self: self.running)
    @rule(begun=st.booleans())
    def die(self, begun: bool) -> None:
        """Kill the worker, with the processes of its runs."""
        for chip, run in [*self.running.items()]:
            if self.crew.get_entry(run).performer == self.worker:
                del self.running[chip]
                if begun:
                    self.crew.begin(run)
        self.crew.kill(self.worker)
        self.queue.sweep()
        self.worker = self.crew.register()

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def lose_who_waits(self, number: int) -> None:
        """Kill a command that waits for its run."""
        entry = self.queue.view.find(PROJECT, self.select_run(number))
        if entry is not None and entry.waiter:
            self.crew.kill(entry.waiter)
            self.queue.sweep()
            self.asked_to_end.add(entry.execution_id)
            self.promised.discard(entry.execution_id)
            self.running = {chip: run for chip, run in self.running.items() if run != entry.execution_id}

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def resume(self, number: int) -> None:
        run = self.select_run(number)
        entry, execution = self.queue.view.find(PROJECT, run), self.bench.get_execution(run)
        try:
            self.bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
        except InvalidInputError:
            done = execution.status in (ExecutionStatus.COMPLETED, ExecutionStatus.SCHEDULED)
            assert done or (entry is not None and not entry.held)
            return
        assert entry is None or entry.held
        self.asked_to_end.discard(run)
        self.promised.add(run)

    @precondition(lambda self: self.submitted)
    @rule(number=st.integers(0, 20))
    def claim_what_was_taken(self, number: int) -> None:
        """Try to claim a claimed run; its performer keeps it."""
        entry = self.queue.view.find(PROJECT, self.select_run(number))
        if entry is not None and (entry.performer or entry.held):
            assert not self.queue.claim(entry, "somebody else")

    # --------------------------------------------------------------------------------------------------- what always holds

    @invariant()
    def nothing_that_was_acknowledged_is_lost(self) -> None:
        """Assert that each run is in the queue, has ended by itself, or was asked to end."""
        waiting = {one.entry.execution_id for one in self.queue.view.list_entries()}
        assert self.promised <= waiting, "what was put into the queue stays until it has ended"
        for run in self.submitted:
            execution = self.bench.get_execution(run)
            if run not in waiting:
                assert execution.status.terminal, f"{run} is {execution.status}, and not in the queue"
                interrupted = execution.reason is EndReason.INTERRUPTED
                assert not interrupted or run in self.asked_to_end, f"{run} is forgotten"

    @invariant()
    def every_entry_has_an_execution_that_can_be_run(self) -> None:
        for status in self.queue.view.list_entries():
            execution = self.bench.get_execution(status.entry.execution_id)
            assert execution.status is not ExecutionStatus.COMPLETED
            assert status.entry.resume is (execution.status is not ExecutionStatus.SCHEDULED)
            if execution.reason is EndReason.CANCELLED:
                assert status.entry.execution_id not in self.asked_to_end

    @invariant()
    def no_two_runs_are_performed_with_one_instrument(self) -> None:
        performed = [one.entry for one in self.queue.view.list_entries() if one.state == "running"]
        assert len({one.instrument for one in performed}) == len(performed)
        assert {one.chip_id: one.execution_id for one in performed} == self.running

    @invariant()
    def whoever_waits_knows_for_what(self) -> None:
        """Assert that of each chip's runs that are queued, not held, and can be performed, one waits for
        nothing or for a run.
        """
        entries = self.queue.view.list_entries()
        for chip in CHIPS:
            waiting = [one for one in entries if one.entry.chip_id == chip and one.state == "waiting"]
            begins = [one for one in waiting if not one.waits_for]
            assert len(begins) == (1 if waiting and chip not in self.running else 0)
        assert all(one.waits_for for one in entries if one.state == "held")


@pytest.mark.hypothesis
def test_nothing_is_lost_in_whatever_order_the_queue_is_changed(make_crew: MakeCrew, store_url: str) -> None:
    broken = make_task("Broken", {}, measure=make_raising(OSError("cable")))
    bench, crew = make_crew(make_task(), broken, backends=[make_backend_by_chip()])
    bench.add_chip("other")
    machine = type("OneQueue", (Queue,), {"bench": bench, "crew": crew})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[store_url.partition(":")[0]],
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_lock_decides_where_two_do_not_wait(make_crew: MakeCrew) -> None:
    """A process that ignores the wait of a run is refused by the instrument lock."""
    bench, crew = make_crew(make_task())
    first, second, worker = crew.submit(), crew.submit(), crew.register()
    assert crew.claim(worker, first)
    assert crew.claim(worker, second)
    session = bench.start_session()
    for run in (first, second):
        with pytest.raises(LockedError):
            crew.perform(run)
    session.complete()
