"""Claims of runs: the parts of an instrument that their targets need exclusively."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import Site, Topology
from qdash_core.chips.wiring import Wiring
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.claims import Claim, describe_resources
from qdash_core.models.targets import split_coupling
from qdash_core.scheduling.claims import WHOLE_INSTRUMENT, RunClaim, claim_targets

if TYPE_CHECKING:
    from qdash_core.models.claims import ClaimUnit

SQUARE = get_builtin_topology("square-lattice-mux-16")
LINE = Topology("line", tuple(Site(str(number)) for number in range(3)), ("0-1", "1-2"))
WIRING = Wiring(
    WiringModel(
        lines=[
            MuxLines(
                mux=mux,
                ctrl=[f"U{mux // 2}A-{port}" for port in range(4)],
                read_out=f"R{mux}B-1",
                read_in=f"R{mux}B-2",
            )
            for mux in range(3)
        ]
    ),
    SQUARE,
)
"""Multiplexers 0 and 1 share the module U0A; multiplexer 3 is not in it."""


def claim(
    *targets: str,
    unit: ClaimUnit = "mux",
    chip_id: str = "a",
    topology: Topology = SQUARE,
    wiring: Wiring | None = None,
) -> RunClaim:
    return claim_targets(targets, unit=unit, chip_id=chip_id, topology=topology, wiring=wiring)


def test_a_run_claims_its_multiplexers_and_its_couplings_to_others() -> None:
    found = claim("0", "1", "2", "3")
    couplings = {f"coupling {pair} of chip a" for pair in ("1-4", "2-8", "3-6", "3-9")}
    assert found.resources == {"multiplexer 0 of chip a"} | couplings
    assert found.targets == {"0", "1", "2", "3", "0-1", "0-2", "1-3", "2-3"}
    assert claim("0").resources == {"multiplexer 0 of chip a"}


def test_a_coupling_claims_what_both_of_its_qubits_claim() -> None:
    both = claim("1", "4")
    assert claim("1-4") == both
    assert {"multiplexer 0 of chip a", "multiplexer 1 of chip a"} <= both.resources


@pytest.mark.parametrize(
    ("unit", "units"),
    [
        ("chip", {"chip a"}),
        ("box", {"multiplexer 0 of chip a", "box A", "box B"}),
        ("module", {"multiplexer 0 of chip a", "module U0A", "module R0B"}),
        ("mux", {"multiplexer 0 of chip a"}),
    ],
)
def test_the_backend_names_the_unit(unit: ClaimUnit, units: set[str]) -> None:
    assert claim("0", unit=unit, wiring=WIRING).resources == units


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(claim("0", unit="instrument"), id="a backend that cannot share"),
        pytest.param(claim(), id="no target"),
        pytest.param(claim(""), id="the whole chip"),
        pytest.param(claim("0", topology=LINE), id="a qubit without a multiplexer"),
        pytest.param(claim("0", unit="module"), id="no wiring"),
        pytest.param(claim("0", "12", unit="module", wiring=WIRING), id="a multiplexer without wiring"),
    ],
)
def test_what_is_unknown_claims_the_whole_instrument(whole: RunClaim) -> None:
    assert whole == WHOLE_INSTRUMENT
    assert whole.covers(["0", "1-4", ""])


def test_a_claim_covers_its_targets_alone() -> None:
    found = claim("0", "1")
    assert found.covers(["0", "1", "0-1"])
    assert not found.covers(["2"]), "it is on the multiplexer, but its couplings are not claimed"
    assert not found.covers([""])


def test_resources_are_named_briefly() -> None:
    assert describe_resources(claim("3").resources) == "multiplexer 0 of chip a"
    assert describe_resources(["coupling 3-9 of chip a", "coupling 3-6 of chip a"]) == (
        "coupling 3-6 of chip a, coupling 3-9 of chip a"
    )
    assert describe_resources(f"module U{number}" for number in range(10, 0, -1)) == (
        "module U1, module U2, module U3 and 7 more"
    )


def test_runs_on_one_multiplexer_exclude_each_other_after_a_new_wiring() -> None:
    lines = [MuxLines(mux=mux, ctrl=["U9A-1"] * 4, read_out="R9B-1", read_in="R9B-2") for mux in range(2)]
    new = Wiring(WiringModel(lines=lines), SQUARE)
    for other in ("3", "4"):  # on the multiplexer, and coupled to it
        pair = [claim("1", unit="module", wiring=WIRING), claim(other, unit="module", wiring=new)]
        assert not pair[0].resources.isdisjoint(pair[1].resources)


UNIT_NAMES: tuple[ClaimUnit, ...] = ("instrument", "chip", "box", "module", "mux")


@pytest.mark.parametrize(("one", "other"), [*combinations(UNIT_NAMES, 2)])
def test_parts_from_different_divisions_exclude_each_other(one: ClaimUnit, other: ClaimUnit) -> None:
    """The unit of a chip may change while a run is in progress, and two chips of one instrument may have different units."""
    for chip_id in ("a", "b"):
        pair = claim("0", unit=one, wiring=WIRING), claim("8", unit=other, chip_id=chip_id, wiring=WIRING)
        assert exclude_each_other(*pair)


@pytest.mark.parametrize(("unit", "at_once"), [("mux", False), ("module", True), ("chip", True)])
def test_two_chips_of_one_instrument_are_told_apart_by_their_modules_or_by_the_backend(
    unit: ClaimUnit, at_once: bool
) -> None:
    """Their multiplexers may be the same lines: two chip ids may be of one physical chip."""
    pair = claim("0", unit=unit, wiring=WIRING), claim("8", unit=unit, chip_id="b", wiring=WIRING)
    assert exclude_each_other(*pair) is not at_once
    same_place = claim("0", unit="module", chip_id="b", wiring=WIRING)
    assert exclude_each_other(claim("0", unit="module", wiring=WIRING), same_place)


def exclude_each_other(one: RunClaim, other: RunClaim) -> bool:
    return Claim("i", "p", "chip", one.resources).excludes(Claim("i", "p", "chip", other.resources))


QIDS = st.frozensets(st.sampled_from(SQUARE.qids), min_size=1, max_size=5)
UNITS = st.sampled_from(["mux", "module", "box", "chip", "instrument"])


@given(QIDS, QIDS, UNITS)
def test_two_runs_overlap_if_and_only_if_they_could_disturb_each_other(
    ours: frozenset[str], theirs: frozenset[str], unit: ClaimUnit
) -> None:
    one, other = claim(*ours, unit=unit, wiring=WIRING), claim(*theirs, unit=unit, wiring=WIRING)
    pairs = [set(split_coupling(pair)) for pair in SQUARE.couplings]
    coupled = any(pair & ours and pair & theirs for pair in pairs)
    whole = WHOLE_INSTRUMENT in (one, other)
    shares_unit = not _list_units(one).isdisjoint(_list_units(other))
    assert exclude_each_other(one, other) is (whole or coupled or shares_unit)


def _list_units(found: RunClaim) -> set[str]:
    return {name for name in found.resources if not name.startswith("coupling ")}


CLAIMS = st.builds(
    Claim,
    st.sampled_from(["bench", "rack"]),
    st.sampled_from(["default", "other"]),
    st.sampled_from(["chip", "project"]),
    st.frozensets(
        st.sampled_from(
            [*"abc", "chip a", "box A", "module A", "multiplexer 0 of chip a", "multiplexer 0 of chip b"]
        )
    ),
)


@given(CLAIMS, CLAIMS)
def test_exclusion_is_mutual_and_a_whole_instrument_excludes_all_of_it(one: Claim, other: Claim) -> None:
    assert one.excludes(other) is other.excludes(one)
    assert one.excludes(one)
    if one.instrument == other.instrument and not one.resources:
        assert one.excludes(other)
