"""Traces computed from shots."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.trace import Trace


def test_the_errors_of_a_mean_are_those_of_the_scatter_of_its_shots() -> None:
    rng = np.random.default_rng(0)
    points, shots = 400, 100
    i, q = rng.standard_normal((2, points, shots))
    iq = i + 1j * (0.5 * q + 0.3 * i)
    trace = Trace.from_shots(np.arange(points, dtype=np.float64), iq)
    # Standard errors 1 and sqrt(0.25 + 0.09), covariance 0.3, each over the shots; five sigma of their mean over the points.
    slack = 5 / np.sqrt(2 * shots * points)
    assert np.sqrt(np.mean(trace.sigma.real**2)) == pytest.approx(1 / np.sqrt(shots), rel=slack)
    assert np.sqrt(np.mean(trace.sigma.imag**2)) == pytest.approx(np.sqrt(0.34 / shots), rel=slack)
    assert trace.covariance.mean() == pytest.approx(0.3 / shots, rel=6 * slack)
    assert trace.iq.std() == pytest.approx(np.sqrt(1.34 / shots), rel=5 / np.sqrt(points))


def test_blocks_tell_the_errors_as_their_shots_do() -> None:
    rng = np.random.default_rng(1)
    shots = rng.standard_normal((200, 1200)) + 1j * rng.standard_normal((200, 1200))
    x = np.arange(200, dtype=np.float64)
    blocks = Trace.from_blocks(x, shots.reshape(200, 40, 30).mean(axis=-1))
    whole = Trace.from_shots(x, shots)
    assert blocks.iq == pytest.approx(whole.iq)
    # The variance from 40 blocks has an error of sqrt(2 / 39) at each of 200 points.
    ratio = np.mean(blocks.sigma.real**2) / np.mean(whole.sigma.real**2)
    assert ratio == pytest.approx(1.0, abs=5 * np.sqrt(2 / 39 / 200))


def test_a_map_of_shots_is_a_map_of_means() -> None:
    shots = np.arange(24, dtype=np.float64).reshape(2, 3, 4).astype(np.complex128)
    trace = Trace.from_shots(np.arange(3.0), shots)
    assert trace.iq.shape == trace.sigma.shape == trace.covariance.shape == (2, 3)
    assert trace.row(1).iq.tolist() == [13.5, 17.5, 21.5]


def test_one_shot_tells_no_error() -> None:
    with pytest.raises(InvalidInputError, match="1 shots"):
        Trace.from_shots(np.arange(3.0), np.zeros((3, 1), dtype=np.complex128))


def test_a_point_of_equal_shots_is_not_known_exactly() -> None:
    shots = np.array([[0.1] * 40, [0.1] * 20 + [1.1] * 20, [1.1] * 40]) + 0.3j
    trace = Trace.from_shots(np.arange(3.0), shots)
    # A variance of (1 / 4 / 39, a third of the points) of the mean, a fortieth of which is that of one shot that is off.
    floor = np.sqrt(0.25 / 39 / 3 / 40)
    assert trace.sigma.real == pytest.approx([floor, np.sqrt(0.25 / 39), floor])
    assert trace.sigma.imag == pytest.approx(np.full(3, floor))


def test_shots_that_are_all_equal_tell_no_error() -> None:
    with pytest.raises(
        InvalidInputError, match=r"all 7 shots .* of every point are equal, and nothing tells the noise"
    ):
        Trace.from_shots(np.arange(2.0), np.array([[0.1 + 0.2j] * 7, [0.3 - 0.7j] * 7]))
