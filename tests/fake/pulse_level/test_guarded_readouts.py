"""Laboratory with a guard before each readout: true values, with honest errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_tasks.laboratory.limits import LineLimits, ReadoutLimits
from qdash_tasks.tasks import (
    CheckChevron,
    CheckCrossResonance,
    CheckFineChevron,
    CheckQubitFrequency,
    CheckRabi,
    CheckRamsey,
    CheckT1,
    CheckT1Average,
    CheckT2Echo,
    CheckZZInteraction,
)

from ..conftest import make_table
from ..laboratory import Laboratory
from ..test_tasks_cross_resonance import truth_of, two_qubits

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask
    from qdash_fake.devices import DeviceTable

GUARD_NS = 128.0
VALUES: list[tuple[type[BaseTask], str, str]] = [
    (CheckT1, "t1", "t1"),
    (CheckT1Average, "t1_average", "t1"),
    (CheckT2Echo, "t2_echo", "t2_echo"),
    (CheckRamsey, "qubit_frequency", "qubit_frequency"),
    (CheckQubitFrequency, "qubit_frequency", "qubit_frequency"),
    (CheckRabi, "rabi_frequency", "rabi_frequency"),
    (CheckChevron, "qubit_frequency", "qubit_frequency"),
    (CheckFineChevron, "qubit_frequency", "qubit_frequency"),
]
"""Tasks on a qubit, with their outputs and the names of the true values."""


def guarded(path: Path, table: DeviceTable, seed: int) -> Laboratory:
    """Return a calibrated bench with coarse grids, unplayed short gaps, and a guard before readouts."""
    laboratory = Laboratory(path, table, seed, options={"pulse-level": True}).calibrate_perfectly()
    session = laboratory.backend.laboratory
    session.limits = replace(
        session.limits,
        usual_line=LineLimits(start_ns=2.0, shortest_gap_ns=16.0),
        readout=ReadoutLimits(start_ns=8.0, guard_ns=GUARD_NS),
    )
    return laboratory


def pull(laboratory: Laboratory, task: type[BaseTask], name: str, true: str) -> float:
    """Return the pull of a value of qubit 0 against the truth at the settings of its measurement."""
    output = laboratory.run(task, "0")
    # The Rabi frequency belongs to the amplitude chosen by its task.
    laboratory.backend.apply({"0": output.parameters})
    found = output.parameters[name]
    assert found.error is not None
    return (found.value - laboratory.truth_of("0")[true][0]) / found.error


def pair_pull(laboratory: Laboratory, task: type[BaseTask], name: str) -> float:
    """Return the pull of a value of coupling 0-1 against the truth at the settings of its measurement."""
    output = laboratory.run_group(task, ["0-1"])["0-1"]
    if isinstance(output, Exception):
        raise output
    laboratory.backend.apply({"0-1": laboratory.values["0-1"]})
    found = output.parameters[name]
    assert found.error is not None
    return (found.value - truth_of(laboratory, "0-1")[name][0]) / found.error


@pytest.mark.parametrize(
    ("task", "name", "true"),
    [
        pytest.param(
            *one,
            id=one[0].__name__,
            marks=pytest.mark.slow if one[0] not in (CheckT1, CheckQubitFrequency, CheckRabi) else (),
        )
        for one in VALUES
    ],
)
def test_a_value_of_a_qubit_is_that_of_the_chip(
    tmp_path: Path, task: type[BaseTask], name: str, true: str
) -> None:
    assert abs(pull(guarded(tmp_path, make_table({}), 3), task, name, true)) < 5


@pytest.mark.parametrize(
    ("task", "name", "true"),
    [
        pytest.param(
            *one,
            id=one[0].__name__,
            marks=pytest.mark.slow if one[0] is CheckT1 else pytest.mark.release,
        )
        for one in VALUES
    ],
)
def test_errors_of_a_qubit_are_honest(tmp_path: Path, task: type[BaseTask], name: str, true: str) -> None:
    pulls = [
        pull(guarded(tmp_path / str(seed), make_table({}), seed), task, name, true) for seed in range(16)
    ]
    # For 16 pulls the mean scatters by 0.25 and the standard deviation by 0.18: four of each are allowed.
    assert abs(np.mean(pulls)) < 1.0
    assert np.std(pulls) < 1.72


def test_a_t1_of_a_few_guards_is_found(tmp_path: Path) -> None:
    assert abs(pull(guarded(tmp_path, make_table({"t1_us": 0.5, "t2_us": 0.5}), 3), CheckT1, "t1", "t1")) < 5


def test_a_sweep_finer_than_the_grid_is_measured_once_per_step_of_it(tmp_path: Path) -> None:
    laboratory = guarded(tmp_path, make_table({}), 3)
    raw = laboratory.measure(CheckRabi, "0", time_range=np.arange(0.0, 200.0).tolist())
    assert raw.arrays["rabi_duration"][0].tolist() == np.arange(0.0, 202.0, 2.0).tolist()
    assert CheckRabi().postprocess(None, raw).parameters["rabi_frequency"].error


@pytest.mark.parametrize(
    "seeds", [pytest.param(1, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.release)]
)
@pytest.mark.parametrize(
    ("task", "name"),
    [(CheckZZInteraction, "static_zz_interaction"), (CheckCrossResonance, "zx_rotation_rate")],
)
def test_a_value_of_a_coupling_is_that_of_the_chip(
    tmp_path: Path, task: type[BaseTask], name: str, seeds: int
) -> None:
    pulls = [
        pair_pull(guarded(tmp_path / str(seed), two_qubits(), seed), task, name) for seed in range(seeds)
    ]
    assert np.max(np.abs(pulls)) < 5
