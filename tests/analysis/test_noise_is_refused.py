"""Refusal of pure noise of any length, with known or unknown amplitude."""

import numpy as np
import pytest

from qdash_analysis import (
    fit_qubit_spectroscopy,
    fit_rabi,
    fit_ramsey,
    fit_readout,
    fit_resonator,
    fit_t1,
    fit_t2_echo,
)

from ..case_tables import each_case

LENGTHS = [12, 15, 21, 41, 101]

# The promise is 99.5 %. Each check pools 5 x 4 = 20 or 5 x 60 = 300 traces: at the limit 0.1 or 1.5 false alarms are
# expected, and more than 1 or 5 in one of two hundred runs. The fits aim at 0.2 %.
counted = pytest.mark.parametrize(
    ("traces", "most"), [(4, 1), pytest.param(60, 5, marks=pytest.mark.release)]
)

real_fits = pytest.mark.parametrize(
    "fit", [fit_qubit_spectroscopy, fit_rabi, fit_ramsey, fit_t1, fit_t2_echo], ids=lambda fit: fit.__name__
)


def accepted(fit, noise, rng, traces, offset=0.0):
    count = 0
    for length in LENGTHS:
        x = np.linspace(4, 5, length)
        for trace in range(traces):
            known = {"sigma": 0.3} if trace % 2 else {}
            count += fit(x, offset + 0.3 * noise(rng, length), **known).success
    return count


def white(rng, length):
    return rng.normal(size=length)


def complex_white(rng, length):
    return rng.normal(size=length) + 1j * rng.normal(size=length)


@counted
@real_fits
def test_white_noise_is_refused(fit, rng, traces, most):
    assert accepted(fit, white, rng, traces) <= most


@counted
@pytest.mark.parametrize("offset", [0.0, 20.0], ids=["no signal", "a cable"])
def test_complex_noise_is_no_resonator(offset, rng, traces, most):
    assert accepted(fit_resonator, complex_white, rng, traces, offset) <= most


@counted
def test_noise_on_a_magnitude_is_no_resonator(rng, traces, most):
    assert accepted(fit_resonator, white, rng, traces, 10.0) <= most


@pytest.mark.parametrize(
    ("pairs", "least"), [(80, 78), pytest.param(500, 493, marks=pytest.mark.release)]
)  # 99.5 % and at least two sigma
def test_two_clouds_of_one_state_are_refused(rng, pairs, least):
    refused = [not fit_readout(complex_white(rng, 60), complex_white(rng, 90)).success for _ in range(pairs)]
    assert sum(refused) > least


@pytest.mark.parametrize("level", [0.0, 1.0, -3e-7, 1e9])
@real_fits
def test_a_flat_trace_is_refused(fit, level):
    result = fit(np.linspace(0, 1, 31), np.full(31, level))
    assert not result.success
    assert "flat" in result.message


@each_case("level", [0.0, 1.0, 1 + 2j])
def test_a_flat_sweep_is_no_resonator(level):
    assert not fit_resonator(np.linspace(5, 6, 31), np.full(31, level)).success


def test_shots_that_do_not_scatter_are_refused():
    assert not fit_readout(np.ones(50), np.ones(50)).success
