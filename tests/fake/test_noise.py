"""Noise as a function of time: independent of the order and number of measurements."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_fake.physics.noise import Telegraph, Wander
from qdash_fake.physics.streams import stream

HOUR_S = 3600.0


def states(telegraph: Telegraph, times_s: np.ndarray) -> np.ndarray:
    return np.array([telegraph.at(time_s) for time_s in times_s])


def test_a_telegraph_is_looked_up_in_any_order() -> None:
    telegraph = Telegraph(1, "q", dwell_s=HOUR_S)
    times = np.arange(0.0, 50 * HOUR_S, 777.0)
    forwards = states(telegraph, times)
    assert (states(Telegraph(1, "q", dwell_s=HOUR_S), times[::-1])[::-1] == forwards).all()
    assert (states(Telegraph(2, "q", dwell_s=HOUR_S), times) != forwards).any()


def test_a_telegraph_spends_half_its_time_in_each_state_and_dwells_as_long_as_is_said() -> None:
    times = np.arange(0.0, 2000 * HOUR_S, 0.05 * HOUR_S)
    found = states(Telegraph(3, "q", dwell_s=HOUR_S), times)
    assert set(found) == {-1, 1}
    # 4,000 slots, half of them with a change of state: about 1,000 dwells of either kind, each about as long as its mean.
    assert abs(found.mean()) < 4 / np.sqrt(1000)
    jumps = np.count_nonzero(np.diff(found))
    assert times[-1] / jumps == pytest.approx(HOUR_S, rel=4 / np.sqrt(jumps))


@pytest.mark.parametrize("slower", [1.0, 4.0])
def test_wandering_has_unit_variance_and_is_smooth(slower: float) -> None:
    # One trajectory contains few periods of its slowest waves; many together have the expected variance.
    wander = Wander([stream(seed, "w") for seed in range(200)], slower=slower)
    times = np.arange(0.0, 100 * 24 * HOUR_S, 7 * HOUR_S)
    found = np.array([wander.at(time_s) for time_s in times])
    assert found.shape == (times.size, 200)
    assert np.var(found) == pytest.approx(1.0, rel=0.05)
    # The fastest wave has a period of two hours, and there are sixteen of equal size.
    steps = np.array([wander.at(time_s + 60.0) for time_s in times]) - found
    assert np.max(np.abs(steps)) < 0.3 / slower
