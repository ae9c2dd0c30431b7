"""Resonators of either sign of the phase, peaks, and lines beside an offset of the IQ plane."""

import numpy as np
import pytest

from qdash_analysis import fit_coupling_rates, fit_electrical_delay, fit_readout_frequency, fit_resonator

from .populations_of_resonators import KINDS, draw_line

DRAWS = [8, pytest.param(200, marks=pytest.mark.release)]


@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_with_honest_errors(rng, kind, draws):
    pulls, messages = [], []
    for _ in range(draws):
        arguments, options, truth = KINDS[kind](rng)
        found = fit_resonator(*arguments, **options)
        if found.success:
            messages.append(found.message)
            pulls += [
                (found.parameters[name].value - true) / found.parameters[name].error
                for name, true in truth.items()
            ]
    size = np.abs(pulls)
    assert len(messages) >= 0.9 * draws - 1
    assert np.mean(size < 2) >= 0.93 - 4 * np.sqrt(0.05 / draws)
    assert np.mean(size > 5) <= 0.01
    assert all(("a peak" in message) == ("peak" in kind) for message in messages)
    assert all(("conjugate" in message) == ("reflected" in kind) for message in messages)


def test_the_prediction_of_a_reflected_plane_is_that_of_the_data(rng):
    (x, y), options, _ = draw_line(rng, reflected=True)
    found = fit_resonator(x, y, **options)
    assert np.mean(np.abs(found.predict(x) - y) ** 2) < 4 * options["sigma"] ** 2


@pytest.mark.parametrize("draws", DRAWS)
def test_a_peak_of_the_magnitude_is_fitted_as_one(rng, draws):
    """As a half-wave resonator: quality 6500 at 6.5 GHz, height 0.75, over a leak, noise 0.01."""
    x = np.linspace(6.494, 6.506, 61)
    for _ in range(draws):
        y = np.abs(0.75 / (1 + 2j * (x - 6.5) / 0.001) + rng.normal(0, 0.01, (2, 61)).T @ [1, 1j])
        found = fit_resonator(x, y, sigma=0.01)
        assert "a peak" in found.message
        assert abs(found.parameters["frequency"].value - 6.5) < 5 * found.parameters["frequency"].error
        assert "q_internal" not in found.parameters


def test_a_peak_has_no_coupling_rates(rng):
    (x, y), options, _ = draw_line(rng, peak=True)
    assert "measure in reflection, or past the resonator" in fit_coupling_rates(x, y, **options).message


def test_internal_quality_is_withheld_where_an_offset_hides_the_carrier(rng):
    """Less than half a turn of the cable: an offset that drifts and the carrier have the same shape."""
    place = np.linspace(-0.5, 0.5, 81)
    x = 6 + 0.012 * place
    s21 = (1 - 0.8 / (1 + 2j * (x - 6) / 0.001)) * np.exp(-2j * np.pi * 0.4 * place)
    found = fit_resonator(
        x, s21 + 0.3 * np.exp(3j * place) + rng.normal(0, 0.01, (2, 81)).T @ [1, 1j], sigma=0.01
    )
    assert abs(found.parameters["frequency"].value - 6) < 4 * found.parameters["frequency"].error
    assert "q_internal" not in found.parameters


@pytest.mark.parametrize(("cycles", "share"), [(0.0, 0.05), (3.0, 0.15)], ids=["drifting", "cycling"])
@pytest.mark.parametrize("draws", [8, pytest.param(100, marks=pytest.mark.release)])
def test_a_peak_over_hardly_any_leak_is_found_beside_an_offset(rng, draws, cycles, share):
    place = np.linspace(-0.5, 0.5, 101)
    pulls, peaks = [], 0
    for _ in range(draws):
        centre, width = rng.uniform(-0.2, 0.2), rng.uniform(0.05, 0.2)
        peak = 1 / (1 + 2j * (place - centre) / width) * np.exp(2j * np.pi * rng.uniform(-3, 3) * place)
        turns = rng.uniform() + cycles * rng.uniform(0.3, 1.5) * place
        y = peak + share * (1 + (cycles == 0) * place) * np.exp(2j * np.pi * turns)
        found = fit_resonator(6 + 0.01 * place, y + rng.normal(0, 0.005, (2, 101)).T @ [1, 1j], sigma=0.005)
        if found.success:
            peaks += "a peak" in found.message
            frequency = found.parameters["frequency"]
            pulls.append(abs(frequency.value - 6 - 0.01 * centre) / frequency.error)
    assert len(pulls) >= 0.8 * draws
    assert peaks >= 0.95 * len(pulls)
    assert np.mean(np.array(pulls) < 2) > 0.8
    assert np.mean(np.array(pulls) > 5) <= 0.03


def test_an_offset_that_makes_the_wrong_sign_likelier_is_found(rng):
    """A quarter of the carrier beside a line whose cable turns less than once in the window."""
    x = 6 + 0.011 * np.linspace(-0.5, 0.5, 81)
    s21 = (1 - 0.97 / (1 + 2j * (x - 6) / 0.0011)) * np.exp(-2j * np.pi * 50 * (x - 6))
    for phase in np.linspace(0, 2 * np.pi, 12):
        y = s21 + 0.25 * np.exp(1j * phase) + rng.normal(0, 0.025, (2, 81)).T @ [1, 1j]
        found = fit_resonator(x, y, sigma=0.025)
        assert abs(found.parameters["frequency"].value - 6) < 4 * found.parameters["frequency"].error


@pytest.mark.parametrize("near_ns", [0.0, -50.0])
def test_the_delay_of_a_reflected_plane_is_that_of_the_data(rng, near_ns):
    x = 6 + 0.04 * np.linspace(-0.5, 0.5, 161)
    s21 = (1 - 0.9 / (1 + 2j * (x - 6) / 0.002)) * np.exp(-2j * np.pi * 50 * (x - 6))
    y = s21.conj() + rng.normal(0, 0.01, (2, 161)).T @ [1, 1j]
    found = fit_electrical_delay(x, y, sigma=0.01, near_ns=near_ns)
    assert (
        abs(found.parameters["electrical_delay"].value + 50) < 4 * found.parameters["electrical_delay"].error
    )
    assert "conjugate" in found.message
    assert np.mean(np.abs(found.predict(x) - y) ** 2) < 4 * 0.01**2


def readout_traces(rng, *, offset, reflected, line_of_1=5.999):
    """Return frequencies and traces with 0 and 1 prepared, with 2 chi of 1 MHz if no other `line_of_1` is given."""
    place = np.linspace(-0.5, 0.5, 81)
    x = 6 + 0.01 * place
    cable = np.exp(-2j * np.pi * 0.8 * place)
    traces = [
        (1 - 0.8 / (1 + 2j * (x - line) / 0.0015)) * cable
        + offset * np.exp(1j * phase) * (1 + place)
        + rng.normal(0, 0.005, (2, 81)).T @ [1, 1j]
        for line, phase in ((6.0, 0.4), (line_of_1, 1.9))
    ]
    return x, *(one.conj() if reflected else one for one in traces)


@pytest.mark.parametrize(("offset", "reflected"), [(0.0, True), (0.05, False), (0.05, True)])
def test_the_dispersive_shift_is_found_in_a_reflected_plane_and_beside_an_offset(rng, offset, reflected):
    for _ in range(3):
        x, zero, one = readout_traces(rng, offset=offset, reflected=reflected)
        found = fit_readout_frequency(x, zero, one, sigma0=0.005, sigma1=0.005)
        for name, true in (("readout_frequency", 5.9995), ("dispersive_shift", -1.0)):
            assert abs(found.parameters[name].value - true) < 4 * found.parameters[name].error
        assert ("conjugate" in found.message) == reflected
        assert ("offset" in found.message) == (offset > 0)
        assert np.mean(np.abs(found.predict(x)[0] - zero) ** 2) < 4 * 0.005**2


def test_offsets_that_differ_are_no_difference_between_the_states(rng):
    for _ in range(3):
        x, zero, one = readout_traces(rng, offset=0.05, reflected=False, line_of_1=6.0)
        found = fit_readout_frequency(x, zero, one, sigma0=0.005, sigma1=0.005)
        assert "no difference between the traces" in found.message
