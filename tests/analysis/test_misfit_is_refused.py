"""Refusal of traces that contradict the model; small deviations and correlated noise only widen the errors."""

import numpy as np
import pytest

from qdash_analysis import fit_qubit_spectroscopy, fit_rabi, fit_ramsey, fit_resonator, fit_t1, fit_t2_echo
from qdash_analysis.evidence import require_description
from qdash_analysis.residuals import are_structured, compute_correlation, compute_inflation
from qdash_analysis.result import NoEffect
from qdash_analysis.solution import Solution

from ..case_tables import each_case

TRACES = 12
DELAYS = np.linspace(0, 100, 61)
FREQUENCIES = np.linspace(5, 5.05, 101)

known_and_unknown = pytest.mark.parametrize("known", [True, False], ids=["known noise", "unknown noise"])


def remembering(rng, size, correlation):
    """Return noise of variance one with an exponential correlation."""
    noise = rng.normal(size=size)
    for place in range(1, size):
        noise[place] = correlation * noise[place - 1] + np.sqrt(1 - correlation**2) * noise[place]
    return noise


def accepted(fit, x, trace, rng, sigma, *, traces=TRACES):
    return sum(fit(x, trace(rng), sigma=sigma).success for _ in range(traces))


@known_and_unknown
@pytest.mark.parametrize("fit", [fit_t1, fit_t2_echo, fit_qubit_spectroscopy], ids=lambda fit: fit.__name__)
def test_a_step_is_neither_decay_nor_line(fit, known, rng):
    def step(rng):
        return (rng.uniform(20, 70) > DELAYS) + rng.normal(0, 0.03, 61)

    assert accepted(fit, DELAYS, step, rng, 0.03 if known else None) <= 1


@pytest.mark.parametrize("fit", [fit_rabi, fit_ramsey], ids=lambda fit: fit.__name__)
def test_a_step_beyond_the_known_noise_is_hardly_ever_an_oscillation(fit, rng):
    # A damped wave of one period approximates a step in the middle of the window: those few remain.
    def step(rng):
        return (rng.uniform(20, 70) > DELAYS) + rng.normal(0, 0.03, 61)

    assert accepted(fit, DELAYS, step, rng, 0.03) <= 0.2 * TRACES


@known_and_unknown
@pytest.mark.parametrize("fit", [fit_t1, fit_t2_echo], ids=lambda fit: fit.__name__)
def test_a_beating_echo_is_refused_by_its_shape(fit, known, rng):
    y = 0.5 + 0.5 * np.exp(-DELAYS / 50) * np.cos(2 * np.pi * DELAYS / 40) + rng.normal(0, 0.02, 61)
    result = fit(DELAYS, y, sigma=0.02 if known else None)
    assert not result.success
    assert "the model does not describe the data" in result.message


@known_and_unknown
def test_beating_fringes_are_refused_by_their_frequencies(known, rng):
    x = np.linspace(0, 20, 81)
    wave = np.exp(-x / 12) * np.cos(2 * np.pi * 0.5 * x) * np.cos(2 * np.pi * 0.06 * x)
    result = fit_ramsey(x, wave + rng.normal(0, 0.05, 81), sigma=0.05 if known else None)
    assert not result.success
    assert "two frequencies, 0.44" in result.message


@pytest.mark.parametrize(
    "fit",
    [fit_t1, *(pytest.param(one, marks=pytest.mark.release) for one in (fit_t2_echo, fit_ramsey)), fit_rabi],
    ids=lambda fit: fit.__name__,
)
def test_random_spikes_beyond_the_known_noise_are_refused(fit, rng):
    def spikes(rng):
        return rng.normal(0, 0.02, 61) + (rng.random(61) < 0.1) * rng.normal(size=61)

    assert accepted(fit, DELAYS, spikes, rng, 0.02, traces=8) <= 1


def test_a_tiny_departure_in_clean_data_only_widens_the_error():
    # One per cent of a second decay, at a noise of 1e-4: clearly structured, but no reason to stop a calibration.
    rng = np.random.default_rng(4)
    y = np.exp(-DELAYS / 20) + 0.01 * np.exp(-DELAYS / 5) + rng.normal(0, 1e-4, 61)
    result = fit_t1(DELAYS, y, sigma=1e-4)
    plain = fit_t1(DELAYS, np.exp(-DELAYS / 20) + rng.normal(0, 1e-4, 61), sigma=1e-4)
    assert result.success
    assert result.reduced_chi2 > 10
    assert result.parameters["t1"].error > 5 * plain.parameters["t1"].error


def test_a_line_of_another_shape_is_still_a_line(rng):
    x = FREQUENCIES
    y = np.sinc((x - 5.02) / 0.005) ** 2 + rng.normal(0, 0.02, 101)
    estimate = fit_qubit_spectroscopy(x, y, sigma=0.02).parameters["frequency"]
    assert estimate.value == pytest.approx(5.02, abs=3e-4)


@pytest.mark.parametrize(
    "fit",
    [
        *(fit_t1, fit_rabi, fit_resonator),
        *(
            pytest.param(one, marks=pytest.mark.release)
            for one in (fit_t2_echo, fit_ramsey, fit_qubit_spectroscopy)
        ),
    ],
    ids=lambda fit: fit.__name__,
)
def test_correlated_noise_alone_is_seldom_an_effect(fit, rng):
    # If noise with a neighbour correlation of 1/2 is assumed to be white, up to every sixth trace shows an effect.
    count = accepted(
        fit, DELAYS + 0.02, lambda rng: 10 + 0.3 * remembering(rng, 61, 0.5), rng, None, traces=30
    )
    assert count <= 3


def test_correlated_noise_widens_the_error_of_a_decay(rng):
    # White errors would be too small by sqrt(3) at a correlation of 1/2. The width of 150 pulls has an error of 6 %.
    x = np.linspace(0, 100, 201)
    pulls = []
    for _ in range(150):
        estimate = fit_t1(x, np.exp(-x / 20) + 0.02 * remembering(rng, 201, 0.5)).parameters["t1"]
        pulls.append((estimate.value - 20) / estimate.error)
    assert np.std(pulls) == pytest.approx(1, abs=0.3)


def test_white_residuals_inflate_nothing(rng):
    factors = [compute_inflation(rng.normal(size=51)) for _ in range(1000)]
    assert np.mean(np.array(factors) > 1) < 0.015
    assert min(factors) == 1


def test_correlated_residuals_inflate_by_what_they_share(rng):
    noise = remembering(rng, 20_000, 0.5)
    assert compute_correlation(noise) == pytest.approx(0.5, abs=0.03)
    assert compute_inflation(noise) == pytest.approx(3, rel=0.1)
    assert are_structured(noise)
    assert compute_inflation(np.zeros(5)) == 1


def described(residuals):
    size = residuals.size
    return Solution(
        basis=lambda x, theta: x,
        theta=np.zeros(0),
        coefficients=np.zeros(3),
        chi2=float(residuals @ residuals),
        dof=size - 3,
        residuals=residuals,
        design=np.zeros((size, 3)),
        sigma_known=False,
    )


@each_case(
    ("residuals", "explained", "known", "refused"),
    [
        (4 * np.tile([1.0, -1.0], 20), 10_000, True, False),
        (4 * np.tile([1.0, -1.0], 20), 1_000, True, True),
        (4 * np.tile([1.0, -1.0], 20), 1_000, False, False),
        (np.tile([1.0, -1.0], 20), 10, True, False),
        (np.repeat([1.0, -1.0], 20), 1_000, False, False),
        (np.repeat([1.0, -1.0], 20), 500, False, True),
    ],
    ids=[
        "a sigma too small beside a large effect",
        "scatter beyond the noise beside a small effect",
        "the same with unknown noise",
        "scatter as large as the noise",
        "little structure",
        "much structure",
    ],
)
def test_a_misfit_counts_by_its_share(residuals, explained, known, refused):
    solution = described(residuals)
    if refused:
        with pytest.raises(NoEffect, match="the model does not describe the data"):
            require_description(solution.chi2 + explained, solution, sigma_known=known)
    else:
        require_description(solution.chi2 + explained, solution, sigma_known=known)
