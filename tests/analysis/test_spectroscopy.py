"""Qubit spectroscopy with one line or more."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qdash_analysis import fit_qubit_spectroscopy


def line(x, frequency, width, height=1.0):
    return height / (1 + (2 * (x - frequency) / width) ** 2)


def sweep(rng, *, relative_width, points, contrast_over_noise, span=0.05):
    """Return a window of 50 MHz about 5 GHz with a line of either sign on a slope."""
    x = np.linspace(5 - span / 2, 5 + span / 2, points)
    truth = {"frequency": 5 + span * rng.uniform(-0.3, 0.3), "linewidth": 1e3 * span * relative_width}
    y = line(x, truth["frequency"], span * relative_width, rng.choice([-1, 1])) + rng.normal(0, 3) * (x - 5)
    sigma = 1 / contrast_over_noise
    return x, 4 + y + rng.normal(0, sigma, points), sigma, truth


@pytest.mark.parametrize(("sweeps", "most"), [(50, 1), pytest.param(300, 3, marks=pytest.mark.release)])
def test_a_second_line_that_is_not_there_is_not_reported(rng, sweeps, most):
    found = 0
    for _ in range(sweeps):
        x, y, _, _ = sweep(rng, relative_width=0.1, points=101, contrast_over_noise=20)
        found += "second_frequency" in fit_qubit_spectroscopy(x, y).parameters
    assert found <= most


@given(
    centre=st.floats(0.3, 0.7),
    relative_width=st.floats(0.04, 0.3),
    points=st.integers(61, 201),
    span=st.floats(1e-3, 1.0),
    height=st.floats(-1e3, 1e3).filter(lambda h: abs(h) > 1e-6),
    seed=st.integers(0, 2**31),
)
@example(centre=0.609375, relative_width=0.25, points=71, span=1.0, height=1.0, seed=1)
def test_the_line_is_found_anywhere(centre, relative_width, points, span, height, seed):
    x = 4.5 + span * np.linspace(0, 1, points)
    frequency, width = 4.5 + span * centre, span * relative_width
    noise = np.random.default_rng(seed).normal(0, 0.04, points)
    parameters = fit_qubit_spectroscopy(x, height * (line(x, frequency, width) + noise)).parameters
    assert abs(parameters["frequency"].value - frequency) < 5 * parameters["frequency"].error
    assert abs(parameters["linewidth"].value - 1e3 * width) < 5 * parameters["linewidth"].error


@pytest.mark.parametrize(
    ("apart", "contrast_over_noise"),
    [(0.8, 40), *(pytest.param(*one, marks=pytest.mark.release) for one in ((0.5, 100), (0.8, 100)))],
)
def test_two_lines_that_are_not_resolved_widen_the_error(rng, apart, contrast_over_noise):
    # A single-line fit would be ten errors away from the stronger one.
    x, width = np.linspace(4.975, 5.025, 101), 0.006
    within = []
    for _ in range(40):
        strong, weak = rng.uniform(4.995, 5.005), rng.uniform(0.3, 1.0)
        y = line(x, strong, width) + line(x, strong + rng.choice([-1, 1]) * apart * width, width, weak)
        result = fit_qubit_spectroscopy(x, y + rng.normal(0, 1 / contrast_over_noise, 101))
        estimate = result.parameters["frequency"]
        within.append(abs(estimate.value - strong) < 2 * estimate.error)
    assert np.mean(within) > 0.8


@pytest.mark.parametrize(
    ("gaussian", "contrast_over_noise"),
    [
        pytest.param(False, 15, id="Lorentzian-15"),
        pytest.param(True, 200, id="Gaussian-200"),
        pytest.param(False, 50, id="Lorentzian-50", marks=pytest.mark.release),
        pytest.param(False, 200, id="Lorentzian-200", marks=pytest.mark.release),
        pytest.param(True, 15, id="Gaussian-15", marks=pytest.mark.release),
        pytest.param(True, 50, id="Gaussian-50", marks=pytest.mark.release),
    ],
)
def test_a_single_line_keeps_its_small_error(rng, gaussian, contrast_over_noise):
    x, width, small = np.linspace(4.975, 5.025, 101), 0.0075, 0
    for _ in range(20):
        frequency = rng.uniform(4.99, 5.01)
        shape = np.exp2(-((2 * (x - frequency) / width) ** 2)) if gaussian else line(x, frequency, width)
        estimate = fit_qubit_spectroscopy(x, shape + rng.normal(0, 1 / contrast_over_noise, 101)).parameters[
            "frequency"
        ]
        small += estimate.error < 0.1 * width
    assert small >= 18


def test_a_line_outside_the_window_is_refused(rng):
    x = np.linspace(5, 5.05, 101)
    for _ in range(8):
        y = line(x, 5.07, 0.01) + rng.normal(0, 0.01, 101)
        assert not fit_qubit_spectroscopy(x, y).success


def test_a_line_broader_than_the_window_is_refused(rng):
    x = np.linspace(5, 5.05, 101)
    assert not fit_qubit_spectroscopy(x, line(x, 5.025, 0.2) + rng.normal(0, 0.001, 101)).success


def test_one_bad_point_is_no_line(rng):
    x = np.linspace(5, 5.05, 101)
    y = rng.normal(0, 0.01, 101)
    y[40] += 1
    assert not fit_qubit_spectroscopy(x, y).success


def test_one_bad_point_beside_a_line_is_left_out(rng):
    x, y, _, truth = sweep(rng, relative_width=0.1, points=101, contrast_over_noise=50)
    place = 10 if truth["frequency"] > 5 else 90
    y[place] += 5
    result = fit_qubit_spectroscopy(x, y)
    assert "left out as outliers" in result.message
    estimate = result.parameters["frequency"]
    assert abs(estimate.value - truth["frequency"]) < 4 * estimate.error


def humps(x, frequency, *, rabi, turns):
    """Return the excitation by a square pulse that turns the qubit `turns` times on resonance."""
    detuning = (x - frequency) / rabi
    effective = np.sqrt(1 + detuning**2)
    return (np.sin(np.pi * turns * effective) / effective) ** 2


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("turns", "points", "draws"),
    [
        (1.0, 51, 15),
        *(
            pytest.param(turns, points, 200, marks=pytest.mark.release)
            for turns, points in [(0.85, 51), (1.0, 31), (1.0, 51), (1.0, 101), (1.15, 51), (2.0, 51)]
        ),
    ],
)
def test_no_hump_of_a_pulse_of_whole_turns_is_the_line(rng, turns, points, draws, known):
    wrong, named = 0, 0
    for _ in range(draws):
        frequency = 5 + rng.uniform(-0.01, 0.01)
        x = np.linspace(4.98, 5.02, points)
        y = humps(x, frequency, rabi=0.003, turns=turns) + rng.normal(0, 0.03, points)
        result = fit_qubit_spectroscopy(x, y, sigma=0.03 if known else None)
        if result.success:
            estimate = result.parameters["frequency"]
            wrong += abs(estimate.value - frequency) > 5 * estimate.error
        named += "two humps of similar height" in result.message
    assert wrong <= 0.02 * draws
    if turns == 1 and points > 31:
        assert named > 0.95 * draws


def smooth_humps(detuning, *, turns):
    """Return the excitation by a Gaussian pulse of standard deviation 1, cut at 2.5, for a detuning in rad."""
    time = np.linspace(-2.5, 2.5, 51)
    rates = np.exp(-((time[1:] + time[:-1]) ** 2) / 8)
    step = time[1] - time[0]
    rates *= 2 * np.pi * turns / (rates.sum() * step)
    zero, one = np.ones(detuning.size, dtype=complex), np.zeros(detuning.size, dtype=complex)
    for rate in rates:
        effective = np.hypot(rate, detuning) / 2
        cos, sin = np.cos(effective * step), 1j * np.sin(effective * step) / (2 * effective)
        zero, one = (
            (cos + sin * detuning) * zero - sin * rate * one,
            (cos - sin * detuning) * one - sin * rate * zero,
        )
    return np.abs(one) ** 2


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("smooth", [False, True], ids=["square", "Gaussian"])
@pytest.mark.parametrize("draws", [15, pytest.param(200, marks=pytest.mark.release)])
def test_the_higher_of_two_unequal_humps_is_not_the_line(rng, draws, smooth, known):
    wrong, named = 0, 0
    for _ in range(draws):
        points, turns, unequal = int(rng.integers(61, 121)), rng.uniform(0.85, 1.15), rng.uniform(0.1, 0.3)
        detuning = rng.uniform(8, 18) * (np.linspace(-0.5, 0.5, points) + rng.uniform(-0.15, 0.15))
        y = smooth_humps(detuning, turns=turns) if smooth else humps(detuning, 0, rabi=1, turns=turns)
        y *= 1 + unequal * detuning / (2.4 if smooth else 1)
        sigma = rng.uniform(0.01, 0.04) * np.ptp(y)
        y = rng.choice([-1, 1]) * y + rng.normal(0, sigma, points)
        result = fit_qubit_spectroscopy(5 + 1e-3 * detuning, y, sigma=sigma if known else None)
        if result.success:
            estimate = result.parameters["frequency"]
            wrong += abs(estimate.value - 5) > 5 * estimate.error
        named += "two humps" in result.message
    assert wrong <= 0.01 * draws
    assert named > 0.5 * draws


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("draws", [15, pytest.param(300, marks=pytest.mark.release)])
def test_two_unequal_lines_of_the_steady_state_are_not_those_of_a_pulse(rng, draws, known):
    """The ratios of heights are those of the humps of the test before, the distances 1.5 to 10 widths."""
    inside, accepted = 0, 0
    for _ in range(draws):
        points, apart = int(rng.integers(61, 161)), rng.uniform(1.5, 10)
        place = (apart + 1) * rng.uniform(2.5, 4) * np.linspace(-0.5, 0.5, points)
        y = line(place, -apart / 2, 1) + line(
            place, apart / 2, rng.uniform(0.7, 1.5), rng.uniform(0.45, 0.65)
        )
        sigma = rng.uniform(0.01, 0.05)
        result = fit_qubit_spectroscopy(
            5 + 1e-3 * place, y + rng.normal(0, sigma, points), sigma=sigma if known else None
        )
        accepted += result.success
        if result.success:
            estimate = result.parameters["frequency"]
            inside += abs(estimate.value - 5 + apart / 2e3) < 2 * estimate.error
    assert accepted > 0.9 * draws
    assert inside > 0.85 * accepted


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("draws", [20, pytest.param(300, marks=pytest.mark.release)])
def test_a_line_narrower_than_the_steps_is_not_two_humps(rng, draws, known):
    x = np.linspace(4.99, 5.01, 41)
    for _ in range(draws):
        width, sigma = rng.uniform(0.5, 1) * (x[1] - x[0]), rng.uniform(0.005, 0.03)
        y = line(x, 5 + rng.uniform(-0.004, 0.004), width) + rng.normal(0, sigma, x.size)
        assert "humps" not in fit_qubit_spectroscopy(x, y, sigma=sigma if known else None).message


def test_scatter_far_beyond_the_stated_noise_is_named(rng):
    x, y, sigma, _ = sweep(rng, relative_width=0.1, points=101, contrast_over_noise=40)
    assert "times sigma" in fit_qubit_spectroscopy(x, y, sigma=sigma / 2).message
    assert "times sigma" not in fit_qubit_spectroscopy(x, y, sigma=sigma).message


def test_a_lower_line_nearby_is_no_hump(rng):
    x = np.linspace(4.98, 5.02, 101)
    y = line(x, 4.995, 0.003) + line(x, 5.003, 0.003, 0.4) + rng.normal(0, 0.03, 101)
    result = fit_qubit_spectroscopy(x, y)
    assert result.parameters["frequency"].value == pytest.approx(4.995, abs=2e-4)
    assert result.parameters["second_frequency"].value == pytest.approx(5.003, abs=4e-4)


def test_a_line_of_a_single_point_asks_for_smaller_steps(rng):
    x = np.linspace(4.94, 5.06, 61)
    y = line(x, x[30], 0.0004) + rng.normal(0, 0.02, 61)
    assert "smaller steps could resolve: x = 5" in fit_qubit_spectroscopy(x, y).message
