"""Pulse trains: angle error with its sign, and ambiguous cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import fit_pulse_train

from ..case_tables import each_case
from .coverage import measure
from .populations_of_pulses import POPULATIONS

HALF, PI = np.pi / 2, np.pi
FEW, MANY = np.arange(5.0), np.arange(29.0, 41)


def train(
    rng, counts, error, *, angle=HALF, start=0.0, start_error=0.0, amplitude=0.4, decay=300.0, noise=0.01
):
    started = np.broadcast_to(start, counts.shape)
    turned = started + start_error * (started != 0) + counts * (angle + error)
    y = 0.5 - amplitude * np.cos(turned) * np.exp(-counts / decay)
    return y + rng.normal(0, noise * abs(amplitude), counts.size)


def of_pi(longest):
    """Return counts and initial states of trains of pi pulses."""
    poles = np.array([0.0, 1, 2, 3, longest - 1, longest])
    equator = np.union1d(FEW, np.arange(longest - 8.0, longest + 1))
    return np.concatenate([poles, equator]), np.repeat([0.0, HALF], [poles.size, equator.size])


@given(
    error=st.floats(-0.1, 0.1),
    amplitude=st.sampled_from([-2.0, 0.01, 1.0]),
    longest=st.integers(12, 40),
    seed=st.integers(0, 2**31),
)
def test_the_error_of_half_pi_pulses_has_its_sign_whatever_the_readout_axis(error, amplitude, longest, seed):
    rng, counts = np.random.default_rng(seed), np.union1d(FEW, np.arange(longest - 8.0, longest + 1))
    found = fit_pulse_train(counts, train(rng, counts, error, amplitude=amplitude), angle=HALF)
    estimate = found.parameters["angle_error"]
    assert abs(estimate.value - error) < 5 * estimate.error
    assert estimate.error < 0.02


@given(
    error=st.floats(-0.05, 0.05),
    start_error=st.floats(-0.3, 0.3),
    amplitude=st.sampled_from([-2.0, 0.01, 1.0]),
    seed=st.integers(0, 2**31),
)
def test_trains_of_pi_pulses_need_no_perfect_start(error, start_error, amplitude, seed):
    rng, (counts, start) = np.random.default_rng(seed), of_pi(24)
    y = train(rng, counts, error, angle=PI, start=start, start_error=start_error, amplitude=amplitude)
    found = fit_pulse_train(counts, y, angle=PI, start=start).parameters
    assert abs(found["angle_error"].value - error) < 5 * found["angle_error"].error
    assert abs(found["start_error"].value - start_error) < 5 * found["start_error"].error


def test_longer_trains_are_sharper(rng):
    errors = []
    for longest in (8, 40):
        counts = np.union1d(FEW, np.arange(longest - 7.0, longest + 1))
        y = train(rng, counts, 0.003)
        errors.append(fit_pulse_train(counts, y, angle=HALF, sigma=0.004).parameters["angle_error"].error)
    assert errors[1] < errors[0] / 4


def test_the_decay_is_given_where_it_is_seen_and_absent_where_not(rng):
    counts = np.concatenate([FEW, MANY])
    seen = fit_pulse_train(counts, train(rng, counts, 0.002, decay=60), angle=HALF)
    assert abs(seen.parameters["decay"].value - 60) < 4 * seen.parameters["decay"].error
    unseen = fit_pulse_train(counts, train(rng, counts, 0.002, decay=1e6), angle=HALF)
    assert set(unseen.parameters) == {"angle_error"}
    assert "no decay seen" in unseen.message


def test_long_trains_alone_leave_several_errors_and_are_refused(rng):
    counts = np.arange(1.0, 60, 4)
    for _ in range(20):
        found = fit_pulse_train(counts, train(rng, counts, 0.002), angle=HALF)
        assert not found.success


def test_pi_pulses_that_all_start_at_the_pole_do_not_tell_the_sign(rng):
    counts = np.arange(20.0)
    found = fit_pulse_train(counts, train(rng, counts, 0.02, angle=PI), angle=PI)
    assert not found.success
    assert "sign" in found.message


def flipping(rng, total, *, longest=20, sigma=0.02, poles=False):
    """Return counts, starts, populations and the angle error of an X90 and n X180 that rotate `total` too far."""
    counts, error = np.arange(longest + 1.0), total / longest
    start = np.full(counts.size, HALF)
    if poles:
        counts, start = np.concatenate([[0.0, 1.0], counts]), np.concatenate([[0.0, 0.0], start])
    turned = start + rng.uniform(-0.05, 0.05) * (start != 0) + counts * (PI + error)
    kept = np.exp(-counts / (longest * 10 ** rng.uniform(0.3, 1.5)))
    y = 0.5 - rng.uniform(0.35, 0.5) * np.cos(turned) * kept
    return counts, start, y + rng.normal(0, sigma, counts.size), error


@each_case("total", [-8.0, -3.0, 3.0, 8.0])
def test_an_x90_and_n_x180_tell_the_error_with_its_sign(rng, total):
    counts, _, y, error = flipping(rng, total)
    found = fit_pulse_train(counts, y, angle=PI, start=HALF, sigma=0.02)
    assert "decay not told from the contrast, for a signal that rises towards |1>" in found.message
    assert abs(found.parameters["angle_error"].value - error) < 4 * found.parameters["angle_error"].error


def test_the_population_of_an_over_rotation_rises_with_even_numbers_of_pulses():
    """The convention: 0.5 + 0.5 (-1)^n sin(n error)."""
    counts = np.arange(21.0)
    y = 0.5 + 0.5 * (-1) ** counts * np.sin(0.1 * counts)
    found = fit_pulse_train(counts, y, angle=PI, start=HALF, sigma=0.001)
    assert found.parameters["angle_error"].value == pytest.approx(0.1, abs=1e-3)


@each_case("total", [-0.5, 0.1, 1.0])
def test_small_errors_of_a_flipping_sequence_need_the_signals_of_both_states(rng, total):
    counts, start, y, error = flipping(rng, total, poles=True)
    found = fit_pulse_train(counts, y, angle=PI, start=start, sigma=0.02).parameters["angle_error"]
    assert abs(found.value - error) < 4 * found.error
    refused = fit_pulse_train(counts[2:], y[2:], angle=PI, start=start[2:], sigma=0.02)
    assert not refused.success


def test_the_error_bars_of_a_hundred_flipping_sequences_are_honest():
    found = measure(POPULATIONS["fit_pulse_train, X90 and X180"], traces=100, seed=1).parameters[
        "angle_error"
    ]
    assert found.accepted >= 90
    assert found.within_one > 0.5
    assert found.within_two > 0.86
    assert found.beyond_five == 0


def test_trains_so_sparse_that_two_errors_give_the_same_signal_are_refused(rng):
    counts = np.arange(0.0, 60, 4)
    for error in (0.05, -0.08):
        y = train(rng, counts, error, angle=PI, start=HALF)
        found = fit_pulse_train(counts, y, angle=PI, start=HALF)
        assert not found.success


def test_pulses_that_turn_by_something_else_are_refused(rng):
    counts = np.arange(17.0)
    for factor in (0.2, 0.4, 1.8):
        y = train(rng, counts, (factor - 1) * HALF)
        assert not fit_pulse_train(counts, y, angle=HALF).success


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({}, id="unknown noise"),
        pytest.param({"sigma": 0.3}, id="known noise", marks=pytest.mark.release),
    ],
)
def test_noise_is_refused(rng, known):
    counts, start = of_pi(24)
    accepted = 0
    for _ in range(30):
        accepted += fit_pulse_train(
            counts[6:], rng.normal(0, 0.3, counts.size - 6), angle=HALF, **known
        ).success
        accepted += fit_pulse_train(
            counts, rng.normal(0, 0.3, counts.size), angle=PI, start=start, **known
        ).success
    assert accepted <= 2  # of 60; the guarantee is 0.5 %, and more than 2 occur in one run of three hundred


def test_a_flat_train_is_refused():
    assert "flat" in fit_pulse_train(np.arange(9.0), np.full(9, 0.3), angle=HALF).message


def test_the_model_is_predicted_at_the_counts_of_the_fit(rng):
    counts, start = of_pi(24)
    y = train(rng, counts, 0.01, angle=PI, start=start)
    found = fit_pulse_train(counts, y, angle=PI, start=start)
    assert found.predict(counts) == pytest.approx(y, abs=0.02)
    with pytest.raises(ValueError, match="its own numbers of pulses"):
        found.predict(np.arange(3.0))


def test_a_train_of_one_start_is_predicted_at_any_count(rng):
    counts = np.concatenate([FEW, MANY])
    found = fit_pulse_train(counts, train(rng, counts, 0.0), angle=HALF)
    assert found.predict([0.0, 2.0]) == pytest.approx([0.1, 0.9], abs=0.02)


X = np.arange(8.0)


@each_case(
    ("x", "start", "angle", "message"),
    [
        (X[:4], 0.0, HALF, "x is too short: 4 points"),
        (X - 1, 0.0, HALF, "whole and not negative"),
        (X + 0.5, 0.0, HALF, "whole and not negative"),
        (X[::-1], 0.0, HALF, "x must be sorted.*index 1"),
        (np.repeat(np.arange(4.0), 2), np.tile([0.0, 1.0, 0.0, 0.0], 2), HALF, "x must be sorted.*index 3"),
        (X, np.zeros(3), HALF, r"start must be a scalar or as long as x \(8\), got 3"),
        (X, 0.0, 0.0, "angle must lie between 0 and pi"),
        (X, 0.0, 4.0, "angle must lie between 0 and pi"),
    ],
)
def test_bad_input_is_named(x, start, angle, message):
    with pytest.raises(ValueError, match=message):
        fit_pulse_train(x, np.zeros(x.size), start=start, angle=angle)


def test_counts_may_repeat_where_starts_differ(rng):
    counts, start = np.repeat(np.arange(8.0), 2), np.tile([0.0, HALF], 8)
    y = train(rng, counts, 0.02, angle=PI, start=start)
    assert fit_pulse_train(counts, y, angle=PI, start=start).success
