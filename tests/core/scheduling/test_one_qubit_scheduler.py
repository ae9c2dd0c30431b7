"""The scheduler of a chip's qubits."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from qdash.workflow.engine import OneQubitScheduler
from qdash_builtin.chips.service import ChipService
from qdash_builtin.chips.targets import TargetService
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import MuxLines, TargetStatus, WiringModel
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.scheduling.colouring import Colouring

from ...access import access_of

ZONE = ZoneInfo("UTC")
LINES = [
    MuxLines(mux=0, ctrl=[f"U1A-{port}" for port in range(4)], read_out="S1A-0", read_in="S1A-1"),
    MuxLines(mux=1, ctrl=[f"U2B-{port}" for port in range(4)], read_out="S2B-0", read_in="S2B-1"),
    MuxLines(mux=2, ctrl=["U3A-0", "U3A-1", "U2B-4", "U2B-5"], read_out="S3A-0", read_in="S3A-1"),
]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore.open("memory://")


@pytest.fixture
def scheduler(store: MemoryStore) -> OneQubitScheduler:
    chips = ChipService(store, ZONE, is_live=lambda lock: False)
    layout = get_builtin_topology("square-lattice-mux-16")
    chips.create(access_of("alice"), "16Q", layout, backend="bench", wiring=WiringModel(lines=LINES))
    return OneQubitScheduler("alice", "16Q", ChipRepository(store))


def test_a_chip_takes_two_groups(scheduler: OneQubitScheduler) -> None:
    schedule = scheduler.generate()
    assert len(schedule.groups) == schedule.lower_bound == 2
    assert schedule.kind == "qubit"
    assert schedule.makespan_s == schedule.makespan_lower_bound_s == 2.0


def test_the_named_qubits_are_scheduled_without_those_left_out(scheduler: OneQubitScheduler) -> None:
    assert scheduler.generate(["Q07", "0", "1"], exclude=["1"]).groups == (("0", "7"),)


def test_what_a_person_has_set_aside_is_not_scheduled(
    scheduler: OneQubitScheduler, store: MemoryStore
) -> None:
    targets = TargetService(store, ZONE)
    targets.set_aside(access_of("alice"), "16Q", "5", TargetStatus.DEAD, "no signal")
    assert "5" not in {qid for group in scheduler.generate().groups for qid in group}


def test_no_more_are_measured_at_once_than_allowed(scheduler: OneQubitScheduler) -> None:
    assert [len(group) for group in scheduler.generate(max_parallel=4).groups] == [4, 4, 4, 4]


def test_synchronized_steps_measure_one_qubit_of_each_multiplexer(scheduler: OneQubitScheduler) -> None:
    plain = scheduler.generate_synchronized(checkerboard=False)
    assert plain.groups[0] == ("0", "4", "8", "12")
    board = scheduler.generate_synchronized()
    assert board.groups[0] == ("0", "7", "11", "12")
    assert plain.proved_optimal
    assert board.proved_optimal


def test_boxes_are_known_from_the_wiring(scheduler: OneQubitScheduler) -> None:
    assert scheduler.boxes(["0", "4", "8", "12"]) == {
        "0": "BOX_A",
        "4": "BOX_B",
        "8": "BOX_MIXED",
        "12": "no box",
    }
    found = [
        {scheduler.boxes([qid])[qid] for qid in group}
        for group in scheduler.generate(strategy="boxes").groups
    ]
    assert all(len(boxes) == 1 for boxes in found)


def test_modules_serve_one_qubit_at_a_time_on_demand(scheduler: OneQubitScheduler) -> None:
    # Twelve qubits of the three wired multiplexers: 0 to 3 on U1A, 4 to 7 and 8 to 11 share U2B.
    assert len(scheduler.generate(wiring=True).groups) == 8


def test_a_strategy_may_be_handed_over(scheduler: OneQubitScheduler) -> None:
    class OneByOne:
        name = "one-by-one"
        kind = "qubit"

        def colour(self, conflicts, layout=None):
            return Colouring(tuple((one,) for one in conflicts.targets), 1, "", self.name)

    assert scheduler.generate(["0", "3"], strategy=OneByOne()).groups == (("0",), ("3",))


def test_what_is_not_there_is_refused(scheduler: OneQubitScheduler) -> None:
    with pytest.raises(InvalidInputError, match=r"no strategy 'diagonal' for qubits .*boxes, checkerboard"):
        scheduler.generate(strategy="diagonal")
    with pytest.raises(NotFoundError, match="no qubit 99"):
        scheduler.generate(["99"])
    with pytest.raises(NotFoundError, match="no chip 'other'"):
        OneQubitScheduler("alice", "other", scheduler.chip_repo).generate()
