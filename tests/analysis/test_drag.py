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
    estimate = fit_drag(SWEEP, y, repetitions=2, ground=0.0).parameters["beta"]
    assert abs(estimate.value - 0.3) < 4 * estimate.error
    assert estimate.error < 0.1


def test_one_number_of_pairs_with_two_extrema_does_not_tell_the_optimum(rng):
    for _ in range(20):
        y = populations(rng, [20], rng.uniform(-0.5, 0.5), turn=0.2)[0]
        found = fit_drag(SWEEP, y, repetitions=20, ground=0.0)
        assert not found.success
        assert "optima" in found.message


@each_case("pairs", [5, [5], [5, 5]])
def test_one_number_of_pairs_needs_the_signal_of_the_ground_state(rng, pairs):
    """A maximum in the window may be the optimum of a signal that falls towards |1>, or half a turn beside it."""
    y = np.squeeze(populations(rng, np.atleast_1d(pairs), 0.1, turn=0.3))
    refused = fit_drag(SWEEP, y, repetitions=pairs)
    assert not refused.success
    assert "6 pairs as well, or give the signal of |0>" in refused.message
    found = fit_drag(SWEEP, y, repetitions=pairs, ground=0.0).parameters["beta"]
    assert abs(found.value - 0.1) < 4 * found.error


def test_odd_numbers_of_pairs_with_a_mirror_image_near_the_window_need_an_even_one(rng):
    y = populations(rng, (1, 3), 0.1, turn=1.5)
    refused = fit_drag(SWEEP, y, repetitions=(1, 3))
    assert not refused.success
    assert "measure 2 pairs as well, or give the signal of |0>" in refused.message
    found = fit_drag(SWEEP, y, repetitions=(1, 3), ground=0.0).parameters["beta"]
    assert abs(found.value - 0.1) < 4 * found.error


def test_a_window_that_ends_a_whole_turn_from_the_optimum_leaves_it_at_the_ground_state(rng):
    """The edge is an image of the optimum; the given signal of |0> lies a little beyond both."""
    y = populations(rng, (5, 9), 0.2, turn=2 * np.pi / 9 / 1.2)
    found = fit_drag(SWEEP, y, repetitions=(5, 9), ground=0.03).parameters["beta"]
    assert abs(found.value - 0.2) < 4 * found.error


def test_pairs_that_excite_the_qubit_most_are_no_optimum(rng):
    y = populations(rng, [5], 0.1, turn=0.3, amplitude=-0.25)[0]
    found = fit_drag(SWEEP, y, repetitions=5, ground=0.0)
    assert not found.success
    assert "the pairs excite the qubit most at" in found.message


def test_numbers_with_a_common_divisor_leave_several_optima_and_are_refused(rng):
    """Optimum 0.9 windows outside; all curves repeat after a turn of five pairs."""
    y = populations(rng, (5, 10), 2.8, turn=2 * np.pi / 5 / 2.9, noise=0.01)
    found = fit_drag(SWEEP, y, repetitions=(5, 10))
    assert not found.success
    assert "without a common divisor" in found.message


BESIDE = [
    *("inside", "near the edge", "at the edge"),
    *(f"{windows:g} windows outside" for windows in (0.1, 0.5, 1.0)),
]
"""Places of the optimum in the table of kinds."""


def place_optimum(rng, place):
    """Return an optimum in windows from the middle."""
    side = rng.choice([-1, 1])
    known = {"inside": rng.uniform(0, 0.3), "near the edge": 0.45, "at the edge": 0.5}
    return side * (known[place] if place in known else 0.5 + float(place.split()[0]))


def fit_places(rng, place, pairs, draws):
    """Return pulls of accepted draws of 25 points; the window holds an extremum if the optimum is outside."""
    pulls = []
    for _ in range(draws):
        optimum = place_optimum(rng, place)
        half_turn = abs(optimum) - rng.uniform(-0.3, 0.3) if abs(optimum) > 0.5 else rng.uniform(0.7, 1.6)
        sweep = rng.uniform(-2, 1) + rng.uniform(1, 4) * np.linspace(-0.5, 0.5, 25)
        beta = sweep.mean() + optimum * np.ptp(sweep)
        turn = np.pi / (half_turn * np.ptp(sweep) * max(pairs))
        y = populations(rng, pairs, beta, sweep=sweep, turn=turn, amplitude=0.46, noise=0.06)
        found = fit_drag(sweep, y, repetitions=pairs, sigma=0.0276)
        if found.success:
            pulls.append((found.parameters["beta"].value - beta) / found.parameters["beta"].error)
    return np.array(pulls)


@pytest.mark.parametrize("draws", [4, pytest.param(200, marks=pytest.mark.release)])
@pytest.mark.parametrize("pairs", [[5], [3, 5], [9, 19]], ids=str)
@pytest.mark.parametrize("place", BESIDE)
def test_an_optimum_is_accepted_inside_the_window_only(rng, place, pairs, draws):
    pulls = fit_places(rng, place, pairs, draws)
    if "outside" in place or len(pairs) == 1:
        assert pulls.size == 0
    elif place == "at the edge":
        assert pulls.size <= max(0.03 * draws, 1)
    elif place == "inside":
        assert pulls.size >= 0.97 * draws
    assert (np.abs(pulls) < 5).all()


def test_a_maximum_beside_an_optimum_outside_is_refused_in_every_draw(rng):
    """As `qibocal#1054`: population of |1> with five pairs, optimum at 2.2 ns, maximum at -0.04 ns."""
    sweep = np.linspace(-1.5, 1.5, 25)
    for _ in range(10):
        y = populations(rng, [5], 2.2, sweep=sweep, turn=np.pi / 5 / 2.24, amplitude=0.46, noise=0.065)[0]
        assert not fit_drag(sweep, y, repetitions=5, sigma=0.03).success


@each_case("optimum", [-1.6, -1.25, 1.25, 1.6])
def test_an_optimum_outside_the_window_is_refused(rng, optimum):
    for _ in range(8):
        found = fit_drag(SWEEP, populations(rng, (5, 9), optimum), repetitions=(5, 9))
        assert not found.success


def test_a_refusal_at_the_edge_says_where_to_look(rng):
    found = fit_drag(SWEEP, populations(rng, (5, 9), 1.0), repetitions=(5, 9))
    assert not found.success
    assert "centre the window there, or widen it" in found.message


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
    assert fit_drag(SWEEP, y[1], repetitions=9, ground=0.0).predict(SWEEP) == pytest.approx(y[1], abs=0.03)


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
