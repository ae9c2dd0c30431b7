"""State machine of runs that are cancelled while their processes die, are resumed, and lose their locks.

Processes are sessions in this process: they die as `Bench.abandon` leaves them, workers as `Crew.dies` does. In
tests/prefect, `RunsAtPrefect` adds how Prefect takes part.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qdash_builtin.runs.feature import LOCK_RELEASE, QUEUE, RUNS
from qdash_core import IllegalTransitionError, InvalidInputError, LockedError, NotFoundError, QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import CHIP, PROJECT, Bench, make_backend_by_chip, make_raising, make_task
from .crew import Crew

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.runs.queue import RunQueue
    from qdash_core import CalibOrchestrator
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel


CHIPS = (CHIP, "other")
FLOWS = st.sampled_from(["Measure", "Broken"])
NUMBERS = st.integers(0, 3)
_SETTLED_WITHIN = 30
"""Number of runs that may start before nothing is left to do."""


@dataclass
class Process:
    """A process that performs a run."""

    session: CalibOrchestrator
    performer: str


@dataclass
class Cancel:
    """An acknowledged cancellation, and the number of the execution's attempts at that time."""

    attempts: int
    running: bool


class CancelledRuns(RuleBasedStateMachine):
    """Runs of two chips: submitted, started, cancelled, killed, resumed by workers and by users, moved, held
    and removed.
    """

    bench: Bench
    crew: Crew
    commands = True
    """True if commands wait for their runs, False if workers perform all runs."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []
        self.workers = [self.crew.register(), self.crew.register()]
        self.claimed: dict[str, tuple[str, ExecutionModel]] = {}
        """Claimed runs that have not started since: the process that claimed each, and its execution at that
        time.
        """
        self.processes: dict[str, Process] = {}
        self.cancels: dict[str, Cancel] = {}
        """Acknowledged cancellations that no user has overridden since."""

    def teardown(self) -> None:
        self.settle()

    @property
    def queue(self) -> RunQueue:
        return self.bench.qdash.get(RUNS).queue

    def select_run(self, number: int) -> str:
        return self.submitted[number % len(self.submitted)]

    def get_entry(self, run: str) -> QueueEntryModel | None:
        return self.queue.view.find(PROJECT, run)

    # ---------------------------------------------------------------------------------------------------- asked and begun

    @rule(chip=st.sampled_from(CHIPS), flow=FLOWS, attended=st.booleans())
    def submit(self, chip: str, flow: str, attended: bool) -> None:
        waiter = self.crew.register("command") if attended and self.commands else ""
        self.submitted.append(self.crew.submit(chip, flow=flow, waiter=waiter))

    @rule(worker=st.integers(0, 1))
    def look(self, worker: int) -> None:
        """Claim all runs that may start, as a worker or a waiting command."""
        self.queue.sweep()
        for status in self.queue.view.list_entries():
            if status.state == "waiting" and not status.waits_for:
                performer = status.entry.waiter or self.workers[worker]
                execution = self.bench.get_execution(status.entry.execution_id)
                if self.queue.claim(status.entry, performer):
                    self.claimed[execution.execution_id] = performer, execution
                    self.was_claimed(execution, performer)

    @precondition(lambda self: self.claimed)
    @rule(number=NUMBERS)
    def begin(self, number: int) -> None:
        """Start a run in its process, and measure a task."""
        run = [*self.claimed][number % len(self.claimed)]
        performer, execution = self.claimed.pop(run)
        begins = execution.status is ExecutionStatus.SCHEDULED
        identity = RunningFlow(
            execution.flow_run_id or "",
            resumed=None if begins else run,
            scheduled=run if begins else None,
            request=execution.request,
        )
        try:
            with set_current_flow(identity):
                session = self.bench.start_session(chip_id=execution.chip_id, name=execution.name)
        except (QDashError, KeyboardInterrupt) as error:
            self.conclude(run, performer, refusal=str(error))
            return
        self.processes[run] = Process(session, performer)
        self.was_begun(run)
        with suppress(LockedError, KeyboardInterrupt):
            session.run_task(execution.name, "0")

    @precondition(lambda self: self.claimed)
    @rule(number=NUMBERS)
    def perform(self, number: int) -> None:
        """Perform a run from start to end."""
        run = [*self.claimed][number % len(self.claimed)]
        performer, _ = self.claimed.pop(run)
        refusal = ""
        try:
            self.crew.perform(run)
        except (QDashError, KeyboardInterrupt) as error:
            refusal = str(error)
        self.conclude(run, performer, refusal=refusal)

    def conclude(self, run: str, performer: str, *, died: bool = False, refusal: str = "") -> None:
        """End a run as a worker or a command does."""
        entry = self.get_entry(run)
        if entry is not None and entry.performer == performer:
            self.queue.conclude(PROJECT, run, died=died, refusal=refusal)
        self.was_concluded(run)

    @precondition(lambda self: self.processes)
    @rule(number=NUMBERS, how=st.sampled_from(["complete", "fail", "cancel"]))
    def end(self, number: int, how: str) -> None:
        run = [*self.processes][number % len(self.processes)]
        process = self.processes.pop(run)
        getattr(process.session, how)(*([""] if how == "fail" else []))
        self.conclude(run, process.performer)

    # ------------------------------------------------------------------------------------------------------------- deaths

    @precondition(lambda self: self.processes)
    @rule(number=NUMBERS, worker_too=st.booleans())
    def die(self, number: int, worker_too: bool) -> None:
        """Kill the process of a run, and optionally its worker or command with all children."""
        run = [*self.processes][number % len(self.processes)]
        process = self.processes[run]
        if worker_too:
            self.kill(process.performer)
        else:
            self.abandon(run)
            self.bench.qdash.external_transitions.end_interrupted(PROJECT)
            self.conclude(run, process.performer, died=True)

    @precondition(lambda self: self.claimed)
    @rule(number=NUMBERS)
    def die_before_it_begins(self, number: int) -> None:
        """Kill the worker or command that has claimed a run."""
        run = [*self.claimed][number % len(self.claimed)]
        self.kill(self.claimed[run][0])

    def kill(self, performer: str) -> None:
        for run in [run for run, process in self.processes.items() if process.performer == performer]:
            self.abandon(run)
        for run in [run for run, (who, _) in self.claimed.items() if who == performer]:
            del self.claimed[run]
        self.crew.kill(performer)
        if performer in self.workers:
            self.workers[self.workers.index(performer)] = self.crew.register()

    def kill_all(self) -> None:
        """Kill all processes, and let their locks expire."""
        while self.processes:
            self.kill(next(iter(self.processes.values())).performer)
        while self.claimed:
            self.kill(next(iter(self.claimed.values()))[0])
        for lock in self.bench.repositories.of(ExecutionLockRepository).list_all():
            self.bench.repositories.of(ExecutionLockRepository).remove(lock.hold)
        for status in self.queue.view.list_entries():
            if status.entry.waiter:
                self.crew.kill(status.entry.waiter)

    def abandon(self, run: str) -> None:
        """Leave the process of a run dead; one that has lost its lock has ended already."""
        session = self.processes.pop(run).session
        if self.bench.repositories.of(ExecutionLockRepository).get_held_by(session.execution.hold) is None:
            session.fail("its lock is lost")
        else:
            self.bench.abandon(session)

    @precondition(lambda self: self.processes)
    @rule(number=NUMBERS)
    def go_to_another_host(self, number: int) -> None:
        """Mark the holder of a run's lock as being on another host: until the lock expires its state is
        unknown.
        """
        run = [*self.processes][number % len(self.processes)]
        locks = self.bench.repositories.of(ExecutionLockRepository)
        lock = locks.get_held_by(self.processes[run].session.execution.hold)
        if lock is not None:
            locks.put(lock.model_copy(update={"host": "elsewhere"}))

    @rule(chip=st.sampled_from(CHIPS))
    def release_lock(self, chip: str) -> None:
        """Take a lock away by force: its run may not write any more."""
        self.bench.qdash.get(LOCK_RELEASE).release(ADMIN, chip, force=True)

    @rule()
    def sweep(self) -> None:
        """End dead runs, as at the start of a run or a query of the queue."""
        self.bench.qdash.external_transitions.end_interrupted(PROJECT)
        self.queue.sweep()

    # ------------------------------------------------------------------------------------------------- decided by people

    def check_acknowledged(self, run: str) -> None:
        execution = self.bench.get_execution(run)
        running = execution.status is ExecutionStatus.RUNNING
        self.cancels.setdefault(run, Cancel(len(execution.attempts), running))

    @precondition(lambda self: self.submitted)
    @rule(number=NUMBERS)
    def cancel(self, number: int) -> None:
        """Cancel a run as a user does, by a command or over HTTP."""
        run = self.select_run(number)
        before = self.bench.get_execution(run)
        try:
            self.bench.qdash.get(RUNS).cancel(ADMIN, run, wait=False)
        except IllegalTransitionError:
            assert before.status.terminal
            entry = self.get_entry(run)
            left = entry is not None and not self.is_over(run)
            assert not left, f"refused to cancel {run}, which is {before.status} and goes on"
            return
        self.check_acknowledged(run)
        if before.status is ExecutionStatus.RUNNING:
            self.cancels[run].running = True
            self.cancels[run].attempts = len(before.attempts)

    def is_over(self, run: str) -> bool:
        """Return whether a run in the queue has just ended, and is about to leave it."""
        execution, entry = self.bench.get_execution(run), self.get_entry(run)
        assert entry is not None
        ended = execution.status.terminal and len(execution.attempts) > entry.attempts
        return run in self.cancels or (ended and execution.reason != "interrupted")

    @precondition(lambda self: self.submitted)
    @rule(number=NUMBERS)
    def resume(self, number: int) -> None:
        """Request the resume of a run as a user does."""
        run = self.select_run(number)
        try:
            self.bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
        except InvalidInputError:
            return
        self.cancels.pop(run, None)
        self.was_resumed(run)

    @precondition(lambda self: self.submitted)
    @rule(number=NUMBERS, what=st.sampled_from(["hold", "release", "move", "remove"]))
    def change(self, number: int, what: str) -> None:
        with suppress(NotFoundError, InvalidInputError):
            getattr(self.bench.qdash.get(QUEUE), what)(ADMIN, self.select_run(number))

    # -------------------------------------------------------------------------------------------------- what always holds

    @invariant()
    def what_was_cancelled_does_not_run_again(self) -> None:
        for run, cancel in self.cancels.items():
            execution = self.bench.get_execution(run)
            assert len(execution.attempts) == cancel.attempts, f"{run} was cancelled, and runs again"
            ends = [ExecutionStatus.CANCELLED]
            if cancel.running:
                ends += [ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED]
            assert execution.status in ends, f"the cancel of {run} is lost: it is {execution.status}"

    @invariant()
    def what_was_cancelled_does_not_wait(self) -> None:
        for status in self.queue.view.list_entries():
            run = status.entry.execution_id
            execution = self.bench.get_execution(run)
            waits = not status.entry.performer and execution.status.terminal
            assert not (waits and run in self.cancels), f"{run} was cancelled, and waits in the queue"

    @precondition(lambda self: self.submitted)
    @rule()
    def settle(self) -> None:
        """Kill all processes, expire all locks, and perform all remaining runs in one worker."""
        self.kill_all()
        for _ in range(_SETTLED_WITHIN):
            self.sweep()
            for status in self.queue.view.list_entries():
                if status.state == "held":
                    self.bench.qdash.get(QUEUE).release(ADMIN, status.entry.execution_id)
            self.look(0)
            if self.claimed:
                self.perform(0)
            self.what_was_cancelled_does_not_run_again()
            if not self.bench.repositories.of(QueueRepository).list_all():
                break
        assert self.bench.repositories.of(QueueRepository).list_all() == [], (
            "an entry is left that nobody performs"
        )
        for run in self.submitted:
            assert self.bench.get_execution(run).status.terminal, f"{run} does not end"
        self.has_settled()

    # ------------------------------------------------------------------------------------- what machines that know more do

    def was_claimed(self, execution: ExecutionModel, performer: str) -> None:
        """Run after a worker or a command has claimed a run."""

    def was_begun(self, run: str) -> None:
        """Run after a process has started a run."""

    def was_concluded(self, run: str) -> None:
        """Run after a run has been concluded."""

    def was_resumed(self, run: str) -> None:
        """Run after a user has requested a resume."""

    def has_settled(self) -> None:
        """Run after all runs have ended."""


def try_orders(machine: type[CancelledRuns], folder: Path, *, examples: int) -> None:
    """Run a number of sequences of rules, each on its own store, so that they can be repeated."""
    broken = make_task("Broken", {}, measure=make_raising(OSError("cable")))
    numbers = count()

    class Fresh(machine):  # type: ignore[misc,valid-type]
        def __init__(self) -> None:
            number = next(numbers)
            self.bench = Bench.open(
                folder / str(number),
                f"memory://{folder}/{number}",
                make_task(),
                broken,
                backends=[make_backend_by_chip()],
            )
            self.bench.add_chip("other")
            self.crew = Crew(self.bench)
            super().__init__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                with self.crew:
                    pass
                self.bench.qdash.close()

    run_state_machine_as_test(
        Fresh,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
