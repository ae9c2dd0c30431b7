"""Static ZZ from the target's fringes with the control in both states."""

import numpy as np
import pytest

from qdash_analysis import fit_zz

from ..case_tables import each_case
from .coupled_qubits import fringe_factors

SIGMA = 0.03


def fringes(
    rng, zeta, *, artificial=0.5, detuning=0.02, window=20.0, points=61, control_t1=150.0, sigma=SIGMA
):
    x = np.linspace(0.1, window, points)
    first = artificial + detuning
    factors = fringe_factors(x, (first, first + zeta), control_t1_us=control_t1, wrong=0.01)
    y = 0.5 + 0.5 * np.exp(-x / 40) * factors.real
    return x, y + rng.normal(0, sigma, y.shape)


@each_case("artificial", [0.5, -0.5])
@each_case("zeta", [0.06, -0.06])
def test_the_sign_of_zeta_does_not_depend_on_that_of_the_artificial_detuning(zeta, artificial, rng):
    x, y = fringes(rng, zeta, artificial=artificial)
    found = fit_zz(x, y, sigma=SIGMA, artificial_mhz=artificial, control_t1_us=150).parameters
    estimate = found["static_zz_interaction"]
    assert estimate.unit == "MHz"
    assert abs(estimate.value - zeta) < 4 * estimate.error
    assert abs(found["detuning_control_0"].value - 0.02) < 4 * found["detuning_control_0"].error
    assert abs(found["detuning_control_1"].value - 0.02 - zeta) < 4 * found["detuning_control_1"].error


@pytest.mark.parametrize("traces", [16, pytest.param(60, marks=pytest.mark.release)])
def test_a_control_that_relaxes_would_hide_part_of_zeta(rng, traces):
    # 20 us against a T1 of 40 us: the second fringe has the first one's frequency for a quarter of the time.
    told, untold = [], []
    for _ in range(traces):
        x, y = fringes(rng, 0.01, control_t1=40.0)
        for found, time in ((told, 40.0), (untold, 1e6)):
            estimate = fit_zz(x, y, sigma=SIGMA, artificial_mhz=0.5, control_t1_us=time).parameters
            found.append(estimate["static_zz_interaction"].value)
    scatter = np.std(told) / np.sqrt(traces)
    assert abs(np.mean(told) - 0.01) < 4 * scatter
    assert np.mean(untold) < 0.01 - 4 * scatter


def test_an_unknown_relaxation_widens_the_error(rng):
    x, y = fringes(rng, 0.02, points=101, sigma=0.003)
    known, unknown = (
        fit_zz(x, y, sigma=0.003, artificial_mhz=0.5, control_t1_us=time)
        .parameters["static_zz_interaction"]
        .error
        for time in (150.0, None)
    )
    assert unknown > 1.2 * known


def test_the_difference_of_the_detunings_has_the_error_of_its_covariance(rng):
    x, y = fringes(rng, 0.06)
    result = fit_zz(x, y, artificial_mhz=0.5)
    difference = np.array([1.0, 1.0, -1.0])
    assert difference @ result.covariance @ difference == pytest.approx(
        0, abs=1e-9 * np.trace(result.covariance)
    )
    assert result.predict(x).shape == (2, x.size)
    assert np.abs(result.predict(x) - y).max() < 6 * SIGMA
    assert result.r2 > 0.9


def test_noise_in_either_trace_is_refused(rng):
    x, y = fringes(rng, 0.06)
    for state in (0, 1):
        spoilt = y.copy()
        spoilt[state] = rng.normal(0.5, SIGMA, x.size)
        result = fit_zz(x, spoilt, sigma=SIGMA, artificial_mhz=0.5)
        assert not result.success
        assert f"|{state}>" in result.message


@pytest.mark.parametrize(
    ("every", "each", "most"), [(3, 1, 1), pytest.param(1, 3, 2, marks=pytest.mark.release)]
)
def test_pure_noise_is_refused(rng, every, each, most):
    accepted = [
        fit_zz(
            np.linspace(0, 10, n), rng.normal(size=(2, n)), artificial_mhz=1.0, sigma=1.0 if n % 2 else None
        ).success
        for n in range(12, 80, every)
        for _ in range(each)
    ]
    assert sum(accepted) <= most


def test_a_detuning_as_large_as_the_artificial_one_is_refused(rng):
    x, y = fringes(rng, 0.06, artificial=0.3, detuning=0.4)
    result = fit_zz(x, y, sigma=SIGMA, artificial_mhz=0.3)
    assert not result.success
    assert "the sign is not known" in result.message


def test_beating_fringes_are_refused(rng):
    x, y = fringes(rng, 0.06, points=101)
    beating = 0.5 + (y - 0.5) * np.cos(2 * np.pi * 0.08 * x)
    assert not fit_zz(x, beating, sigma=SIGMA, artificial_mhz=0.5).success


X = np.linspace(0, 10, 21)
Y = np.zeros((2, 21))


@each_case(
    ("x", "y", "options", "message"),
    [
        (X[:5], Y[:, :5], {}, "x is too short: 5 points"),
        (X[::-1], Y, {}, "x must be sorted"),
        (X, Y[0], {}, r"y must hold a trace for control 0 and one for control 1, shape \(2, 21\)"),
        (X, Y * np.nan, {}, "y must be finite"),
        (X, Y, {"sigma": np.ones(21)}, "sigma must hold a trace"),
        (X, Y, {"sigma": 0.0}, "sigma must be positive"),
        (X, Y, {"artificial_mhz": 0.0}, "artificial_mhz must be finite and not zero"),
        (X, Y, {"control_t1_us": -1.0}, "control_t1_us must be positive"),
    ],
)
def test_bad_input_is_named(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        fit_zz(x, y, **{"artificial_mhz": 1.0, **options})
