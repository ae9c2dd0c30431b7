"""Collisions between couplings by the drive frequency."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qdash_core.chips.topology import make_topology
from qdash_core.scheduling.collisions import BESIDE_PAIR, DrivenCouplings, Transition, iter_pair_collisions
from qdash_core.scheduling.rules import make_coupling_conflicts

LINE = make_topology("line", map(str, range(6)), [f"{number}-{number + 1}" for number in range(5)])
DRIVE_GHZ = 5.0
"""Frequency of qubit 1, at which 0-1 is driven with control 0."""
ANHARMONICITY_GHZ = -0.3


def do_collide(f_of_2_ghz: float, **windows: float) -> bool:
    """Return whether 0-1 and 2-3 collide if qubit 2 has this frequency and all others are far away."""
    frequencies = {qid: Transition(6.0 + int(qid), ANHARMONICITY_GHZ) for qid in LINE.qids}
    frequencies["1"] = Transition(DRIVE_GHZ, ANHARMONICITY_GHZ)
    frequencies["2"] = Transition(f_of_2_ghz, ANHARMONICITY_GHZ)
    driven = DrivenCouplings(frequencies, {"0-1": "0", "2-3": "2"}, replace(BESIDE_PAIR, **windows))
    found = make_coupling_conflicts(["0-1", "2-3", "4-5"], LINE, driven=driven)
    return "2-3" in found.neighbours["0-1"]


@pytest.mark.parametrize(
    ("transition_ghz", "half_width_mhz"),
    [
        (DRIVE_GHZ, 17.0),
        (DRIVE_GHZ - ANHARMONICITY_GHZ, 25.0),
        (DRIVE_GHZ - ANHARMONICITY_GHZ / 2, 4.0),
    ],
    ids=["f01", "f12", "half f02"],
)
@pytest.mark.parametrize("side", [-1, 1])
def test_a_drive_collides_within_the_window_of_each_transition(
    transition_ghz: float, half_width_mhz: float, side: int
) -> None:
    assert do_collide(transition_ghz)
    assert do_collide(transition_ghz + side * (half_width_mhz - 0.1) / 1e3)
    assert not do_collide(transition_ghz + side * (half_width_mhz + 0.1) / 1e3)


def test_windows_are_to_choose() -> None:
    assert not do_collide(DRIVE_GHZ + 0.03)
    assert do_collide(DRIVE_GHZ + 0.03, f01_mhz=40.0)


def test_the_direction_says_which_frequency_drives() -> None:
    frequencies = {
        qid: Transition(ghz, ANHARMONICITY_GHZ)
        for qid, ghz in {"0": 8.0, "1": 5.0, "2": 6.5, "3": 5.01}.items()
    }

    def found(controls: dict[str, str]) -> bool:
        driven = DrivenCouplings(frequencies, controls)
        return "2-3" in make_coupling_conflicts(["0-1", "2-3"], LINE, driven=driven).neighbours["0-1"]

    assert found({"0-1": "0", "2-3": "3"}), "the drive at 5.0 meets qubit 3"
    assert found({"0-1": "1", "2-3": "2"}), "the drive at 5.01 meets qubit 1"
    assert not found({"0-1": "1", "2-3": "3"})
    assert not found({}), "what is not driven disturbs nobody"


def test_couplings_further_apart_do_not_collide() -> None:
    same = {qid: Transition(DRIVE_GHZ, ANHARMONICITY_GHZ) for qid in LINE.qids}
    driven = DrivenCouplings(same, {coupling: coupling[0] for coupling in LINE.couplings})
    found = make_coupling_conflicts(["0-1", "2-3", "4-5"], LINE, driven=driven)
    assert found.neighbours["0-1"] == {"2-3"}


def test_a_qubit_of_unknown_frequency_collides_with_nothing() -> None:
    driven = DrivenCouplings({"1": Transition(DRIVE_GHZ, ANHARMONICITY_GHZ)}, {"0-1": "0", "2-3": "2"})
    assert not make_coupling_conflicts(["0-1", "2-3"], LINE, driven=driven).neighbours["0-1"]


@pytest.mark.parametrize(
    ("distance_mhz", "said"),
    [
        (-5.0, ["a and b are 5.0 MHz apart"]),
        (148.0, ["f02/2 of a is 2.0 MHz from b"]),
        (-129.0, ["f02/2 of b is 1.0 MHz from a"]),
        (310.0, ["f12 of a is 10.0 MHz from b"]),
        (-250.0, ["f12 of b is 10.0 MHz from a"]),
        (100.0, []),
    ],
)
def test_what_collides_within_a_pair_is_said_once(distance_mhz: float, said: list[str]) -> None:
    assert list(iter_pair_collisions(("a", "b"), distance_mhz, (-300.0, -260.0))) == said


def test_without_anharmonicity_only_equal_frequencies_collide_within_a_pair() -> None:
    unknown = (None, None)
    assert list(iter_pair_collisions(("a", "b"), 16.9, unknown))
    assert not list(iter_pair_collisions(("a", "b"), 150.0, unknown))
