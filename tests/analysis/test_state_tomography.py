"""State tomography of two qubits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_analysis import fit_bell, fit_state_tomography

from ..case_tables import each_case
from .coupled_qubits import BASES, BELL, confusion, counted, imperfect_bell_state
from .populations_of_couplings import wootters

IDEAL = np.outer(BELL, BELL).astype(complex)
CALIBRATION = 1000 * np.eye(4, dtype=int)


def measured(rng, rho, *, shots=4000, calibration=4000, readout=None):
    chosen = confusion(rng) if readout is None else readout
    return counted(rng, rho, chosen, bases=BASES, shots=shots, calibration=calibration)


def test_the_density_matrix_is_the_one_that_was_made(rng):
    for _ in range(10):
        rho = imperfect_bell_state(rng)
        found = fit_state_tomography(*measured(rng, rho, shots=100_000, calibration=100_000)).density_matrix
        assert np.abs(found - rho).max() < 0.01


def test_the_density_matrix_is_one(rng):
    for shots in (50, 1000, 100_000):
        found = fit_state_tomography(*measured(rng, IDEAL, shots=shots)).density_matrix
        assert np.trace(found) == pytest.approx(1)
        assert found == pytest.approx(found.conj().T)
        assert np.linalg.eigvalsh(found).min() > -1e-9


@pytest.mark.slow
def test_raw_fidelity_and_purity_of_a_pure_state_are_not_pulled_down(rng):
    found = [fit_state_tomography(*measured(rng, IDEAL, shots=1000)) for _ in range(12)]
    for name in ("bell_state_fidelity", "purity"):
        values = [result.raw[name].value for result in found]
        assert abs(np.mean(values) - 1) < 4 * np.std(values) / np.sqrt(12)
        assert max(values) > 1
        physical = [result.parameters[name] for result in found]
        assert max(one.value for one in physical) <= 1
        # 84 % of the intervals reach the end of the range, which is the truth.
        assert np.mean([one.interval[1] == 1 for one in physical]) > 0.84 - 4 * 0.106
    likeliest = [result.parameters["bell_state_fidelity"].value for result in found]
    assert np.mean(likeliest) < 1 - 4 * np.std(likeliest) / np.sqrt(12)


COUNTS = st.lists(st.integers(0, 200), min_size=4, max_size=4).filter(lambda row: sum(row) >= 20)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(COUNTS, min_size=9, max_size=9), st.sampled_from([200, 4000]), st.floats(0, 0.3))
def test_whatever_is_counted_the_state_is_one(rows, shots, error):
    """Counts that no state gives are possible, too."""
    one = np.array([[1 - error, error], [error / 2, 1 - error / 2]])
    calibration = np.round(shots * np.kron(one, one)).astype(int)
    result = fit_state_tomography(dict(zip(BASES, rows, strict=True)), calibration)
    rho = result.density_matrix
    assert np.linalg.eigvalsh(rho).min() > -1e-12
    assert np.trace(rho) == pytest.approx(1, abs=1e-12)
    for name, least in {"bell_state_fidelity": 0, "purity": 0.25, "concurrence": 0}.items():
        found = result.parameters[name]
        assert least <= found.value <= 1
        if found.error is not None:
            lower, upper = found.interval
            assert least <= lower <= found.value <= upper <= 1
            assert lower < upper
            assert found.error == max(found.value - lower, upper - found.value)


def test_a_product_state_has_no_concurrence(rng):
    state = np.kron([1, 1], [1, 1j]) / 2
    result = fit_state_tomography(*measured(rng, np.outer(state, state.conj()), shots=20_000), state=state)
    assert result.parameters["bell_state_fidelity"].value == pytest.approx(1, abs=0.02)
    assert result.parameters["concurrence"].value < 0.1


def test_another_state_may_be_wanted(rng):
    state = np.array([0, 1, 1j, 0])
    rho = np.outer(state, state.conj()) / 2
    counts = measured(rng, rho, shots=20_000, calibration=20_000)
    assert fit_state_tomography(*counts, state=state).parameters["bell_state_fidelity"].value > 0.97
    assert fit_state_tomography(*counts).parameters["bell_state_fidelity"].value < 0.03


def test_the_same_data_give_the_same_errors(rng):
    counts = measured(rng, imperfect_bell_state(rng))
    first, again, other = (fit_state_tomography(*counts, seed=seed) for seed in (0, 0, 1))
    assert first.parameters == again.parameters
    assert other.parameters["concurrence"] != first.parameters["concurrence"]
    assert other.parameters["bell_state_fidelity"] == first.parameters["bell_state_fidelity"]
    assert (first.raw, first.raw["purity"]) == (again.raw, other.raw["purity"])


def test_it_agrees_with_the_three_correlations(rng):
    rho = imperfect_bell_state(rng)
    counts, calibration = measured(rng, rho)
    short = fit_bell(counts, calibration).raw["bell_state_fidelity"]
    full = fit_state_tomography(counts, calibration).raw["bell_state_fidelity"]
    assert full.value == pytest.approx(short.value)
    assert full.error == pytest.approx(short.error)


def test_the_concurrence_is_that_of_wootters(rng):
    rho = 0.9 * IDEAL + 0.1 * np.eye(4) / 4
    assert wootters(rho) == pytest.approx(0.85)
    estimate = fit_state_tomography(*measured(rng, rho, shots=100_000, calibration=100_000)).parameters[
        "concurrence"
    ]
    assert abs(estimate.value - 0.85) < 4 * estimate.error


@pytest.mark.parametrize(
    "shots", [*(pytest.param(one, marks=pytest.mark.release) for one in (64, 2048)), 100_000]
)
def test_a_state_describes_its_counts_at_every_number_of_shots(rng, shots):
    for rho in (IDEAL, imperfect_bell_state(rng), np.eye(4) / 4):
        found = [
            fit_state_tomography(*measured(rng, rho, shots=shots, calibration=shots)).reduced_chi2
            for _ in range(6)
        ]
        # At least 12 degrees of freedom: a mean of 6 scatters by 0.17 of it.
        assert np.mean(found) == pytest.approx(1, abs=5 * 0.17)


def test_counts_in_another_order_are_those_of_no_state(rng):
    counts, calibration = measured(rng, imperfect_bell_state(rng))
    right = fit_state_tomography(counts, calibration)
    # The order of the answers of a laboratory that sorts circuits by their length.
    others = dict(
        zip(BASES, (counts[name] for name in sorted(BASES, key=lambda name: -name.count("Z"))), strict=True)
    )
    wrong = fit_state_tomography(others, calibration)
    assert right.r2 > 0.98
    assert right.reduced_chi2 < 3
    assert wrong.r2 < 0.9
    assert wrong.reduced_chi2 > 50


def test_a_readout_that_does_not_tell_the_states_apart_is_refused(rng):
    counts, _ = measured(rng, IDEAL)
    result = fit_state_tomography(counts, np.full((4, 4), 1000))
    assert not result.success
    assert result.density_matrix is None
    assert "does not tell the four states apart" in result.message


@each_case("state", [[1, 0, 0], [0, 0, 0, 0], [1, 0, 0, np.nan], "+", {"00": 1}])
def test_a_state_is_four_amplitudes(state, rng):
    counts, _ = measured(rng, IDEAL)
    with pytest.raises(ValueError, match="state must be four finite amplitudes"):
        fit_state_tomography(counts, CALIBRATION, state=state)


@pytest.mark.parametrize("unit", [1e-300, 1e200])
def test_amplitudes_have_any_unit(unit, rng):
    counts, _ = measured(rng, IDEAL)
    one, other = (fit_state_tomography(counts, CALIBRATION, state=[u, 0, 0, u]) for u in (1, unit))
    assert other.parameters == one.parameters


def test_a_missing_basis_is_named(rng):
    counts, _ = measured(rng, IDEAL)
    del counts["XY"]
    with pytest.raises(ValueError, match="counts of XY are missing"):
        fit_state_tomography(counts, CALIBRATION)
