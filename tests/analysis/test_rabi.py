"""Rabi oscillations in time and in amplitude."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_analysis import fit_rabi

from ..case_tables import each_case


def oscillation(rng, *, periods, points, contrast_over_noise, decays=0.0, start=0.0):
    """Return a sweep of 400 ns in which the envelope decays by exp(-decays)."""
    x = start + np.linspace(0, 400, points)
    truth = {
        "frequency": 1e3 * periods / 400,
        "amplitude": 0.4,
        "offset": 0.5,
        "phase": rng.uniform(-2.5, 2.5),
        "decay": 400 / decays if decays else np.inf,
    }
    wave = np.cos(2 * np.pi * truth["frequency"] * 1e-3 * x + truth["phase"])
    y = truth["offset"] + truth["amplitude"] * wave * np.exp(-x / truth["decay"])
    sigma = 0.4 / contrast_over_noise
    return x, y + rng.normal(0, sigma, points), sigma, truth


def test_a_sweep_of_the_amplitude_has_the_unit_of_the_amplitude(rng):
    x, y, _, truth = oscillation(rng, periods=2, points=51, contrast_over_noise=50)
    parameters = fit_rabi(x / 400, y, x_unit="a.u.").parameters
    assert parameters["frequency"].unit == "1/a.u."
    assert parameters["frequency"].value == pytest.approx(2, abs=5 * parameters["frequency"].error)
    assert parameters["phase"].value == pytest.approx(truth["phase"], abs=5 * parameters["phase"].error)


def test_units_of_a_sweep_in_time(rng):
    x, y, _, _ = oscillation(rng, periods=4, points=81, contrast_over_noise=50, decays=1.0)
    units = {name: estimate.unit for name, estimate in fit_rabi(x, y).parameters.items()}
    assert units == {"frequency": "MHz", "amplitude": "a.u.", "offset": "a.u.", "phase": "rad", "decay": "ns"}


def test_a_sweep_through_zero_is_centred_on_zero(rng):
    x = np.linspace(-1, 1, 61)
    y = 0.5 - 0.4 * np.cos(2 * np.pi * 1.3 * x) + rng.normal(0, 0.01, 61)
    parameters = fit_rabi(x, y, x_unit="a.u.").parameters
    assert abs(parameters["phase"].value) == pytest.approx(np.pi, abs=0.05)
    assert parameters["amplitude"].value == pytest.approx(0.4, abs=0.02)


def test_a_decay_that_is_not_seen_is_absent(rng):
    seen = 0
    for _ in range(40):
        x, y, _, _ = oscillation(rng, periods=3, points=51, contrast_over_noise=20)
        seen += "decay" in fit_rabi(x, y).parameters
    assert seen <= 3


@given(
    periods=st.floats(1.2, 10),
    points=st.integers(31, 101),
    phase=st.floats(-np.pi, np.pi),
    amplitude=st.floats(-50, 50).filter(lambda a: abs(a) > 1e-3),
    offset=st.floats(-50, 50),
    start=st.floats(0, 200),
    seed=st.integers(0, 2**31),
)
def test_amplitude_is_positive_and_phase_within_one_turn(
    periods, points, phase, amplitude, offset, start, seed
):
    x = start + np.linspace(0, 400, points)
    wave = np.cos(2 * np.pi * periods / 400 * x + phase)
    noise = np.random.default_rng(seed).normal(0, 0.02, points)
    result = fit_rabi(x, offset + amplitude * (wave + noise))
    parameters = result.parameters
    assert parameters["amplitude"].value > 0
    assert -np.pi < parameters["phase"].value <= np.pi
    assert abs(parameters["frequency"].value - 1e3 * periods / 400) < 5 * parameters["frequency"].error
    assert np.std(result.predict(x) - offset - amplitude * wave) < 0.02 * abs(amplitude)


@each_case("periods", [0.1, 0.3, 0.5])
def test_less_than_the_needed_part_of_a_period_is_refused(rng, periods):
    for _ in range(20):
        x, y, _, _ = oscillation(rng, periods=periods, points=51, contrast_over_noise=50)
        assert not fit_rabi(x, y).success


def test_an_uneven_sweep_sees_beyond_half_its_typical_sampling_rate(rng):
    for _ in range(20):
        x, y, _, truth = oscillation(rng, periods=60, points=201, contrast_over_noise=20)
        keep = np.sort(rng.choice(201, 60, replace=False))
        estimate = fit_rabi(x[keep], y[keep]).parameters["frequency"]
        assert abs(estimate.value - truth["frequency"]) < 5 * estimate.error


def test_one_gross_outlier_is_left_out(rng):
    x, y, _, truth = oscillation(rng, periods=3, points=61, contrast_over_noise=50)
    y[20] += 2
    result = fit_rabi(x, y)
    assert f"left out as outliers: x = {x[20]:g}" in result.message
    assert result.left_out == (x[20],)
    assert result.parameters["frequency"].value == pytest.approx(truth["frequency"], rel=0.01)
