"""Agreement of the common core with an independent least-squares fit."""

import numpy as np
import pytest

from qdash_analysis import fit_rabi, fit_t1
from qdash_analysis.evidence import may_pass
from qdash_analysis.solution import Solution, compute_noise_scale

from ..lazy_modules import LazyModule

optimize, special = LazyModule("scipy.optimize"), LazyModule("scipy.special")


def test_a_t1_fit_is_the_least_squares_fit(rng):
    x = np.linspace(0, 60, 41)
    sigma = rng.uniform(0.01, 0.04, 41)
    y = 0.1 + 0.8 * np.exp(-x / 17) + sigma * rng.normal(size=41)
    best, covariance = optimize.curve_fit(
        lambda x, a, t1, b: a * np.exp(-x / t1) + b, x, y, [1, 10, 0], sigma, absolute_sigma=True
    )
    estimate = fit_t1(x, y, sigma=sigma).parameters["t1"]
    assert estimate.value == pytest.approx(best[1], rel=1e-4)
    # At 5 % the correction for the skewness of a time is half of 0.05 squared.
    assert estimate.error == pytest.approx(np.sqrt(covariance[1, 1]), rel=0.005)


def test_a_rabi_fit_is_the_least_squares_fit(rng):
    x = np.linspace(20, 420, 81)
    y = 0.5 + 0.4 * np.cos(0.06 * x + 1) * np.exp(-x / 150) + rng.normal(0, 0.02, 81)

    def model(x, amplitude, frequency, phase, decay, offset):
        return offset + amplitude * np.cos(2e-3 * np.pi * frequency * x + phase) * np.exp(-x / decay)

    best, covariance = optimize.curve_fit(
        model, x, y, [0.4, 9.5, 1, 150, 0.5], [0.02] * 81, absolute_sigma=True
    )
    parameters = fit_rabi(x, y, sigma=0.02).parameters
    for place, name in enumerate(["amplitude", "frequency", "phase", "decay", "offset"]):
        assert parameters[name].value == pytest.approx(best[place], rel=2e-3)
        assert parameters[name].error == pytest.approx(np.sqrt(covariance[place, place]), rel=0.03)


def test_unknown_noise_of_few_points_widens_the_error_as_student_says():
    assert compute_noise_scale(4.0, 4, sigma_known=False) == pytest.approx(special.stdtrit(4, 0.8413447) ** 2)


def test_known_noise_is_believed_unless_the_scatter_is_significantly_larger():
    assert compute_noise_scale(10.0, 40, sigma_known=True) == 1
    assert compute_noise_scale(45.0, 40, sigma_known=True) == 1
    assert compute_noise_scale(160.0, 40, sigma_known=True) == pytest.approx(4, rel=0.05)


def straight_line(residuals):
    """Return a fit of a straight line that leaves these residuals."""
    place = np.linspace(-1, 1, residuals.size)
    design = np.column_stack([np.ones_like(place), place])
    residuals = residuals - design @ np.linalg.lstsq(design, residuals, rcond=None)[0]
    chi2, dof = float(residuals @ residuals), residuals.size - 2
    return Solution(None, np.zeros(0), np.zeros(2), chi2, dof, residuals, design, sigma_known=True)


def test_the_gain_by_linear_terms_is_that_of_a_fit_with_them(rng):
    line = straight_line(rng.normal(size=61))
    place = np.linspace(-1, 1, 61)
    shapes = np.stack(
        [np.cos(2 * place), np.sin(2 * place), 3 + 2 * place]
    )  # the last one is part of the line
    both = np.column_stack([line.design, shapes.T])
    left = line.residuals - both @ np.linalg.lstsq(both, line.residuals, rcond=1e-9)[0]
    assert line.compute_gain(shapes) == pytest.approx(line.chi2 - left @ left)


def test_a_richer_model_is_fitted_where_it_may_be_significant(rng):
    line = straight_line(rng.uniform(-1.7, 1.7, size=81))
    test = {"extra": 3, "trials": 1, "accepted": 0.01}
    assert not may_pass(line, 0.9 * special.chdtri(3, 0.01), **test)
    assert may_pass(line, 1.3 * special.chdtri(3, 0.01), **test)


def test_beside_a_bad_point_a_richer_model_is_always_fitted(rng):
    residuals = rng.normal(size=81)
    residuals[40] = 12
    assert may_pass(straight_line(residuals), 0.0, extra=3, trials=1, accepted=0.01)
