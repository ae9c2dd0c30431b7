"""T1 fit of the steady state that many shots reach with passive reset."""

import numpy as np
import pytest

from qdash_tasks.programs.passive_reset import make_steady_state_fit

T1, INTERVAL, NOISE = 50.0, 60.0, 0.02
DELAYS = np.linspace(0, 5 * T1, 51)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def decay_with_passive_reset(rng, *, weak=0.0):
    """Return populations with an interval of 1.2 T1, and a `weak` share of a decay ten times as fast."""
    kept = np.exp(-DELAYS / T1)
    y = kept / (1 + kept * np.exp(-INTERVAL / T1))
    return (1 - weak) * y + weak * np.exp(-10 * DELAYS / T1) + rng.normal(0, NOISE, DELAYS.size)


@pytest.mark.parametrize("place", [10, 20, 35])
def test_an_outlier_is_left_out_of_the_fit_and_named(rng, place):
    y = decay_with_passive_reset(rng)
    fit, sigma = make_steady_state_fit(INTERVAL), np.full(DELAYS.size, NOISE)
    clean = fit(np.delete(DELAYS, place), np.delete(y, place), sigma=np.delete(sigma, place))
    y[place] += 0.5
    found = fit(DELAYS, y, sigma=sigma)
    assert found.left_out == (DELAYS[place],)
    assert found.message.endswith(f"left out as outliers: x = {DELAYS[place]:g}")
    t1, expected = found.parameters["t1"], clean.parameters["t1"]
    assert t1.value == pytest.approx(expected.value, rel=1e-5)
    assert abs(t1.value - T1) < 4 * t1.error
    assert found.reduced_chi2 < 2


def test_a_weak_second_decay_widens_the_error(rng):
    fit, sigma = make_steady_state_fit(INTERVAL), np.full(DELAYS.size, NOISE)
    errors = {
        weak: np.mean(
            [
                found.parameters["t1"].error
                for _ in range(10)
                if (found := fit(DELAYS, decay_with_passive_reset(rng, weak=weak), sigma=sigma)).success
            ]
        )
        for weak in (0.0, 0.12)
    }
    assert errors[0.12] > 1.3 * errors[0.0]
