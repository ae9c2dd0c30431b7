"""Refusal of pure noise of any length, with known or unknown amplitude."""

import numpy as np
import pytest

from qdash_analysis import (
    fit_qubit_spectroscopy,
    fit_rabi,
    fit_ramsey,
    fit_rb,
    fit_readout,
    fit_resonator,
    fit_t1,
    fit_t2_echo,
)

from ..case_tables import each_case

LENGTHS = [10, 12, 15, 21, 41, 101]

# The fits promise at most 0.2 %: 20 of 10,000 traces. Of 100 traces more than 2 in one of nine hundred runs.
counted = pytest.mark.parametrize(
    ("traces", "most"),
    [pytest.param(100, 2, id="100"), pytest.param(10_000, 20, id="10000", marks=pytest.mark.release)],
)

# Without an effect to resolve, a search over a complex line is ten times as dear.
counted_lines = pytest.mark.parametrize(
    ("traces", "most"),
    [pytest.param(24, 1, id="24"), pytest.param(10_000, 20, id="10000", marks=pytest.mark.release)],
)

stated = pytest.mark.parametrize(
    "stated",
    [pytest.param(1.0, id="sigma right"), pytest.param(1 / 1.5, id="1.5 times too small"), None],
)

real_fits = pytest.mark.parametrize(
    "fit", [fit_qubit_spectroscopy, fit_rabi, fit_ramsey, fit_t1, fit_t2_echo], ids=lambda fit: fit.__name__
)

RB_LENGTHS = [
    (np.array([1.0, 100, 200, 300, 400]), 5),
    (np.geomspace(1, 500, 7), 10),
    (np.geomspace(1, 500, 8), 1),
    (np.linspace(1, 500, 14), 5),
]


def accepted(fit, noise, rng, traces, stated, offset=0.0, lengths=LENGTHS):
    """Return how many traces of noise are accepted; `stated` is sigma relative to the noise."""
    known = {} if stated is None else {"sigma": 0.3 * stated}
    count = 0
    for trace in range(traces):
        length = lengths[trace % len(lengths)]
        count += fit(np.linspace(4, 5, length), offset + 0.3 * noise(rng, length), **known).success
    return count


def white(rng, length):
    return rng.normal(size=length)


def complex_white(rng, length):
    return rng.normal(size=length) + 1j * rng.normal(size=length)


@stated
@counted
@real_fits
def test_white_noise_is_refused(fit, rng, stated, traces, most):
    assert accepted(fit, white, rng, traces, stated) <= most


@stated
@pytest.mark.parametrize("asymptote", [None, 0.0], ids=["free asymptote", "known asymptote"])
@counted
def test_sequences_of_noise_do_not_decay(rng, asymptote, stated, traces, most):
    count = 0
    for trace in range(traces):
        lengths, each = RB_LENGTHS[trace % len(RB_LENGTHS)]
        x = np.repeat(lengths, each)
        sigma = None if stated is None else 0.3 * stated
        count += fit_rb(x, 0.3 * white(rng, x.size), sigma=sigma, asymptote=asymptote).success
    assert count <= most


@stated
@counted_lines
@pytest.mark.parametrize("offset", [0.0, 20.0], ids=["no signal", "a cable"])
def test_complex_noise_is_no_resonator(offset, rng, stated, traces, most):
    assert accepted(fit_resonator, complex_white, rng, traces, stated, offset, LENGTHS[1:]) <= most


@stated
@counted_lines
def test_noise_on_a_magnitude_is_no_resonator(rng, stated, traces, most):
    assert accepted(fit_resonator, white, rng, traces, stated, 10.0, LENGTHS[1:]) <= most


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


@pytest.mark.parametrize(
    "fit",
    [fit_qubit_spectroscopy, fit_rabi, fit_ramsey, fit_t1, fit_t2_echo, fit_resonator],
    ids=lambda fit: fit.__name__,
)
@pytest.mark.parametrize("stated", [1.0, None])
def test_noise_alone_is_no_signal(fit, stated, rng):
    known = {} if stated is None else {"sigma": 0.3 * stated}
    found = [fit(np.linspace(4, 5, 41), 0.3 * white(rng, 41), **known) for _ in range(6)]
    assert sum(one.no_signal for one in found) >= 5


def test_equal_clouds_are_no_signal(rng):
    clouds = rng.normal(size=(2, 400)) + 1j * rng.normal(size=(2, 400))
    found = fit_readout(*clouds)
    assert (found.success, found.no_signal) == (False, True)


def test_flat_traces_are_no_signal():
    found = fit_t1(np.linspace(0, 100, 20), np.ones(20))
    assert (found.success, found.no_signal) == (False, True)


def test_a_decay_longer_than_the_window_is_no_absent_signal(rng):
    x = np.linspace(0, 1, 31)
    found = fit_t1(x, 1 - 0.3 * x + 0.01 * rng.normal(size=x.size))
    assert (found.success, found.no_signal) == (False, False)


def test_few_points_that_do_not_tell_an_effect_from_noise_are_no_absent_signal(rng):
    x = np.linspace(0, 1.2, 6)
    found = [fit_t1(x, np.exp(-x / 0.3) + 0.06 * rng.normal(size=6)) for _ in range(20)]
    undecided = [one for one in found if "points do not tell" in one.message]
    assert undecided
    assert not any(one.no_signal for one in undecided)


def test_sequences_that_lose_nothing_are_no_absent_signal(rng):
    lengths = np.repeat([1.0, 2, 4, 8, 16], 10)
    for survival, no_signal in ((0.95, False), (0.0, True)):
        y = survival + 0.02 * rng.normal(size=lengths.size)
        found = fit_rb(lengths, y, sigma=0.02, asymptote=0.0)
        assert (found.success, found.no_signal) == (False, no_signal)
