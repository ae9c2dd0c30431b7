"""Weights of a projection, from the signal instead of its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_analysis import fit_t1
from qdash_analysis.iq_noise import ReadoutNoise
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.projection import fit_signal, project_trace
from qdash_tasks.tasks import CheckRamsey, CheckT1

from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

QUBITS, FEWER = 100, 24
"""Numbers of qubits of the slow tests and of the quick one."""


@pytest.mark.parametrize(
    ("task", "name", "shots", "qubits"),
    [
        (CheckT1, "t1", 16, FEWER),
        pytest.param(CheckT1, "t1", 64, QUBITS, marks=pytest.mark.slow),
        *(pytest.param(CheckT1, "t1", shots, QUBITS, marks=pytest.mark.release) for shots in (16, 256, 1024)),
        pytest.param(CheckRamsey, "qubit_frequency", 16, QUBITS, marks=pytest.mark.release),
    ],
)
def test_few_shots_bias_nothing_and_errors_stay_honest(
    tmp_path: Path, task: type[BaseTask], name: str, shots: int, qubits: int
) -> None:
    laboratory = Laboratory(tmp_path, make_table(*[{}] * qubits), shots).calibrate_perfectly()
    tasks = [laboratory.prepare(task, qid, shots=shots) for qid in laboratory.table.qids]
    true = {"t1": 100.0, "qubit_frequency": 5.0}[name]
    deviations, errors = [], []
    for one, raw in zip(tasks, task.run_group(laboratory.backend, tasks), strict=True):
        assert isinstance(raw, RawData)
        found = one.postprocess(None, raw).parameters[name]
        deviations.append(found.value - true)
        errors.append(found.error or 0.0)
    n = len(deviations)
    # Weights from each point's own scatter made T1 8 % too short at 16 shots, five standard deviations of the mean.
    assert abs(np.mean(deviations)) < 4 * np.mean(errors) / np.sqrt(n)
    pulls = np.abs(np.divide(deviations, errors))
    assert np.mean(pulls < 2) > 0.954 - 4 * np.sqrt(0.954 * 0.046 / n)
    assert np.mean(pulls < 1) > 0.683 - 4 * np.sqrt(0.683 * 0.317 / n)


def test_the_noise_of_a_mixture_of_two_states_is_a_parabola_of_its_signal() -> None:
    share = np.linspace(0.02, 0.9, 30)
    noise = ReadoutNoise.from_points(3 * share, 0.1 + share * (1 - share))
    between = np.array([0.1, 0.33, 0.77])
    assert noise.sigma(3 * between) ** 2 == pytest.approx(0.1 + between * (1 - between))
    # It is not extrapolated: never negative, never above the largest observed value.
    assert noise.sigma(np.array([-60.0, 60.0])) ** 2 == pytest.approx([0.1 + 0.02 * 0.98] * 2)


def _trace(y: np.ndarray[tuple[int], np.dtype[np.float64]], sigma: float) -> Trace:
    noise = np.random.default_rng(1).normal(0, sigma, (2, y.size))
    iq = np.asarray(y + noise[0] + 1j * noise[1])
    return Trace(np.linspace(0, 4, y.size), iq, np.full(y.size, sigma * (1 + 1j)), np.zeros(y.size))


def test_a_slow_decay_in_a_few_shots_is_seen_and_noise_is_not() -> None:
    # Six times the noise of a point, over a window of four decay times: visible overall, not between neighbouring points.
    decay = 0.75 * np.exp(-np.linspace(0, 4, 51))
    signal = project_trace(_trace(decay, 0.125))
    assert fit_signal(fit_t1, signal).success
    with pytest.raises(AnalysisError, match="does not change"):
        project_trace(_trace(np.zeros(51), 0.125))
