"""Positions of qubits in drawings."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.figures.positions import MOST_COMPUTED, compute_positions
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Topology, make_topology
from qdash_core.models.targets import split_coupling
from qdash_fake.devices import load_device


def load_device_topology(name: str) -> Topology:
    table = load_device(name)
    return make_topology(name, table.qids, ["-".join(pair) for pair in table.pairs])


def remove_positions(name: str) -> Topology:
    known = get_builtin_topology(name)
    return make_topology(f"{name}, places lost", known.qids, known.couplings)


def count_crossings(drawn: Topology) -> int:
    """Return the number of crossing pairs of couplings without a common qubit."""
    places = compute_positions(drawn)

    def side(a: str, b: str, c: str) -> float:
        (x1, y1), (x2, y2), (x3, y3) = (places[qid] for qid in (a, b, c))
        return (x2 - x1) * (y3 - y1) - (y2 - y1) * (x3 - x1)

    pairs = (map(split_coupling, both) for both in combinations(drawn.couplings, 2))
    return sum(
        len({a, b, c, d}) == 4 and side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        for (a, b), (c, d) in pairs
    )


def test_a_topology_is_drawn_as_its_rows_and_columns_say() -> None:
    square = get_builtin_topology("square-lattice-mux-16")

    assert compute_positions(square) == {site.id: (site.col, site.row) for site in square.qubits}


@pytest.mark.parametrize(
    "name", ["jakarta", "guadalupe", "kolkata", "montreal", "brooklyn", "sherbrooke", "brisbane"]
)
def test_the_known_processors_are_drawn_with_couplings_of_one_length_along_rows_and_columns(
    name: str,
) -> None:
    drawn = load_device_topology(name)
    places = compute_positions(drawn)

    assert len(set(places.values())) == len(drawn.qids)
    assert {dist(*(places[qid] for qid in split_coupling(coupling))) for coupling in drawn.couplings} == {1.0}


def test_a_processor_of_a_known_size_that_is_coupled_otherwise_is_laid_out() -> None:
    ring = make_topology("ring", map(str, range(7)), [f"{n}-{(n + 1) % 7}" for n in range(7)])

    assert count_crossings(ring) == 0
    assert len(set(compute_positions(ring).values())) == 7


@pytest.mark.parametrize(
    "name", ["square-lattice-mux-16", "square-lattice-mux-64", "heavy-hex-27", "linear-16"]
)
def test_a_lattice_without_places_is_laid_out_without_crossings(name: str) -> None:
    assert count_crossings(remove_positions(name)) == 0


def test_neighbours_are_nearer_than_others() -> None:
    drawn = remove_positions("square-lattice-mux-16")
    places = compute_positions(drawn)
    lengths = [dist(*(places[qid] for qid in split_coupling(coupling))) for coupling in drawn.couplings]

    # Positions in a square differ from those in a lattice by its stress: diagonals count as two couplings and are drawn shorter.
    assert max(lengths) / min(lengths) < 1.25
    across = dist(places["0"], places["3"])  # along the diagonal of a multiplexer
    assert across > 1.1 * max(lengths)


def test_parts_that_nothing_joins_stand_side_by_side() -> None:
    parts = make_topology("parts", map(str, range(6)), ["0-1", "1-2", "3-4"])
    places = compute_positions(parts)

    assert max(places[qid][0] for qid in "012") < min(places[qid][0] for qid in "34")
    assert max(places[qid][0] for qid in "34") < places["5"][0]


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1])))
def test_any_chip_has_a_place_for_every_qubit_the_same_every_time(pairs: set[tuple[int, int]]) -> None:
    drawn = make_topology("any", map(str, range(10)), [f"{a}-{b}" for a, b in pairs])
    places = compute_positions(drawn)

    assert list(places) == list(drawn.qids)
    assert all(dist(places[a], places[b]) > 0.05 for a, b in combinations(drawn.qids, 2))
    assert compute_positions(drawn) == places


def test_a_chip_that_is_too_large_for_a_computed_layout_is_a_square_in_order_of_number() -> None:
    size = MOST_COMPUTED + 1
    ring = make_topology("ring", map(str, range(size)), [f"{n}-{(n + 1) % size}" for n in range(size)])
    places = compute_positions(ring)
    assert [*places] == [str(number) for number in range(size)]
    assert [places[qid] for qid in ("0", "22", "23", "500")] == [(0, 0), (22, 0), (0, 1), (17, 21)]
