"""Pages of series that drift as a twin does, with error bars like those of its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.series_models import Series
from qdash_fake.physics.drift import FREQUENCY_SPREAD_GHZ, JUMP_DWELL_S, LARGEST_JUMP_GHZ, T1_SPREAD
from qdash_fake.physics.noise import Telegraph, Wander
from qdash_fake.physics.streams import stream

from ..analysis.trends.simulated_series import JUMP, Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

T1_US, T1_ERROR = 100.0, 0.03
FREQUENCY_GHZ, FREQUENCY_ERROR_GHZ = 5.0, 4e-7
_DAY_S = 86400.0


def make_drift_page(
    seed: int, *, interval_s: float, n: int = 30, qubits: int = 64, share: float = 0.0
) -> Page:
    """Return a page of T1 and frequency of qubits that drift.

    Parameters
    ----------
    seed : int
        Seed of the drift and of the noise.
    interval_s : float
        Time between the samples.
    n : int
        Samples of each series.
    qubits : int
        Number of qubits.
    share : float
        Share of the series of T1 with a step of five standard deviations of noise and drift together.
    """
    rng = np.random.default_rng(seed)
    clock_s = np.arange(n) * interval_s
    series: list[Series] = []
    steps: list[int | None] = []
    switches: list[tuple[int, ...]] = []
    for qubit in range(qubits):
        qid = str(qubit)
        wander = Wander([stream(seed, qid, name) for name in ("t1", "frequency")])
        by = np.array([wander.at(float(at)) for at in clock_s])
        t1 = T1_US * np.exp(T1_SPREAD * by[:, 0]) * (1 + T1_ERROR * rng.standard_normal(n))
        step = None
        if rng.random() < share:
            step = int(rng.integers(1, n - 2))
            t1[step + 1 :] += JUMP * T1_US * np.hypot(T1_SPREAD, T1_ERROR)
        series.append(Series("t1", clock_s / _DAY_S, t1, T1_ERROR * t1))
        steps.append(step)
        switches.append(())
        states = _list_states(seed, qid, clock_s)
        shift = FREQUENCY_SPREAD_GHZ * by[:, 1] + LARGEST_JUMP_GHZ / 2 * states
        frequency = FREQUENCY_GHZ + shift + FREQUENCY_ERROR_GHZ * rng.standard_normal(n)
        series.append(Series("frequency", clock_s / _DAY_S, frequency, np.full(n, FREQUENCY_ERROR_GHZ)))
        steps.append(None)
        switches.append(tuple(np.flatnonzero(np.diff(states)).tolist()))
    return Page(series, steps, switches)


def _list_states(seed: int, qid: str, clock_s: NDArray[np.float64]) -> NDArray[np.int64]:
    telegraph = Telegraph(seed, qid, "jumps", dwell_s=JUMP_DWELL_S)
    return np.array([telegraph.at(float(at)) for at in clock_s])
