"""Directions of cross-resonance gates: predictions for each, and the choice by each rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.chips.topology import make_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.targets import split_coupling
from qdash_core.scheduling.directions import RULES, choose_directions
from qdash_core.scheduling.gate_errors import (
    Transmon,
    coherence_error,
    make_transmon,
    predict_error,
    zx_rate_mhz,
)

LINE = get_builtin_topology("linear-3")


def predict_pair_error(control_mhz: float, target_mhz: float, *spectators_mhz: float) -> float:
    others = tuple(Transmon(frequency) for frequency in spectators_mhz)
    return predict_error(Transmon(control_mhz), Transmon(target_mhz), others)


def test_the_zx_rate_is_that_of_perturbation_theory_at_weak_drive() -> None:
    """- J Omega a / (D (a + D)): J = 2, Omega = 5, D = 100, a = -310 MHz; 0.2 % of saturation."""
    rate = zx_rate_mhz(Transmon(5100.0), Transmon(5000.0), 5.0)
    assert rate == pytest.approx(2 * 5 * 310 / (100 * 210), rel=0.01)


@pytest.mark.parametrize(("drive_mhz", "too_large"), [(20, 0.04), (40, 0.14), (60, 0.31), (80, 0.54)])
def test_the_zx_rate_saturates_as_numeric_block_diagonalisation_has_it(
    drive_mhz: float, too_large: float
) -> None:
    weak = zx_rate_mhz(Transmon(5100.0), Transmon(5000.0), 1e-3) / 1e-3
    strong = zx_rate_mhz(Transmon(5100.0), Transmon(5000.0), drive_mhz) / drive_mhz
    assert weak / strong - 1 == pytest.approx(too_large, abs=0.02)


def test_the_coherence_limit_is_the_product_over_both_qubits() -> None:
    """Equal qubits, T1 = T2 = 100 us, gate of 1 us: Fe = ((1 + 3 exp(-0.01)) / 4)^2."""
    limit = coherence_error(1000.0, Transmon(5000.0), Transmon(5100.0))
    assert limit == pytest.approx(0.8 * (1 - ((1 + 3 * 0.990050) / 4) ** 2), rel=1e-4)


@pytest.mark.parametrize(
    ("collision", "without"),
    [
        ((5000.0, 5003.0), (5000.0, 5100.0)),  # one frequency
        ((5155.0, 5000.0), (5100.0, 5000.0)),  # two-photon resonance of the control
        ((5312.0, 5000.0), (5250.0, 5000.0)),  # f12 of the control
        ((5100.0, 5000.0, 5002.0), (5100.0, 5000.0, 5060.0)),  # spectator
        ((5100.0, 5000.0, 5311.0), (5100.0, 5000.0, 5060.0)),  # f12 of a spectator
        ((5100.0, 5000.0, 4890.0), (5100.0, 5000.0, 4950.0)),  # two-photon resonance with a spectator
    ],
)
def test_a_collision_costs_more_than_the_gate_does_without(
    collision: tuple[float, ...], without: tuple[float, ...]
) -> None:
    assert predict_pair_error(*collision) > 1.5 * predict_pair_error(*without)


@given(
    st.floats(4000, 6000),
    st.floats(4000, 6000),
    st.floats(-400, -200),
    st.floats(0.1, 1000),
    st.floats(4000, 6000),
)
def test_a_prediction_is_an_error(f_c: float, f_t: float, alpha: float, time_us: float, f_s: float) -> None:
    control = Transmon(f_c, anharmonicity_mhz=alpha, t1_us=time_us, t2_us=time_us)
    assert 0 < predict_error(control, Transmon(f_t), (Transmon(f_s),)) <= 0.75


def test_shorter_lives_make_worse_gates() -> None:
    target = Transmon(5000.0)
    errors = [predict_error(Transmon(5100.0, t1_us=t, t2_us=t), target) for t in (200.0, 50.0, 10.0)]
    assert errors == sorted(errors)


def test_what_is_known_of_a_qubit_comes_from_its_accepted_values() -> None:
    values = {
        "qubit_frequency": ParameterModel(value=5.1, unit="GHz"),
        "anharmonicity": ParameterModel(value=-0.3, unit="GHz"),
        "t1": ParameterModel(value=20.0, unit="us"),
        "t2_echo": ParameterModel(value=60.0, unit="us"),
    }
    found = make_transmon(values)
    assert found is not None
    assert (found.frequency_mhz, found.anharmonicity_mhz) == pytest.approx((5100.0, -300.0))
    assert (found.t1_us, found.t2_us) == (20.0, 40.0)
    assert make_transmon({"t1": ParameterModel(value=20.0)}) is None


KNOWN = {"0": Transmon(4950.0), "1": Transmon(5060.0), "2": Transmon(4910.0)}


def test_the_lower_predicted_error_wins_and_the_reason_gives_both() -> None:
    found = choose_directions(LINE.couplings, LINE, KNOWN)
    assert {one: direction.control for one, direction in found.items()} == {"0-1": "1", "1-2": "1"}
    assert found["0-1"].predicted_error == predict_error(KNOWN["1"], KNOWN["0"], (KNOWN["2"],))
    assert "the other way" in found["0-1"].reason


def test_the_higher_frequency_does_not_control_from_a_two_photon_resonance() -> None:
    pair = get_builtin_topology("linear-2")
    known = {"0": Transmon(5155.0), "1": Transmon(5000.0)}
    assert choose_directions(["0-1"], pair, known)["0-1"].control == "1"
    assert choose_directions(["0-1"], pair, known, rule="higher")["0-1"].control == "0"


def test_a_direction_is_changed_only_where_it_is_worth_a_calibration() -> None:
    pair = get_builtin_topology("linear-2")
    alike = {"0": Transmon(5010.0), "1": Transmon(5000.0)}
    better = {"0": Transmon(5100.0), "1": Transmon(5000.0)}
    assert 0.9 < predict_pair_error(5010.0, 5000.0) / predict_pair_error(5000.0, 5010.0) < 1, (
        "a little better, and not worth it"
    )
    for control in ("0", "1"):
        assert choose_directions(["0-1"], pair, alike, stored={"0-1": control})["0-1"].control == control
        assert choose_directions(["0-1"], pair, better, stored={"0-1": control})["0-1"].control == "0"


def test_without_a_frequency_a_coupling_stays_as_it_is_and_says_so() -> None:
    known = {"0": KNOWN["0"]}
    found = choose_directions(LINE.couplings, LINE, known, stored={"1-2": "2"})
    assert (found["0-1"].control, found["1-2"].control) == ("0", "2")
    assert found["0-1"].reason == "frequency of 1 not known: the lower number controls"
    assert found["1-2"].reason == "frequency of 1 and 2 not known: as stored"
    assert found["0-1"].predicted_error is None


@given(st.integers(1, 4))
def test_on_a_checkerboard_every_qubit_controls_all_its_couplings_or_none(half: int) -> None:
    lattice = get_builtin_topology(f"square-lattice-mux-{4 * half * half}")
    black = choose_directions(lattice.couplings, lattice, {}, rule="checkerboard")
    white = choose_directions(lattice.couplings, lattice, {}, rule="checkerboard-inverse")
    for coupling in lattice.couplings:
        assert {black[coupling].control, white[coupling].control} == set(split_coupling(coupling))
    controls = {direction.control for direction in black.values()}
    assert not controls & {direction.target for direction in black.values()}
    for qid in controls:
        site = lattice.site(qid)
        assert site.row is not None
        assert site.col is not None
        assert (site.row + site.col) % 2 == 0


def test_without_places_a_checkerboard_follows_from_the_couplings() -> None:
    lattice = get_builtin_topology("heavy-hex-27")
    device = make_topology("device", lattice.qids, lattice.couplings)
    with_places, without = (
        choose_directions(lattice.couplings, one, {}, rule="checkerboard") for one in (lattice, device)
    )
    same = [with_places[one].control == without[one].control for one in lattice.couplings]
    assert all(same) or not any(same), "which of the colours is black is not known"


def test_where_couplings_go_round_in_threes_there_is_no_checkerboard() -> None:
    ring = make_topology("ring", ["0", "1", "2"], ["0-1", "1-2", "0-2"])
    with pytest.raises(
        InvalidInputError, match="no checkerboard: both qubits of 1-2 are on squares of one colour"
    ):
        choose_directions(ring.couplings, ring, {}, rule="checkerboard")


def test_explicit_directions_count_before_stored_ones() -> None:
    found = choose_directions(LINE.couplings, LINE, KNOWN, rule={"1-2": "2"}, stored={"0-1": "0"})
    assert (found["0-1"].control, found["1-2"].control) == ("0", "2")


def test_a_rule_that_is_not_one_or_names_a_stranger_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="there are: " + ", ".join(RULES)):
        choose_directions(["0-1"], LINE, {}, rule="best")  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="qubit 2 cannot control 0-1"):
        choose_directions(["0-1"], LINE, {}, rule={"0-1": "2"})
    with pytest.raises(
        NotFoundError, match="a direction is given for 0-2, and the chip has no such coupling"
    ):
        choose_directions(["0-1"], LINE, {}, rule={"0-2": "2"})


def test_controls_may_be_written_as_people_do_and_be_more_than_are_wanted() -> None:
    found = choose_directions(["0-1"], LINE, {}, rule={"Q01-Q00": "Q01", "1-2": "2"})
    assert {coupling: direction.control for coupling, direction in found.items()} == {"0-1": "1"}
