"""Number of groups of each strategy, and correctness of the claimed bounds."""

from __future__ import annotations

import random
from functools import cache
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Topology, make_topology
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.rules import make_coupling_conflicts, make_qubit_conflicts
from qdash_scheduling.strategies import (
    COLOURINGS,
    BestStrategy,
    BipartiteStrategy,
    ExactStrategy,
    LargestFirstStrategy,
    SaturationStrategy,
)
from qdash_testing.scheduler import require_schedule

from ..core.scheduling.test_rules import SharedModules

SIZES = {64: 12, 144: 27, 256: 48, 1024: 199}
"""Square lattices of four-qubit multiplexers, and the groups that couplings need with at most ten at once."""

RESOURCES = tuple("abcdefgh")
TARGETS = st.integers(0, 7).flatmap(
    lambda count: st.tuples(
        *[st.frozensets(st.sampled_from(RESOURCES), max_size=3) for _ in range(count)],
    )
)
LIMITS = st.none() | st.integers(1, 4)
EDGES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("efgh")), max_size=40)
"""Targets that each need one resource of either side."""


@cache
def make_lattice(size: int) -> Topology:
    return get_builtin_topology(f"square-lattice-mux-{size}")


def make_conflicts(needs: tuple[frozenset[str], ...], limit: int | None) -> Conflicts:
    return Conflicts({str(number): needed for number, needed in enumerate(needs)}, limit)


def count_fewest_groups(conflicts: Conflicts) -> int:
    """Return the least number of groups, from all partitions."""
    targets = conflicts.targets
    best = len(targets)

    def place(number: int, groups: list[list[str]]) -> None:
        nonlocal best
        if len(groups) >= best:
            return
        if number == len(targets):
            best = len(groups)
            return
        target = targets[number]
        for group in groups:
            full = conflicts.max_parallel is not None and len(group) >= conflicts.max_parallel
            if not full and not conflicts.neighbours[target].intersection(group):
                group.append(target)
                place(number + 1, groups)
                group.pop()
        place(number + 1, [*groups, [target]])

    place(0, [])
    return best


# --- on chips ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("strategy", [BestStrategy(), BipartiteStrategy()], ids=lambda one: one.name)
def test_couplings_of_a_square_lattice_need_no_more_groups_than_the_bound(
    size: int, strategy: BestStrategy | BipartiteStrategy
) -> None:
    chip = make_lattice(size)
    ten = make_coupling_conflicts(chip.couplings, chip, max_parallel=10)
    for conflicts, expected in ((ten, SIZES[size]), (make_coupling_conflicts(chip.couplings, chip), 12)):
        found = strategy.colour(conflicts)
        require_schedule(conflicts, found)
        assert (len(found.groups), found.lower_bound, found.proved_optimal) == (expected, expected, True)


@pytest.mark.parametrize(
    "strategy", [BestStrategy(), BipartiteStrategy(), SaturationStrategy()], ids=lambda one: one.name
)
@pytest.mark.parametrize("name", ["square-lattice-mux-64", "heavy-hex-27", "linear-16"])
def test_qubits_that_are_not_coupled_need_two_groups(
    name: str, strategy: BestStrategy | BipartiteStrategy | SaturationStrategy
) -> None:
    chip = get_builtin_topology(name)
    found = strategy.colour(make_qubit_conflicts(chip.qids, chip))
    assert len(found.groups) == 2
    assert found.proved_optimal


@pytest.mark.parametrize("limit", range(1, 9))
def test_couplings_of_a_heavy_hex_lattice_read_out_one_by_one_are_edge_coloured(limit: int) -> None:
    falcon = get_builtin_topology("heavy-hex-27")
    chip = make_topology("heavy-hex", falcon.qids, falcon.couplings)
    found = BestStrategy().colour(make_coupling_conflicts(chip.couplings, chip, max_parallel=limit))
    assert len(found.groups) == max(3, ceil(len(chip.couplings) / limit))
    assert found.proved_optimal


def wiring_strategy(muxes: int) -> dict[str, dict[int, set[str]]]:
    """Return wirings like those of laboratories: modules of several multiplexers, and readout across them."""
    shuffled = random.Random(1).sample(range(muxes), muxes)
    return {
        "a module for two": {mux: {f"U{mux // 2}"} for mux in range(muxes)},
        "readout for four": {mux: {f"U{mux // 2}", f"R{mux // 4}"} for mux in range(muxes)},
        "readout for three": {mux: {f"U{mux // 2}", f"R{mux // 3}"} for mux in range(muxes)},
        "readout across two": {mux: {f"U{mux // 2}", f"R{(mux + 1) // 2}"} for mux in range(muxes)},
        "six channels": {
            mux: {f"U{4 * mux // 6}", f"U{(4 * mux + 3) // 6}", f"R{mux // 4}"} for mux in range(muxes)
        },
        "readout anywhere": {mux: {f"U{mux // 2}", f"R{shuffled[mux] // 4}"} for mux in range(muxes)},
    }


@pytest.mark.parametrize("limit", [None, 10])
@pytest.mark.parametrize("size", [64, 144, pytest.param(256, marks=pytest.mark.release)])
@pytest.mark.parametrize("wiring", wiring_strategy(4))
def test_shared_modules_cost_at_most_a_twentieth_more_than_the_bound(
    wiring: str, size: int, limit: int | None
) -> None:
    chip = make_lattice(size)
    modules = SharedModules(wiring_strategy(size // 4)[wiring])
    conflicts = make_coupling_conflicts(chip.couplings, chip, wiring=modules, max_parallel=limit)
    found = BestStrategy().colour(conflicts)
    require_schedule(conflicts, found)
    assert len(found.groups) <= 1.05 * found.lower_bound


@pytest.mark.parametrize("size", [64, 256])
def test_spectators_are_scheduled_close_to_the_bound(size: int) -> None:
    chip = make_lattice(size)
    conflicts = make_coupling_conflicts(chip.couplings, chip, spectators=True)
    found = BestStrategy().colour(conflicts)
    require_schedule(conflicts, found)
    assert len(found.groups) <= 1.05 * found.lower_bound


# --- on any conflicts ---------------------------------------------------------------------------------------------------


@given(TARGETS, LIMITS)
def test_a_bound_is_never_above_the_optimum_and_a_proof_never_wrong(
    needs: tuple[frozenset[str], ...], limit: int | None
) -> None:
    conflicts = make_conflicts(needs, limit)
    optimum = count_fewest_groups(conflicts)
    for strategy in COLOURINGS:
        found = strategy.colour(conflicts)
        require_schedule(conflicts, found)
        assert found.lower_bound <= optimum <= len(found.groups)
        assert not found.proved_optimal or len(found.groups) == optimum


@given(TARGETS, LIMITS)
def test_the_exact_strategy_finds_the_optimum_of_small_problems_and_proves_it(
    needs: tuple[frozenset[str], ...], limit: int | None
) -> None:
    conflicts = make_conflicts(needs, limit)
    found = ExactStrategy().colour(conflicts)
    assert (len(found.groups), found.proved_optimal) == (count_fewest_groups(conflicts), True)


@given(EDGES, LIMITS)
def test_with_two_sides_of_resources_the_busiest_or_the_limit_decides(
    edges: list[tuple[str, str]], limit: int | None
) -> None:
    conflicts = make_conflicts(tuple(frozenset(edge) for edge in edges), limit)
    busiest = max((len(users) for users in conflicts.users.values()), default=0)
    needed = max(busiest, ceil(len(edges) / (limit or max(len(edges), 1))))
    for strategy in (BipartiteStrategy(), BestStrategy()):
        found = strategy.colour(conflicts)
        require_schedule(conflicts, found)
        assert (len(found.groups), found.proved_optimal) == (needed, True)


@given(TARGETS, LIMITS)
def test_the_best_is_not_worse_than_any_other(needs: tuple[frozenset[str], ...], limit: int | None) -> None:
    conflicts = make_conflicts(needs, limit)
    best = len(BestStrategy().colour(conflicts).groups)
    assert all(
        best <= len(other.colour(conflicts).groups)
        for other in (LargestFirstStrategy(), SaturationStrategy())
    )


def make_odd_ring(length: int) -> Conflicts:
    """Return targets in a ring with conflicts between neighbours, which needs three groups."""
    return Conflicts(
        {
            str(number): frozenset({f"link {number}", f"link {(number + 1) % length}"})
            for number in range(length)
        }
    )


def test_a_solver_proves_what_no_simple_bound_shows() -> None:
    # Groetzsch's graph, the smallest without triangles that needs four colours: Mycielski's construction on a ring of five.
    links = [
        *((f"u{i}", f"u{(i + 1) % 5}") for i in range(5)),
        *((f"v{i}", f"u{(i + step) % 5}") for i in range(5) for step in (1, 4)),
        *((f"v{i}", "w") for i in range(5)),
    ]
    nodes = sorted({node for link in links for node in link})
    needs = {node: frozenset(f"link {a} {b}" for a, b in links if node in (a, b)) for node in nodes}
    found = ExactStrategy().colour(Conflicts(needs))
    assert (len(found.groups), found.lower_bound, found.proved_optimal) == (4, 4, True)
    assert found.limited_by == "a solver has proved that there is no schedule of 3 groups"
    assert BestStrategy().colour(Conflicts(needs)).proved_optimal is False


def test_a_ring_of_odd_length_needs_three_groups_and_it_is_known() -> None:
    found = BestStrategy().colour(make_odd_ring(7))
    assert (len(found.groups), found.proved_optimal) == (3, True)


@pytest.mark.parametrize(
    "strategy", [LargestFirstStrategy(), SaturationStrategy(), BestStrategy()], ids=lambda one: one.name
)
def test_a_module_that_thousands_share_is_no_list_of_millions_of_pairs(
    strategy: LargestFirstStrategy | SaturationStrategy | BestStrategy,
) -> None:
    count = 5_600
    needs = {
        str(number): frozenset({"pump", f"mux {number % 70}", f"module {number % 90}"})
        for number in range(count)
    }
    alone = {f"{count + number}": frozenset({f"mux {number}"}) for number in range(70)}
    conflicts = Conflicts(needs | alone)
    found = strategy.colour(conflicts)
    assert (len(found.groups), found.proved_optimal) == (count, True)
    assert "neighbours" not in vars(conflicts)


# --- what people read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conflicts", "reason"),
    [
        (Conflicts({}), "there is nothing to measure"),
        (Conflicts({"0": frozenset()}), "one group at least"),
        (
            Conflicts({"0": frozenset({"mux 3"}), "1": frozenset({"mux 3"})}),
            "mux 3 is needed by 2 targets, one at a time",
        ),
        (Conflicts(dict.fromkeys("012", frozenset()), 1), "3 targets, at most 1 at once"),
        (
            Conflicts({"0": frozenset("ab"), "1": frozenset("bc"), "2": frozenset("ca")}),
            "3 targets, of which at most 1 find enough resources at once",
        ),
    ],
)
def test_a_bound_has_a_reason(conflicts: Conflicts, reason: str) -> None:
    assert BestStrategy().colour(conflicts).limited_by == reason


def test_groups_keep_the_order_of_the_plan() -> None:
    conflicts = Conflicts(
        {"9": frozenset("a"), "10": frozenset("a"), "2": frozenset("b"), "1": frozenset("c")}
    )
    assert BestStrategy().colour(conflicts).groups[0][0] == "9"
    assert [group[0] for group in LargestFirstStrategy().colour(conflicts).groups] == ["9", "10"]
