"""CRScheduler: couplings of a chip in a repository, in groups with lower bounds, directions and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash.repository.inmemory import InMemoryChipRepository
from qdash.workflow.engine import CRScheduler
from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.chips.views.schedules import ScheduleDocument
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ChipModel, MuxLines, TargetStatus, WiringModel
from qdash_core.models.targets import split_coupling
from qdash_core.repositories.chips import ChipRepository

from ...access import ADMIN
from ...case_tables import keep_quick
from ..bench import CHIP

if TYPE_CHECKING:
    from qdash_core.scheduling.schedule import Schedule

    from ..conftest import MakeBench


def make_scheduler(layout: str, wiring: WiringModel | None = None) -> CRScheduler:
    """Return a scheduler of a chip with only a topology, as in the original's sample."""
    chips = InMemoryChipRepository()
    size = len(get_builtin_topology(layout).qubits)
    chip = ChipModel(
        project_id="default",
        username="x",
        chip_id="64Qv3",
        size=size,
        topology_id=layout,
        backend="b",
        wiring=wiring,
    )
    chips.add_chip("alice", chip)
    return CRScheduler(username="alice", chip_id="64Qv3", chip_repo=chips)


def assert_valid(schedule: Schedule) -> None:
    """Assert that every target is in one group, no group has a conflict, and no bound exceeds the number of
    groups.
    """
    assert sorted(one for group in schedule.groups for one in group) == sorted(schedule.conflicts.targets)
    for group in schedule.groups:
        for target in group:
            assert not schedule.conflicts.neighbours[target].intersection(group)
        assert schedule.conflicts.max_parallel is None or len(group) <= schedule.conflicts.max_parallel
    assert schedule.lower_bound <= len(schedule.groups)
    assert schedule.proved_optimal == (schedule.lower_bound == len(schedule.groups))
    tolerance = 1 + 1e-9
    assert schedule.makespan_lower_bound_s <= schedule.makespan_s * tolerance
    assert schedule.makespan_s <= schedule.makespan_by_groups_s * tolerance


@pytest.mark.parametrize(("size", "groups"), keep_quick([(64, 12), (144, 27), (256, 48), (1024, 199)], 0, 1))
def test_square_lattices_reach_their_bounds_with_ten_at_once(size: int, groups: int) -> None:
    schedule = make_scheduler(f"square-lattice-mux-{size}").generate(max_parallel=10)
    assert (len(schedule.groups), schedule.lower_bound, schedule.proved_optimal) == (groups, groups, True)
    assert schedule.makespan_s == schedule.makespan_lower_bound_s == groups
    assert_valid(schedule)


@given(
    layout=st.sampled_from(["square-lattice-mux-16", "heavy-hex-27", "linear-16", "heavy-hex-23"]),
    strategy=st.sampled_from(["best", "bipartite", "saturation", "largest-first"]),
    max_parallel=st.none() | st.integers(1, 6),
    spectators=st.booleans(),
    data=st.data(),
)
def test_a_schedule_holds_whatever_is_asked_for(
    layout: str, strategy: str, max_parallel: int | None, spectators: bool, data: st.DataObject
) -> None:
    couplings = data.draw(
        st.lists(st.sampled_from(get_builtin_topology(layout).couplings), unique=True, min_size=1)
    )
    durations_s = {one: data.draw(st.floats(0.5, 20.0)) for one in couplings}
    schedule = make_scheduler(layout).generate(
        couplings,
        strategy=strategy,
        max_parallel=max_parallel,
        spectators=spectators,
        durations_s=durations_s,
    )
    assert_valid(schedule)
    assert schedule.directions.keys() == set(couplings)


def test_modules_that_multiplexers_share_keep_couplings_apart() -> None:
    lines = [
        MuxLines(
            mux=mux,
            ctrl=[f"U{mux // 2}B-{4 * (mux % 2) + port}" for port in range(4)],
            read_out=f"S{mux}A-0",
            read_in=f"S{mux}A-1",
        )
        for mux in range(4)
    ]
    wired = make_scheduler("square-lattice-mux-16", WiringModel(lines=lines))
    schedule = wired.generate()
    assert_valid(schedule)
    needed = schedule.occupied.resources
    assert any("module U0B" in needed["0-1"] & needed[other] for other in needed if other != "0-1")
    assert len(schedule.groups) > len(wired.generate(wiring=False).groups)


def test_reasons_say_what_two_couplings_both_need() -> None:
    needed = make_scheduler("linear-16").generate(["0-1", "1-2", "3-4", "8-9"]).occupied.resources
    shared = {other: needed["1-2"] & needed[other] for other in ("0-1", "3-4", "8-9")}
    assert shared == {"0-1": {"mux 0"}, "3-4": {"mux 0"}, "8-9": set()}


@pytest.mark.every_store
def test_excluded_qubits_and_what_a_person_set_aside_are_left_out(make_bench: MakeBench) -> None:
    bench = make_bench()
    chips = bench.repositories.of(ChipRepository)
    found = CRScheduler("admin", CHIP, chip_repo=chips).generate(exclude=["Q04"])
    assert sorted(found.directions) == ["0-1", "1-2", "2-3"]
    assert found.directions["2-3"].control == "3"
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.DEAD, "no line")
    assert sorted(CRScheduler("admin", CHIP, chips).generate().directions) == ["1-2", "2-3", "3-4"]


def test_the_chip_is_that_of_the_default_project_or_the_users_own(make_bench: MakeBench) -> None:
    chips = make_bench().repositories.of(ChipRepository)
    assert CRScheduler("nobody", CHIP, chips).generate().directions
    with pytest.raises(NotFoundError, match=f"no chip 'other' .*known: {CHIP}"):
        CRScheduler("admin", "other", chips).generate()
    with pytest.raises(NotFoundError, match="no chip 'chip' in project elsewhere"):
        CRScheduler("admin", CHIP, chips, project_id="elsewhere").generate()


@pytest.mark.parametrize(
    ("given_", "error", "message"),
    [
        ({"strategy": "luck"}, InvalidInputError, "no strategy 'luck' for couplings"),
        ({"couplings": ["0-9"]}, NotFoundError, "no coupling 0-9"),
        ({"exclude": ["99"]}, NotFoundError, "no qubit '99'"),
        ({"max_parallel": 0}, InvalidInputError, "max_parallel is 0"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(
    given_: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make_scheduler("linear-16").generate(**given_)


def test_a_document_holds_what_the_command_prints() -> None:
    document = ScheduleDocument.from_schedule(make_scheduler("linear-2").generate()).as_json()
    assert document["groups"] == [["0-1"]]
    assert document["directions"] == {
        "0-1": {
            "control": "0",
            "target": "1",
            "reason": "frequency of 0 and 1 not known: the lower number controls",
        }
    }
    assert (document["lower_bound"], document["proved_optimal"], document["strategy"]) == (1, True, "best")
    assert (document["makespan_s"], document["makespan_lower_bound_s"]) == (1.0, 1.0)


def test_every_direction_is_one_of_its_coupling() -> None:
    for coupling, direction in (
        make_scheduler("heavy-hex-27").generate(direction="checkerboard").directions.items()
    ):
        assert {direction.control, direction.target} == set(split_coupling(coupling))
