"""DRAG coefficient at which opposite pulses cancel, and ambiguous cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import fit_drag

from ..case_tables import each_case

SWEEP = np.linspace(-1, 1, 31)


def populations(rng, pairs, optimum, *, sweep=SWEEP, turn=0.12, amplitude=0.25, noise=0.02, rate=0.005):
    n = np.array(pairs)[:, None]
    y = 0.25 - amplitude * np.exp(-rate * n) * np.cos(n * turn * (sweep - optimum))
    return y + rng.normal(0, noise * abs(amplitude), y.shape)


@given(
    optimum=st.floats(-0.8, 0.8),
    turn=st.floats(0.1, 0.8),
    few=st.integers(2, 9),
    amplitude=st.sampled_from([-3.0, 0.01, 0.25]),
    seed=st.integers(0, 2**31),
)
def test_the_optimum_is_found_among_several_periods(optimum, turn, few, amplitude, seed):
    rng, pairs = np.random.default_rng(seed), (few, few + 1, 2 * few + 1)
    y = populations(rng, pairs, optimum, turn=turn, amplitude=amplitude)
    found = fit_drag(SWEEP, y, repetitions=pairs)
    if 2 * np.pi / turn > 2 and found.success:
        assert abs(found.parameters["beta"].value - optimum) < 5 * found.parameters["beta"].error
    if 1.5 < turn * pairs[-1] < 8:
        assert found.success, found.message


def test_more_pairs_are_sharper(rng):
    errors = [
        fit_drag(SWEEP, populations(rng, pairs, 0.2), repetitions=pairs, sigma=0.005).parameters["beta"].error
        for pairs in ((3, 5), (13, 21))
    ]
    assert errors[1] < errors[0] / 3


def test_a_parabola_is_enough(rng):
    y = populations(rng, [2], 0.3, turn=0.25, noise=0.005)[0]
    estimate = fit_drag(SWEEP, y, repetitions=2).parameters["beta"]
    assert abs(estimate.value - 0.3) < 4 * estimate.error
    assert estimate.error < 0.1


def test_one_number_of_pairs_with_two_extrema_does_not_tell_the_optimum(rng):
    for _ in range(20):
        y = populations(rng, [20], rng.uniform(-0.5, 0.5), turn=0.2)[0]
        found = fit_drag(SWEEP, y, repetitions=20)
        assert not found.success
        assert "two optima" in found.message


@each_case("optimum", [-1.6, -1.25, 1.25, 1.6])
def test_an_optimum_outside_the_window_is_refused(rng, optimum):
    for _ in range(8):
        found = fit_drag(SWEEP, populations(rng, (5, 9), optimum), repetitions=(5, 9))
        assert not found.success


@pytest.mark.parametrize(
    ("known", "sweeps", "most"),
    [
        pytest.param({}, 2, 0, id="unknown noise-2"),
        pytest.param({}, 30, 4, id="unknown noise-30", marks=pytest.mark.release),
        pytest.param({"sigma": 0.3}, 30, 4, id="known noise-30", marks=pytest.mark.release),
    ],
)
def test_noise_is_refused(rng, known, sweeps, most):
    accepted = 0
    for points in (12, 21, 41):
        sweep = np.linspace(-1, 1, points)
        for _ in range(sweeps):
            accepted += fit_drag(sweep, rng.normal(0, 0.3, points), **known).success
            accepted += fit_drag(sweep, rng.normal(0, 0.3, (2, points)), repetitions=(5, 9), **known).success
    assert accepted <= most  # of 12 or 180; the guarantee is 0.5 %


def test_a_flat_sweep_is_refused():
    assert "flat" in fit_drag(SWEEP, np.full(31, 0.2)).message


def test_a_step_is_no_optimum(rng):
    y = np.where(SWEEP > 0.1, 0.5, 0.0) + rng.normal(0, 0.01, 31)
    assert not fit_drag(SWEEP, y, sigma=0.01).success


def test_each_trace_is_predicted(rng):
    y = populations(rng, (5, 9), 0.2)
    assert fit_drag(SWEEP, y, repetitions=(5, 9)).predict(SWEEP) == pytest.approx(y, abs=0.03)
    assert fit_drag(SWEEP, y[1], repetitions=9).predict(SWEEP) == pytest.approx(y[1], abs=0.03)


@each_case(
    ("beta", "y", "repetitions", "message"),
    [
        (SWEEP[:4], SWEEP[:4], 1, "beta is too short: 4 points"),
        (SWEEP[::-1], SWEEP, 1, "beta must be sorted"),
        (SWEEP, SWEEP[:-1], 1, "equal length, got 31 and 30"),
        (SWEEP, [SWEEP, SWEEP], [1], "one for each trace: 1 for 2"),
        (SWEEP, SWEEP, [1, 2], "one for each trace: 2 for 1"),
        (SWEEP, SWEEP, 0, "positive whole numbers"),
        (SWEEP, SWEEP, 1.5, "positive whole numbers"),
        (SWEEP, SWEEP + 1j, 1, "y must be real"),
    ],
)
def test_bad_input_is_named(beta, y, repetitions, message):
    with pytest.raises(ValueError, match=message):
        fit_drag(beta, y, repetitions=repetitions)
