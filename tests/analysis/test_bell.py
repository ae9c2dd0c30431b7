"""Fidelity of a Bell state, corrected for readout errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import fit_bell

from ..case_tables import each_case
from .coupled_qubits import BELL, confusion, counted, imperfect_bell_state, pauli

IDEAL = np.outer(BELL, BELL).astype(complex)
READOUT = np.kron([[0.98, 0.02], [0.05, 0.95]], [[0.97, 0.03], [0.08, 0.92]])
CALIBRATION = np.round(10_000 * READOUT).astype(int)
COUNTS = {"XX": [480, 20, 20, 480], "YY": [20, 480, 480, 20], "ZZ": [480, 20, 20, 480]}


def measured(rng, rho, bases=("XX", "YY", "ZZ"), *, readout=READOUT, shots=4000, calibration=4000):
    return counted(rng, rho, readout, bases=list(bases), shots=shots, calibration=calibration)


def test_readout_errors_are_undone(rng):
    counts, calibration = measured(rng, IDEAL, shots=100_000, calibration=100_000)
    found = fit_bell(counts, calibration).raw
    unmended = fit_bell(counts, 100_000 * np.eye(4, dtype=int)).raw["bell_state_fidelity"]
    assert unmended.value < 0.95
    assert abs(found["bell_state_fidelity"].value - 1) < 4 * found["bell_state_fidelity"].error
    assert abs(found["correlation_yy"].value + 1) < 4 * found["correlation_yy"].error


def test_a_raw_fidelity_may_exceed_one_within_its_error_and_that_of_a_state_never_does(rng):
    found = [fit_bell(*measured(rng, IDEAL)) for _ in range(60)]
    raw, physical = (
        np.array([getattr(result, kind)["bell_state_fidelity"].value for result in found])
        for kind in ("raw", "parameters")
    )
    assert 15 < np.sum(raw > 1) < 45
    assert (physical <= 1).all()
    assert physical[raw > 1] == pytest.approx(1, abs=0.01)


COUNTED = st.lists(st.integers(0, 200), min_size=4, max_size=4).filter(lambda row: sum(row) >= 20)


@given(st.lists(COUNTED, min_size=3, max_size=3), st.sampled_from(["XX", "XY"]))
def test_whatever_is_counted_the_fidelity_is_that_of_a_state(rows, first):
    """Correlations that no state has are possible, too."""
    signs = {"XX": 1, "YY": -1, "ZZ": 1} if first == "XX" else {"XY": 1, "YX": 1, "ZZ": 1}
    result = fit_bell(dict(zip(signs, rows, strict=True)), CALIBRATION, signs=signs)
    found = result.parameters["bell_state_fidelity"]
    correlations = [
        sign * result.parameters[f"correlation_{basis.lower()}"].value for basis, sign in signs.items()
    ]
    assert found.value == pytest.approx((1 + sum(correlations)) / 4, abs=1e-9)
    others = (1 + np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) @ correlations) / 4
    assert others.min() > -1e-9  # populations of the three other Bell states
    lower, upper = found.interval
    assert 0 <= lower <= found.value <= upper <= 1
    assert found.error == max(found.value - lower, upper - found.value)
    raw = result.raw["bell_state_fidelity"]
    assert upper - lower >= min(raw.error, 1) * (1 - 1e-9)


def test_a_possible_state_is_as_it_was_measured(rng):
    result = fit_bell(*measured(rng, 0.7 * IDEAL + 0.3 * np.eye(4) / 4, shots=20_000))
    for name, found in result.parameters.items():
        raw = result.raw[name]
        assert (found.value, found.error) == pytest.approx((raw.value, raw.error))
        assert found.interval == pytest.approx((raw.value - raw.error, raw.value + raw.error))


@pytest.mark.parametrize("repeats", [120, pytest.param(600, marks=pytest.mark.release)])
def test_the_error_is_that_of_a_bootstrap_of_counts_and_calibration(rng, repeats):
    rho, readout = imperfect_bell_state(rng), confusion(rng)
    counts, calibration = measured(rng, rho, readout=readout)
    result = fit_bell(counts, calibration)
    repeated = []
    for _ in range(repeats):
        again = {basis: rng.multinomial(sum(row), row / sum(row)) for basis, row in counts.items()}
        rows = np.array([rng.multinomial(row.sum(), row / row.sum()) for row in calibration])
        found = fit_bell(again, rows).raw.values()
        repeated.append([estimate.value for estimate in found])
    # The standard deviation of 600 repeats has an error of 3 %; that of correlations scatters by 0.04.
    scatter = np.sqrt(600 / repeats)
    errors = [estimate.error for estimate in result.raw.values()]
    assert np.std(repeated, axis=0) == pytest.approx(errors, rel=0.12 * scatter)
    assert np.sqrt(np.diag(result.covariance)) == pytest.approx(errors)
    correlation = result.covariance / np.outer(errors, errors)
    assert np.corrcoef(np.transpose(repeated)) == pytest.approx(correlation, abs=0.16 * scatter)


def test_few_shots_of_the_calibration_widen_the_error(rng):
    many, few = (fit_bell(*measured(rng, IDEAL, calibration=n)).raw for n in (40_000, 400))
    assert few["bell_state_fidelity"].error > 1.5 * many["bell_state_fidelity"].error


@each_case(
    ("amplitudes", "signs"),
    [
        ([1, 0, 0, 1], {"XX": 1, "YY": -1, "ZZ": 1}),
        ([1, 0, 0, -1], {"XX": -1, "YY": 1, "ZZ": 1}),
        ([0, 1, 1, 0], {"XX": 1, "YY": 1, "ZZ": -1}),
        ([0, 1, -1, 0], {"XX": -1, "YY": -1, "ZZ": -1}),
        ([1, 0, 0, 1j], {"XY": 1, "YX": 1, "ZZ": 1}),
    ],
)
def test_any_bell_state_is_told_by_its_signs(amplitudes, signs, rng):
    state = np.array(amplitudes) / np.sqrt(2)
    rho = np.outer(state, state.conj())
    assert {basis: round(np.trace(rho @ pauli(basis)).real) for basis in signs} == signs
    counts, calibration = measured(rng, rho, tuple(signs), shots=40_000, calibration=40_000)
    estimate = fit_bell(counts, calibration, signs=signs).raw["bell_state_fidelity"]
    assert abs(estimate.value - 1) < 4 * estimate.error
    other = {basis: -sign if basis != "ZZ" else sign for basis, sign in signs.items()}
    assert fit_bell(counts, calibration, signs=other).parameters["bell_state_fidelity"].value < 0.05


def test_what_was_never_seen_is_not_certain():
    counts = {"XX": [50, 0, 0, 50], "YY": [0, 50, 50, 0], "ZZ": [50, 0, 0, 50]}
    estimate = fit_bell(counts, 100 * np.eye(4, dtype=int)).raw["bell_state_fidelity"]
    assert estimate.value == pytest.approx(1)
    assert estimate.error > 0.003


@each_case(
    "readout",
    [np.full((4, 4), 0.25), np.kron([[0.9, 0.1], [0.88, 0.12]], np.eye(2)), np.eye(4)[[0, 0, 2, 3]]],
    ids=["nothing is told", "one qubit is hardly told", "two states are one"],
)
def test_a_readout_that_does_not_tell_the_states_apart_is_refused(readout):
    result = fit_bell(COUNTS, np.round(1000 * readout))
    assert not result.success
    assert "does not tell the four states apart" in result.message


@each_case(
    ("counts", "calibration", "signs", "message"),
    [
        ({"XX": [1, 2, 3, 4]}, CALIBRATION, None, "counts of YY, ZZ are missing, got XX"),
        ({}, CALIBRATION, None, "counts of XX, YY, ZZ are missing, got none"),
        ({**COUNTS, "YY": [1, 2, 3]}, CALIBRATION, None, "counts of YY must be four numbers"),
        (
            {**COUNTS, "YY": [100, -1, 3, 4]},
            CALIBRATION,
            None,
            "counts of YY must be whole numbers and not negative",
        ),
        ({**COUNTS, "YY": [0.5, 0.5, 0, 0]}, CALIBRATION, None, "counts of YY must be whole numbers"),
        (
            {**COUNTS, "ZZ": [9, 0, 0, 9]},
            CALIBRATION,
            None,
            "counts of ZZ are too few: 18 shots, at least 20",
        ),
        ({**COUNTS, "ZZ": [np.nan, 0, 0, 9]}, CALIBRATION, None, "counts of ZZ must be whole numbers"),
        (None, CALIBRATION, None, "counts must be a mapping from basis to four counts, got NoneType"),
        (
            [*COUNTS.values()],
            CALIBRATION,
            None,
            "counts must be a mapping from basis to four counts, got list",
        ),
        ({**COUNTS, "ZZ": [1e18, 0, 0, 0]}, CALIBRATION, None, "counts of ZZ are too many"),
        (COUNTS, CALIBRATION[:3], None, r"calibration must hold four counts .* got shape \(3, 4\)"),
        (COUNTS, -CALIBRATION, None, "calibration of 00 must be whole numbers"),
        (COUNTS, 0 * CALIBRATION, None, "calibration of 00 are too few"),
        (COUNTS, CALIBRATION, {"XX": 1, "YY": 1, "ZZ": 1}, "no state has all of"),
        (COUNTS, CALIBRATION, {"XX": 1, "YY": -1}, "signs must name three bases"),
        (COUNTS, CALIBRATION, {"XX": 1, "YY": -1, "ZI": 1}, "signs must name three bases"),
        (COUNTS, CALIBRATION, {"XX": 1, "YY": -0.5, "ZZ": 1}, "signs must be 1 or -1"),
    ],
)
def test_bad_input_is_named(counts, calibration, signs, message):
    with pytest.raises(ValueError, match=message):
        fit_bell(counts, calibration, **({} if signs is None else {"signs": signs}))
