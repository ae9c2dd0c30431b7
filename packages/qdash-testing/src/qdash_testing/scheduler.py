"""Conformance tests of scheduling strategies.

A plugin author subclasses `SchedulerContract` in a test module.

from qdash_testing import SchedulerContract

class TestMyScheduler(SchedulerContract):
    scheduler = MyScheduler()
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.models.targets import by_number
from qdash_core.scheduling.blocks import split_blocks, time_blocks
from qdash_core.scheduling.colouring import Colouring, find_fault
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_coupling_conflicts, make_qubit_conflicts
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.scheduling.colouring import Scheduler

CHIPS = ("square-lattice-mux-16", "square-lattice-mux-36", "heavy-hex-27", "linear-16")
LIMITS = (None, 1, 3, 10)
_RANDOM_CASES = 12


class SchedulerContract(Contract):
    """Conformance tests of a scheduling strategy. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    scheduler : Scheduler
        The tested strategy.
    """

    scheduler: ClassVar[Scheduler]

    def test_it_has_a_name_and_a_kind(self) -> None:
        assert isinstance(self.scheduler.name, str)
        assert self.scheduler.name
        assert self.scheduler.kind in ("qubit", "coupling")

    @pytest.mark.parametrize("chip", CHIPS)
    def test_a_chip_is_sorted_into_groups_without_conflicts(self, chip: str) -> None:
        for limit in LIMITS:
            conflicts, layout = self._make_chip_conflicts(chip, limit)
            with name_failed_case(f"the limit is {limit}"):
                require_schedule(conflicts, self.scheduler.colour(conflicts, layout))

    def test_any_conflicts_are_respected_whatever_is_known_of_the_chip(self) -> None:
        for seed in range(_RANDOM_CASES):
            conflicts, layout = self._make_random_conflicts(seed)
            with name_failed_case(f"case {seed} of {_RANDOM_CASES}"):
                require_schedule(conflicts, self.scheduler.colour(conflicts))
                require_schedule(conflicts, self.scheduler.colour(conflicts, layout))

    def test_the_limit_may_be_one_at_a_time(self) -> None:
        conflicts, layout = self._make_chip_conflicts("linear-16", 1)
        groups = self.scheduler.colour(conflicts, layout).groups
        assert sorted(target for (target,) in groups) == sorted(conflicts.targets)

    def test_the_same_conflicts_give_the_same_groups(self) -> None:
        for seed in range(_RANDOM_CASES):
            first, second = (self._make_random_conflicts(seed) for _ in range(2))
            assert self.scheduler.colour(*first) == self.scheduler.colour(*second)

    def test_timelines_cross_no_barrier_and_use_no_resource_twice_at_a_time(self) -> None:
        """Check the timelines of a run and of a plan for random durations: exclusions and barriers of the strategy hold, too."""
        for seed in range(_RANDOM_CASES):
            conflicts, layout = self._make_random_conflicts(seed)
            found = self.scheduler.colour(conflicts, layout)
            draw = random.Random(seed)  # noqa: S311  not for secrets
            durations_s = {target: draw.choice((0.5, 1.0, 2.0, 7.0)) for target in conflicts.targets}
            with name_failed_case(f"case {seed} of {_RANDOM_CASES}"):
                require_timeline(conflicts, found, durations_s)

    def test_nothing_makes_no_groups(self) -> None:
        _, layout = self._make_chip_conflicts("linear-16", None)
        nothing = self.scheduler.colour(Conflicts({}), layout)
        assert len(nothing.groups) == 0
        assert nothing.lower_bound == 0

    def test_a_single_target_is_a_group(self) -> None:
        conflicts, layout = self._make_chip_conflicts("linear-16", None)
        target = conflicts.targets[3]
        found = self.scheduler.colour(conflicts.only([target]), layout)
        assert [list(group) for group in found.groups] == [[target]]
        assert found.lower_bound <= 1

    def _make_chip_conflicts(self, name: str, limit: int | None) -> tuple[Conflicts, Layout]:
        chip = get_builtin_topology(name)
        if self.scheduler.kind == "coupling":
            return make_coupling_conflicts(chip.couplings, chip, max_parallel=limit), Layout(chip)
        return make_qubit_conflicts(chip.qids, chip, max_parallel=limit), Layout(chip)

    def _make_random_conflicts(self, seed: int) -> tuple[Conflicts, Layout]:
        """Return random conflicts unlike those of a chip: targets without resources, with equal ones, with many."""
        draw = random.Random(seed)  # noqa: S311  not for secrets
        whole, layout = self._make_chip_conflicts("square-lattice-mux-16", None)
        targets = sorted(draw.sample(whole.targets, draw.randrange(2, len(whole.targets))), key=by_number)
        names = [f"module {number}" for number in range(draw.randrange(1, 12))]
        needs = {
            target: frozenset(draw.sample(names, min(draw.randrange(4), len(names)))) for target in targets
        }
        return Conflicts(needs, draw.choice((None, 1, 2, 5))), layout


@contextmanager
def name_failed_case(case: str) -> Iterator[None]:
    """Name the failed case in the message of an assertion."""
    try:
        yield
    except Exception as error:
        error.add_note(case)
        raise


def require_schedule(conflicts: Conflicts, found: Colouring) -> None:
    """Assert that a colouring is valid: every target once, no conflict, the limit, a true bound."""
    assert isinstance(found, Colouring)
    fault = find_fault(found, conflicts)
    assert fault is None, fault


def require_timeline(conflicts: Conflicts, found: Colouring, durations_s: Mapping[str, float]) -> None:
    """Assert that the timeline of a colouring is valid: no resource is used twice at a time, the limit holds, nothing crosses a barrier."""
    occupied = conflicts.with_resources(found.exclusions)
    blocks = split_blocks(found.groups, found.barriers, occupied)
    times = time_blocks(blocks, durations_s, ordered=found.ordered)
    begun_s = 0.0
    for block in blocks:
        targets = block.conflicts.targets
        assert all(times.start_s[target] >= begun_s for target in targets), "nothing crosses a barrier"
        begun_s = max((times.end_s[target] for target in targets), default=begun_s)
    for one, other in combinations(occupied.targets, 2):
        if occupied.resources[one] & occupied.resources[other]:
            apart = times.end_s[one] <= times.start_s[other] or times.end_s[other] <= times.start_s[one]
            assert apart, f"{one} and {other} share a resource, and are measured at the same time"
    for start_s in times.start_s.values():
        at_once = sum(begin <= start_s < times.end_s[one] for one, begin in times.start_s.items())
        assert conflicts.max_parallel is None or at_once <= conflicts.max_parallel, "the limit holds"
