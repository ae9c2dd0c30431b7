"""Residuals of repeated traces: their common part is not noise."""

import numpy as np
import pytest

from qdash_analysis.residuals import compute_lack_of_fit

from ..case_tables import each_case

TRACES, POINTS, PARAMETERS = 10, 51, 3


def noise(rng, *, size=1.0):
    """Return residuals of a correct model, as a fit leaves them."""
    design = np.linalg.qr(np.vander(np.linspace(-1, 1, POINTS), PARAMETERS))[0]
    found = rng.normal(0, size, (TRACES, POINTS))
    return found - found @ design @ design.T


@each_case("size", [0.3, 1.0, 4.0])
def test_noise_is_no_lack_of_fit_whatever_its_size(rng, size):
    found = [compute_lack_of_fit(noise(rng, size=size), parameters=PARAMETERS) for _ in range(400)]
    # 1 % false positives in each of both tests: fewer than 8 + 4 * 3 of 400.
    assert sum(one > 1 for one in found) < 20
    assert max(found) < 4


def test_two_exchanged_points_are_one_in_all_traces(rng):
    left = noise(rng)
    left[:, 1:3] += [-5.0, 5.0]
    # 10 traces of 2 * 5^2 over 48 degrees of freedom, beside the noise.
    assert compute_lack_of_fit(left, parameters=PARAMETERS) == pytest.approx(1 + 10 * 50 / 48, rel=0.4)


def test_a_glitch_of_one_trace_is_none(rng):
    left = noise(rng)
    left[3, 20] += 20.0
    assert compute_lack_of_fit(left, parameters=PARAMETERS) == 1.0


def test_a_bend_that_no_single_trace_shows_is_one(rng):
    bend = 0.7 * np.sin(np.linspace(0, 4 * np.pi, POINTS))
    assert compute_lack_of_fit(noise(rng) + bend, parameters=PARAMETERS) > 3


def test_traces_that_the_model_describes_exactly_lack_nothing():
    assert compute_lack_of_fit(np.zeros((2, 8)), parameters=PARAMETERS) == 1.0
    assert compute_lack_of_fit(np.tile([0.1, -0.1], (2, 4)), parameters=PARAMETERS) == 1.0
