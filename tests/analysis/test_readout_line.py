"""Fits of a readout line: its delay, the loss rates of its resonator, and the signal-to-noise ratio of shots."""

import numpy as np
import pytest

from qdash_analysis import fit_coupling_rates, fit_electrical_delay, fit_readout_snr

from ..case_tables import each_case


def noise(rng, size, sigma):
    return sigma * (rng.normal(size=size) + 1j * rng.normal(size=size))


FREQUENCY = 6.5 + np.linspace(-0.02, 0.02, 161)


def cable(delay, *, resonance=False):
    line = np.exp(-2j * np.pi * delay * FREQUENCY)
    return line * (1 - 0.9 / (1 + 2j * (FREQUENCY - 6.503) / 0.002)) if resonance else line


# --- delay -----------------------------------------------------------------------------------------------------------


@each_case("delay", [-100.0, 0.0, 43.0, 1500.0])
def test_a_delay_is_found_up_to_half_a_turn_from_point_to_point(rng, delay):
    found = fit_electrical_delay(FREQUENCY, cable(delay) + noise(rng, 161, 0.02), sigma=0.02)
    estimate = found.parameters["electrical_delay"]
    assert abs(estimate.value - delay) < 5 * estimate.error
    assert estimate.error < 0.05


def test_a_longer_delay_needs_to_be_known_roughly(rng):
    s21 = cable(9000.0) + noise(rng, 161, 0.02)
    near = fit_electrical_delay(FREQUENCY, s21, sigma=0.02, near_ns=8000.0)
    assert near.parameters["electrical_delay"].value == pytest.approx(9000.0, abs=0.2)


def test_a_resonance_in_the_window_is_no_delay(rng):
    s21 = cable(40.0, resonance=True) + noise(rng, 161, 0.02)
    found = fit_electrical_delay(FREQUENCY, s21, sigma=0.02)
    estimate = found.parameters["electrical_delay"]
    assert abs(estimate.value - 40.0) < 5 * estimate.error
    assert "resonance" in found.message
    assert np.abs(found.predict(FREQUENCY) - s21).mean() < 0.04


@each_case("offset", [0.25, -0.25j])
def test_the_delay_beside_a_measured_offset_is_right_and_its_error_contains_that_of_the_offset(rng, offset):
    y = cable(43.0, resonance=True) + offset + noise(rng, 161, 0.02)
    errors = []
    for error in (0.0, 0.004):
        measured = offset + noise(rng, 1, error)[0]
        found = fit_electrical_delay(
            FREQUENCY, y, sigma=0.02, near_ns=40.0, offset=measured, offset_error=error
        )
        estimate = found.parameters["electrical_delay"]
        assert abs(estimate.value - 43.0) < 5 * estimate.error
        assert np.mean(np.abs(found.predict(FREQUENCY) - y) ** 2) < 4 * 0.02**2
        errors.append(estimate.error)
    moved = [
        fit_electrical_delay(FREQUENCY, y, sigma=0.02, near_ns=40.0, offset=offset + by)
        .parameters["electrical_delay"]
        .value
        for by in (-0.004, 0.004, -0.004j, 0.004j)
    ]
    pull = np.hypot((moved[1] - moved[0]) / 2, (moved[3] - moved[2]) / 2)
    assert errors[1] == pytest.approx(np.hypot(errors[0], pull), rel=0.05)


def test_noise_has_no_delay(rng):
    for _ in range(20):
        found = fit_electrical_delay(FREQUENCY, noise(rng, 161, 1.0), sigma=1.0)
        assert not found.success
        assert "no signal" in found.message


# --- loss rates ------------------------------------------------------------------------------------------------------


def response(external, internal, *, turned=2.0):
    width = 1e-3 * (external + internal)
    x = 6.5 + np.linspace(-4, 4, 121) * width
    return x, 1 - turned * external / (external + internal) / (1 + 2j * (x - 6.5) / width)


@each_case(
    ("geometry", "turned", "external"),
    [
        ("auto", 2.0, 1.2),
        ("auto", 1.0, 1.2),
        ("reflection", 2.0, 0.2),
        ("transmission", 1.0, 0.2),
    ],
)
def test_rates_follow_from_the_circle_and_the_geometry(rng, geometry, turned, external):
    x, s = response(external, 0.3, turned=turned)
    found = fit_coupling_rates(x, s + noise(rng, x.size, 0.01), sigma=0.01, geometry=geometry)
    for name, true in (("kappa_external", external), ("kappa_internal", 0.3)):
        estimate = found.parameters[name]
        assert abs(estimate.value - true) < 5 * estimate.error, name


@pytest.mark.parametrize(
    ("drifting", "name", "true"),
    [
        pytest.param(0.02, "kappa_external", 1.2, marks=pytest.mark.release),
        (0.02j, "frequency", 6.5),
    ],
    ids=["gain", "phase"],
)
def test_drift_during_the_sweep_is_part_of_the_errors(rng, drifting, name, true):
    pulls, errors = [], []
    for _ in range(10):
        x, s = response(1.2, 0.3, turned=1.0)
        turns = np.linspace(0, 2 * np.pi, x.size)
        gain = np.exp(drifting * (rng.normal() * np.cos(turns) + rng.normal() * np.sin(turns)))
        found = fit_coupling_rates(x, gain * s + noise(rng, x.size, 0.01), sigma=0.01)
        estimate = found.parameters[name]
        pulls.append((estimate.value - true) / estimate.error)
        errors.append(estimate.error)
    assert np.mean(np.abs(pulls) < 2) > 0.954 - 3.5 * np.sqrt(0.954 * 0.046 / 10)
    assert np.median(errors) < (0.1 if name == "kappa_external" else 1e-4)


def test_a_reflection_with_more_internal_loss_looks_like_a_transmission(rng):
    x, s = response(0.2, 0.3, turned=2.0)
    found = fit_coupling_rates(x, s + noise(rng, x.size, 0.01), sigma=0.01)
    assert "transmission (assumed" in found.message
    named = fit_coupling_rates(x, s + noise(rng, x.size, 0.01), sigma=0.01, geometry="transmission")
    assert "assumed" not in named.message
    assert found.parameters["kappa_external"].value == pytest.approx(0.4, abs=0.05)


def test_a_lossless_resonator_may_be_estimated_below_zero(rng):
    found = []
    for _ in range(10):
        x, s = response(1.0, 0.0, turned=1.0)
        fit = fit_coupling_rates(x, s + noise(rng, x.size, 0.02), sigma=0.02, geometry="transmission")
        found.append(fit.parameters["kappa_internal"].value)
    assert min(found) < 0 < max(found)
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(len(found))


@pytest.mark.parametrize(
    ("options", "matching"),
    [({"geometry": "both"}, "geometry"), ({"sigma": -1.0}, "sigma")],
)
def test_bad_options_of_the_rates_are_named(options, matching):
    x, s = response(1.0, 0.2)
    with pytest.raises(ValueError, match=matching):
        fit_coupling_rates(x, s, **options)


def test_a_line_without_resonator_has_no_rates(rng):
    assert not fit_coupling_rates(FREQUENCY, cable(40.0) + noise(rng, 161, 0.02), sigma=0.02).success


# --- signal to noise -------------------------------------------------------------------------------------------------

AMPLITUDE = np.linspace(0.01, 0.1, 16)


def means(rng, *, slope=1.0, sigma=0.001):
    return slope * AMPLITUDE * np.exp(0.6j) + noise(rng, 16, sigma)


def test_the_amplitude_of_a_ratio_is_found(rng):
    # 1,000 shots with a noise of 0.001 sqrt(1000) in each quadrature: 0.0447 together.
    found = fit_readout_snr(AMPLITUDE, means(rng), sigma=0.001, shots=1000, ratio=1.0)
    estimate = found.parameters["amplitude"]
    assert abs(estimate.value - 0.0447) < 5 * estimate.error
    assert found.predict(0.0447) == pytest.approx(1.0, abs=0.1)


@each_case(
    ("slope", "ratio", "matching"),
    [(1.0, 10.0, "sweep higher"), (1.0, 0.1, "sweep lower"), (0.0, 1.0, "no signal")],
)
def test_a_ratio_that_is_not_measured_is_refused(rng, slope, ratio, matching):
    found = fit_readout_snr(AMPLITUDE, means(rng, slope=slope), sigma=0.001, shots=1000, ratio=ratio)
    assert not found.success
    assert matching in found.message


def test_a_ratio_that_is_only_just_reached_is_refused():
    x = np.linspace(0.2, 1.4, 16)
    largest_at_one = 1.00001 * (1.5 * x - 0.5 * x**3)
    sigma = 1 / np.sqrt(2 * 1000)
    found = fit_readout_snr(x, largest_at_one + 0j, sigma=sigma, shots=1000)
    assert not found.success
    assert "only just reached" in found.message


def test_points_in_the_wrong_order_are_refused(rng):
    found = fit_readout_snr(AMPLITUDE, rng.permutation(means(rng)), sigma=0.001, shots=1000)
    assert not found.success
    assert "does not follow the amplitude" in found.message


@each_case(
    ("change", "matching"),
    [
        ({"x": AMPLITUDE - 0.01}, "x must be above 0"),
        ({"sigma": 0.0}, "sigma"),
        ({"shots": 1}, "shots"),
        ({"ratio": 0.0}, "ratio"),
        ({"y": np.ones(15, complex)}, "length"),
    ],
)
def test_bad_input_of_the_ratio_is_named(rng, change, matching):
    given = {"x": AMPLITUDE, "y": means(rng), "sigma": 0.001, "shots": 1000} | change
    with pytest.raises(ValueError, match=matching):
        fit_readout_snr(given.pop("x"), given.pop("y"), **given)
