"""Built-in topologies, and queries of a topology."""

from __future__ import annotations

import copy
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.chips.topology_files import load_topology
from qdash_core.chips.topology import Site, Topology, make_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.targets import split_coupling

# The coupling map that IBM publishes for its 27-qubit Falcon processors.
FALCON = (
    *(
        "0-1",
        "1-2",
        "1-4",
        "2-3",
        "3-5",
        "4-7",
        "5-8",
        "6-7",
        "7-10",
        "8-9",
        "8-11",
        "10-12",
        "11-14",
        "12-13",
    ),
    *(
        "12-15",
        "13-14",
        "14-16",
        "15-18",
        "16-19",
        "17-18",
        "18-21",
        "19-20",
        "19-22",
        "21-23",
        "22-25",
        "23-24",
    ),
    *("24-25", "25-26"),
)

SQUARES = st.integers(min_value=1, max_value=12).map(
    lambda half: load_topology(f"square-lattice-mux-{4 * half * half}")
)


def test_sixteen_qubits_lie_in_blocks_of_four() -> None:
    lattice = load_topology("square-lattice-mux-16")
    picture = {(site.row, site.col): site.id for site in lattice.qubits}
    assert [[picture[row, col] for col in range(4)] for row in range(4)] == [
        ["0", "1", "4", "5"],
        ["2", "3", "6", "7"],
        ["8", "9", "12", "13"],
        ["10", "11", "14", "15"],
    ]
    assert lattice.neighbours("3") == ("1", "2", "6", "9")
    assert lattice.members(1) == ("4", "5", "6", "7")
    assert lattice.muxes == (0, 1, 2, 3)


@given(SQUARES)
def test_a_square_lattice_couples_every_pair_of_nearest_neighbours(lattice: Topology) -> None:
    size = len(lattice.qubits)
    side = math.isqrt(size)
    assert lattice.qids == tuple(map(str, range(size)))
    assert {(site.row, site.col) for site in lattice.qubits} == {
        (r, c) for r in range(side) for c in range(side)
    }
    assert len(set(lattice.couplings)) == len(lattice.couplings) == 2 * side * (side - 1)
    place = {site.id: (site.row, site.col) for site in lattice.qubits}
    for a, b in map(split_coupling, lattice.couplings):
        assert math.dist(place[a], place[b]) == 1  # type: ignore[arg-type]


@given(SQUARES)
def test_a_multiplexer_serves_a_block_of_two_by_two(lattice: Topology) -> None:
    for mux in lattice.muxes:
        members = lattice.members(mux)
        assert members == tuple(str(4 * mux + within) for within in range(4))
        corner, *_ = sites = [lattice.site(qid) for qid in members]
        assert [(site.row - corner.row, site.col - corner.col) for site in sites] == [
            (0, 0),
            (0, 1),
            (1, 0),
            (1, 1),
        ]
        assert {lattice.get_mux(qid) for qid in members} == {mux}


@given(SQUARES)
def test_neighbours_are_the_couplings_seen_from_a_qubit(lattice: Topology) -> None:
    seen = {tuple(sorted((qid, near), key=int)) for qid in lattice.qids for near in lattice.neighbours(qid)}
    assert seen == {split_coupling(coupling) for coupling in lattice.couplings}


@pytest.mark.parametrize(("size", "couplings"), [(16, 24), (64, 112), (144, 264), (256, 480), (1024, 1984)])
def test_the_lattices_of_the_contract_are_there(size: int, couplings: int) -> None:
    lattice = load_topology(f"square-lattice-mux-{size}")
    assert (lattice.name, len(lattice.qubits), len(lattice.couplings)) == (
        f"square-lattice-mux-{size}",
        size,
        couplings,
    )


def test_heavy_hex_is_the_coupling_map_of_a_falcon() -> None:
    lattice = load_topology("heavy-hex-27")
    assert sorted(lattice.couplings) == sorted(FALCON)
    assert len(lattice.qubits) == 27
    assert lattice.members(6) == ("24", "25", "26")


# Rows of IBM's processors Hummingbird, Eagle, Osprey and Condor, with their numbers of qubits and couplings.
@pytest.mark.parametrize(
    ("size", "couplings"), [(23, 24), (65, 72), (127, 144), (209, 240), (433, 504), (1121, 1320)]
)
def test_heavy_hex_lattices_are_built_of_any_size_that_they_have(size: int, couplings: int) -> None:
    lattice = load_topology(f"heavy-hex-{size}")
    assert (len(lattice.qubits), len(lattice.couplings)) == (size, couplings)
    assert max(len(lattice.neighbours(qid)) for qid in lattice.qids) == 3


@pytest.mark.parametrize(
    ("size", "known"),
    [
        (65, {"0": "1,10", "10": "0,13", "26": "23,37", "64": "54,63", "55": "56"}),
        (127, {"0": "1,14", "14": "0,18", "36": "32,51", "112": "108,126", "113": "114", "62": "61,63,72"}),
    ],
)
def test_large_heavy_hex_lattices_are_numbered_as_the_processors_are(
    size: int, known: dict[str, str]
) -> None:
    """The reference is the coupling maps that IBM publishes."""
    lattice = load_topology(f"heavy-hex-{size}")
    assert {qid: ",".join(lattice.neighbours(qid)) for qid in known} == known


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_line_has_any_length(size: int) -> None:
    assert load_topology(f"linear-{size}").couplings == tuple(f"{n}-{n + 1}" for n in range(size - 1))


def test_a_lattice_of_ten_thousand_is_built_like_any_other() -> None:
    lattice = load_topology("square-lattice-mux-10000")
    assert (len(lattice.qubits), len(lattice.couplings), len(lattice.muxes)) == (10_000, 19_800, 2_500)


def test_linear_is_a_line() -> None:
    line = load_topology("linear-16")
    assert line.couplings == tuple(f"{n}-{n + 1}" for n in range(15))
    assert line.neighbours("0") == ("1",)
    assert line.neighbours("7") == ("6", "8")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("square-lattice-mux-9", "9 is not the square of an even number"),
        ("square-lattice-mux-20", "20 is not the square of an even number"),
        ("square-latice-mux-64", "did you mean 'square-lattice-mux-64'?"),
        ("heavyhex-27", "did you mean 'heavy-hex-27'?"),
        ("heavy-hex-66", "66 is not the size of a heavy-hex lattice; near: 65 and 127"),
        ("heavy-hex-5", "near: 23"),
        ("linear-0", "no topology"),
        ("torus", "the built-in topologies are square-lattice-mux-16,"),
        ("", "the built-in topologies are"),
        ("square-lattice-mux-1000000000", "no topology"),
    ],
)
def test_an_unknown_name_is_refused_with_what_there_is(name: str, message: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        load_topology(name)
    assert message in str(caught.value)


def test_a_question_about_a_qubit_that_is_not_there_is_refused() -> None:
    line = load_topology("linear-16")
    for ask in (line.neighbours, line.get_mux, line.site):
        with pytest.raises(NotFoundError, match="'linear-16' has no qubit '16'; its 16 qubits are 0 to 15"):
            ask("16")
    with pytest.raises(NotFoundError, match="has no multiplexer 4; it has 0 to 3"):
        line.members(4)


def test_a_topology_from_couplings_merges_rows_of_one_pair_and_knows_no_places() -> None:
    chip = make_topology("device", ["10", "Q02", "1", "1"], ["2-1", "1-2", "10-1"])
    assert chip.qubits == (Site("1"), Site("2"), Site("10"))
    assert chip.couplings == ("1-2", "1-10")
    assert chip.neighbours("1") == ("2", "10")
    assert chip.get_mux("1") is None
    assert chip.muxes == ()


@pytest.mark.parametrize(
    ("qids", "couplings", "message"),
    [
        ([], [], "has no qubits"),
        (["0"], ["0-1"], "coupling 0-1 names the qubit 1, which it does not have"),
        (["0"], ["0-0"], "coupled to itself"),
        (["01"], [], "is not a qubit"),
    ],
)
def test_couplings_that_do_not_fit_are_refused(qids: list[str], couplings: list[str], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        make_topology("device", qids, couplings)


def test_a_topology_is_a_value() -> None:
    lattice = load_topology("square-lattice-mux-16")
    assert lattice == load_topology("square-lattice-mux-16")
    assert hash(lattice) == hash(copy.deepcopy(lattice))
    again = pickle.loads(pickle.dumps(lattice))
    assert again == lattice
    assert again.neighbours("0") == ("1", "2")
    with pytest.raises(AttributeError):
        lattice.name = "other"  # type: ignore[misc]
