"""Precision of stored answers: far below the noise, and compressible."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_tasks.laboratory.precision import limit_precision
from qdash_tasks.laboratory.trace import ShotRecord, Trace


def draw_clouds(rng: np.random.Generator, shots: int, distance: float) -> np.ndarray:
    """Draw shots of a qubit in |0> or |1> with equal probability, noise 0.01 in each quadrature, in a rotated plane."""
    noise = 0.01 * rng.standard_normal((shots, 2)).view(np.complex128)[:, 0]
    return 0.2 + np.exp(0.7j) * (0.01 * distance * rng.integers(0, 2, shots) + noise)


@pytest.mark.parametrize("distance", [0.0, 3.0, 30.0])
def test_every_shot_is_kept_within_a_sixteenth_of_the_noise_of_its_cloud(distance: float) -> None:
    shots = draw_clouds(np.random.default_rng(2), 4000, distance)
    stored = limit_precision(ShotRecord(shots)).iq
    assert stored.shape == shots.shape
    moved = np.abs((stored - shots).view(np.float64))
    assert 0 < moved.max() <= 1.05 * 0.01 / 16
    assert len(np.unique(stored.real)) < 500


def test_the_narrowest_of_several_qubits_sets_the_grid() -> None:
    rng = np.random.default_rng(3)
    shots = np.stack([draw_clouds(rng, 4000, 3.0), 100 * draw_clouds(rng, 4000, 3.0)], axis=1)
    stored = limit_precision(ShotRecord(shots)).iq
    assert np.abs((stored - shots)[:, 0].copy().view(np.float64)).max() <= 1.05 * 0.01 / 16


@pytest.mark.parametrize("shots", [np.array([], dtype=complex), np.array([1 + 1j]), np.full(50, 0.1 + 0.3j)])
def test_shots_without_noise_are_unchanged(shots: np.ndarray) -> None:
    assert limit_precision(ShotRecord(shots)).iq.tolist() == shots.tolist()


def test_means_and_errors_stay_within_a_thousandth_of_the_error() -> None:
    rng = np.random.default_rng(4)
    shots = draw_clouds(rng, 100 * 50, 3.0).reshape(50, 100)
    trace = Trace.from_shots(np.arange(50.0), shots)
    stored = limit_precision(trace)
    for part in (np.real, np.imag):
        error = part(trace.sigma)
        assert (np.abs(part(stored.iq - trace.iq)) <= error / 2000).all()
        assert (np.abs(part(stored.sigma) / error - 1) < 3e-4).all()
        assert (part(stored.sigma) >= error).all()
    assert stored.covariance == pytest.approx(trace.covariance, rel=3e-4)


def test_the_covariance_matrix_of_noise_along_a_line_remains_valid() -> None:
    sigma = np.full(3, 0.1 / 3 + 0.1 / 7j)
    covariance = np.array([1.0, -1.0, 0.0]) * sigma.real * np.abs(sigma.imag)
    sigma = np.abs(sigma.real) + 1j * np.abs(sigma.imag)
    stored = limit_precision(Trace(np.arange(3.0), np.zeros(3, dtype=complex), sigma, covariance))
    assert (np.abs(stored.covariance) <= stored.sigma.real * stored.sigma.imag).all()


def test_a_trace_without_noise_keeps_its_points() -> None:
    iq = np.array([0.1 + 0.2j, 0.3j])
    nothing = np.zeros(2)
    stored = limit_precision(Trace(np.arange(2.0), iq, nothing.astype(complex), nothing))
    assert (stored.iq.tolist(), stored.sigma.tolist()) == (iq.tolist(), [0, 0])
