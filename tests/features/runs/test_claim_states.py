"""Claims under any interleaving of runs, deaths and withdrawals: no two overlap, no run waits in vain, and every run is performed."""

from __future__ import annotations

from itertools import combinations
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

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_core import FlowTemplate, LockedError
from qdash_core.chips.topology import Site, Topology
from qdash_core.flows.steps import ConfigureAll, CustomOneQubit
from qdash_core.locks.lock import ExecutionLock
from qdash_core.models.claims import Claim
from qdash_core.models.request import TargetSelection
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.scheduling.claims import claim_targets

from ...access import ADMIN, access_of
from ...core.bench import PROJECT, Bench, make_task
from .test_shared_instruments import make_sharing_backend

if TYPE_CHECKING:
    from qdash_builtin.runs.queue import RunQueue
    from qdash_core.models.queue import QueueEntryModel

    from ...core.runs.conftest import MakeCrew
    from ...core.runs.crew import Crew

pytestmark = pytest.mark.every_store

EXAMPLES = {"memory": settings().max_examples // 6, "sqlite": settings().max_examples // 12, "mongodb": 3}
"""Number of random sequences tested on each store."""

CHIP = "long"
MUXES = 5
LONG = Topology(
    "long",
    tuple(Site(str(number), 0, number, number // 2) for number in range(2 * MUXES)),
    tuple(f"{number}-{number + 1}" for number in range(2 * MUXES - 1)),
)
"""Ten qubits in a row, two on each multiplexer."""

QUBITS = st.frozensets(st.sampled_from(LONG.qids), min_size=1, max_size=3)
NUMBERS = st.integers(0, 20)


def make_claim(entry: QueueEntryModel) -> Claim:
    return entry.get_claim("chip")


class Claims(RuleBasedStateMachine):
    """Runs on one chip: submitted, claimed in their turn, ended, withdrawn, moved; workers that die with the processes of their runs,
    and programs of users that lock parts or all of the instrument without the queue.
    """

    bench: Bench
    crew: Crew

    def __init__(self) -> None:
        super().__init__()
        self.worker = self.crew.register()
        self.promised: set[str] = set()
        self.locks: dict[str, ExecutionLock] = {}
        """Locks of live holders, by run or program."""
        self.claims: dict[str, Claim] = {}
        """Claims of live holders."""
        self.programs = 0

    def teardown(self) -> None:
        """Let everything end: each run is performed, and no two hold each other up."""
        for name in [*self.locks]:
            self.end_holder(name)
        while entries := self.bench.repositories.of(QueueRepository).list_all():
            for entry in entries:
                if entry.held:
                    self.bench.qdash.get(QUEUE).release(ADMIN, entry.execution_id)
            self.begin()
            assert self.locks, f"{len(entries)} runs wait for each other"
            for name in [*self.locks]:
                self.end_holder(name)
        assert not self.promised, "these were never performed"
        everything = self.make_lock(Claim("bench", PROJECT))
        everything.acquire()
        everything.release()
        assert self.bench.repositories.of(ExecutionLockRepository).list_all() == [], (
            "locks of the dead are removed"
        )
        self.crew.kill(self.worker)
        self.queue.sweep()

    @property
    def queue(self) -> RunQueue:
        return self.bench.qdash.get(RUNS).queue

    def list_entries(self) -> list[QueueEntryModel]:
        return [one.entry for one in self.queue.view.list_entries()]

    def make_lock(self, claim: Claim) -> ExecutionLock:
        return ExecutionLock(
            self.bench.qdash.store,
            claim.instrument,
            project_id=PROJECT,
            chip_id=CHIP,
            resources=claim.resources,
            ttl_s=3600.0,
        )

    # ------------------------------------------------------------------------------------------------------ what is done

    @rule(qubits=QUBITS, flow=st.sampled_from(["Measure"] * 4 + ["configure"]))
    def submit(self, qubits: frozenset[str], flow: str) -> None:
        targets = TargetSelection(qubits=tuple(sorted(qubits)))
        self.promised.add(self.crew.submit(CHIP, flow=flow, targets=targets))

    @rule()
    def begin(self) -> None:
        """Claim and lock what all runs need whose turn has come, as workers do."""
        self.queue.sweep()
        for status in self.queue.view.list_entries():
            entry = status.entry
            if status.state == "waiting" and not status.waits_for and self.queue.claim(entry, self.worker):
                lock = self.make_lock(make_claim(entry))
                lock.acquire()  # whoever is told that it is its turn gets its lock
                self.locks[entry.execution_id], self.claims[entry.execution_id] = lock, make_claim(entry)

    @precondition(lambda self: self.locks)
    @rule(number=NUMBERS)
    def end(self, number: int) -> None:
        self.end_holder([*self.locks][number % len(self.locks)])

    def end_holder(self, name: str) -> None:
        self.locks.pop(name).release()
        del self.claims[name]
        if name in self.promised:
            self.bench.repositories.of(QueueRepository).remove(PROJECT, name)
            self.promised.discard(name)

    @rule(qubits=QUBITS, everything=st.booleans())
    def lock_by_a_program(self, qubits: frozenset[str], everything: bool) -> None:
        """Lock without the queue, as a script does: it is refused if and only if another holder needs the same."""
        found = claim_targets(qubits, unit="mux", chip_id=CHIP, topology=LONG, wiring=None)
        claim = Claim("bench", PROJECT, "chip", frozenset() if everything else found.resources)
        lock = self.make_lock(claim)
        free = not any(claim.excludes(other) for other in self.claims.values())
        try:
            lock.acquire()
        except LockedError:
            assert not free
            return
        assert free
        self.programs += 1
        self.locks[f"program {self.programs}"], self.claims[f"program {self.programs}"] = lock, claim

    @precondition(lambda self: self.locks)
    @rule(number=NUMBERS)
    def kill_a_holder(self, number: int) -> None:
        """Leave the lock of a process as after kill -9."""
        name = [*self.locks][number % len(self.locks)]
        self.leave_behind(name)
        if name in self.promised:
            self.queue.conclude(PROJECT, name, died=True)

    def leave_behind(self, name: str) -> None:
        lock = self.locks.pop(name)
        del self.claims[name]
        assert lock._heartbeat is not None
        lock._heartbeat.stop()
        locks = self.bench.repositories.of(ExecutionLockRepository)
        held = locks.get_held_by(lock.hold)
        assert held is not None
        locks.put(held.model_copy(update={"process_start": 1.0}))

    @rule()
    def kill_the_worker(self) -> None:
        """Kill the worker with the processes of its runs; the next one continues."""
        for name in self.promised.intersection(self.locks):
            self.leave_behind(name)
        self.crew.kill(self.worker)
        self.worker = self.crew.register()
        self.queue.sweep()

    @precondition(lambda self: self.promised)
    @rule(number=NUMBERS)
    def withdraw(self, number: int) -> None:
        waiting = [one.execution_id for one in self.list_entries() if not one.performer]
        if waiting:
            run = waiting[number % len(waiting)]
            self.bench.qdash.get(QUEUE).remove(access_of("bob"), run)
            self.promised.discard(run)

    @precondition(lambda self: self.promised)
    @rule(number=NUMBERS, first=st.booleans())
    def move(self, number: int, first: bool) -> None:
        waiting = [one.execution_id for one in self.list_entries() if not one.performer]
        if waiting:
            self.bench.qdash.get(QUEUE).move(ADMIN, waiting[number % len(waiting)], first=first)

    # --------------------------------------------------------------------------------------------------- what always holds

    @invariant()
    def no_two_live_locks_overlap(self) -> None:
        live = {lock.hold.owner for lock in self.locks.values()}
        found = {
            one.owner: one.claim for one in self.bench.repositories.of(ExecutionLockRepository).list_all()
        }
        assert live <= found.keys(), "whoever holds a lock keeps it until its end"
        for one, other in combinations(sorted(live), 2):
            assert not found[one].excludes(found[other])

    @invariant()
    def a_run_waits_for_a_holder_or_a_run_before_it_that_needs_the_same(self) -> None:
        statuses = self.queue.view.list_entries()
        for number, status in enumerate(statuses):
            if status.state != "waiting":
                continue
            claim = make_claim(status.entry)
            ahead = [make_claim(one.entry) for one in statuses[:number] if one.state == "waiting"]
            blocked = any(claim.excludes(other) for other in [*ahead, *self.claims.values()])
            assert bool(status.waits_for) is blocked, status.waits_for


@pytest.mark.hypothesis
def test_no_two_claims_overlap_and_every_run_gets_its_turn(make_crew: MakeCrew, store_url: str) -> None:
    configure = make_task("ConfigureAll", {}, task_type="system")
    flow = FlowTemplate("configure", "Configures.", [ConfigureAll(), CustomOneQubit(["Measure"])])
    bench, crew = make_crew(make_task(), configure, backends=[make_sharing_backend()], flows=[flow])
    bench.qdash.get(CHIPS).create(ADMIN, CHIP, LONG, backend="bench")
    machine = type("OneInstrument", (Claims,), {"bench": bench, "crew": crew})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[store_url.partition(":")[0]],
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )
