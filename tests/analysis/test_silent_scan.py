"""Offset of the IQ plane from scans without a probe, and loss rates beside it."""

import numpy as np
import pytest

from qdash_analysis import fit_coupling_rates
from qdash_analysis.silent_scan import SilentScan, measure_offset

from ..case_tables import each_case

SIGMA, POINTS, DRAWS = 0.01, 51, 300
X = np.linspace(-0.5, 0.5, POINTS)
TIMES = np.arange(POINTS) / (4 * POINTS), 0.75 + np.arange(POINTS) / (4 * POINTS)
"""Times of both scans; the scan with the probe takes the half in between."""


def silent_scans(rng, offset):
    """Return scans of an offset that is a function of time, in a random order of frequencies."""
    found = []
    for times in TIMES:
        order = rng.permutation(POINTS)
        found.append(SilentScan(X, offset(times)[order] + white(rng, POINTS), np.full(POINTS, SIGMA), order))
    return found


def white(rng, count):
    return rng.normal(0, SIGMA, (2, count)).T @ [1, 1j]


def pulls_of(rng, offset):
    """Return the distances from the mean during the scan in between, in errors, of both quadratures."""
    middle = offset(np.linspace(0.25, 0.75, 100)).mean()
    found = [measure_offset(X, *silent_scans(rng, offset)) for _ in range(DRAWS)]
    off = np.array([(one.values.mean() - middle) / one.error for one in found])
    return np.abs([off.real, off.imag])


def test_a_constant_offset_is_measured_with_the_error_of_the_mean_of_all_points(rng):
    pulls = pulls_of(rng, lambda times: np.full(times.size, 0.2 - 0.1j))
    assert np.mean(pulls < 1) == pytest.approx(0.75, abs=0.08)
    assert np.mean(pulls < 2) > 0.94
    found = measure_offset(X, *silent_scans(rng, lambda times: np.zeros(times.size)))
    assert 1 < found.error / (SIGMA / np.sqrt(2 * POINTS)) < 3
    assert not found.sigma.any()


@each_case("cycles", [0.05, 0.3, 0.5, 0.8, 1.0, 1.3, 2.0, 5.0, 30.0])
def test_the_error_covers_an_offset_that_turns(rng, cycles):
    start = rng.uniform(0, 2 * np.pi)
    pulls = pulls_of(rng, lambda times: 0.25 * np.exp(1j * (start + 2 * np.pi * cycles * times)))
    assert np.mean(pulls < 2) > 0.9
    assert np.mean(pulls < 5) > 0.995


def test_a_tone_of_the_instruments_is_measured_at_each_frequency(rng):
    tone = 0.1 * np.sinc(7 * (X - 0.1))
    scans = [
        SilentScan(X, tone + white(rng, POINTS), np.full(POINTS, SIGMA), rng.permutation(POINTS))
        for _ in range(2)
    ]
    found = measure_offset(np.linspace(-0.5, 0.5, 101), *scans)
    assert found.sigma == pytest.approx(SIGMA / np.sqrt(2))
    off = found.values[::2] - tone
    assert np.sqrt(np.mean(np.abs(off) ** 2)) == pytest.approx(SIGMA, rel=0.3)


@each_case("offset", [0.05, 0.25, 0.25j, -0.25])
def test_rates_beside_an_offset_are_right_once_it_is_measured(rng, offset):
    external, internal = 1.2, 0.3
    x = 6.5 + np.linspace(-3, 3, 101) * 1e-3 * (external + internal)
    s = 1 - external / (external + internal) / (1 + 2e3j * (x - 6.5) / (external + internal))
    y = s * np.exp(-2j * np.pi * 50 * (x - 6.5)) + offset + white(rng, x.size)
    alone = fit_coupling_rates(x, y, sigma=SIGMA)
    assert not alone.success or "was not measured" in alone.message
    measured = complex(offset + 1e-3 * (rng.normal() + 1j * rng.normal()))
    found = fit_coupling_rates(x, y, sigma=SIGMA, offset=measured, offset_error=1e-3)
    assert "is subtracted" in found.message
    for name, true in (("kappa_external", external), ("kappa_internal", internal)):
        estimate = found.parameters[name]
        assert abs(estimate.value - true) < 5 * estimate.error, name
    assert np.mean(np.abs(found.predict(x) - y) ** 2) < 4 * SIGMA**2


def test_the_error_of_the_offset_is_part_of_the_errors_of_the_rates(rng):
    x = 6.5 + np.linspace(-3, 3, 101) * 1e-3
    y = 1 - 0.8 / (1 + 2e3j * (x - 6.5)) + white(rng, x.size)
    found = {}
    for error in (0.0, 0.01, 0.02):
        fit = fit_coupling_rates(x, y, sigma=SIGMA, offset=0.0, offset_error=error)
        found[error] = fit.parameters["kappa_internal"].error
    moved = [
        fit_coupling_rates(x, y, sigma=SIGMA, offset=by).parameters["kappa_internal"].value
        for by in (-0.01, 0.01, -0.01j, 0.01j)
    ]
    pull = np.hypot((moved[1] - moved[0]) / 2, (moved[3] - moved[2]) / 2)
    assert found[0.01] == pytest.approx(np.hypot(found[0.0], pull), rel=0.03)
    assert found[0.02] == pytest.approx(np.hypot(found[0.0], 2 * pull), rel=0.03)
