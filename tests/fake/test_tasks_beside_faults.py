"""Tasks on a twin with a fault that their model does not describe: no value beyond its error, and the true reason for a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import AnalysisError
from qdash_tasks.tasks import (
    CheckDispersiveShift,
    CheckElectricalDelay,
    CheckQubitSpectroscopy,
    CheckRamsey,
    CheckReadoutFrequency,
    CheckReflectionCoefficient,
    CheckResonatorFrequencies,
    CheckResonatorSpectroscopy,
    CheckT1,
    CreateDRAGHPIPulse,
    RandomizedBenchmarking,
    ReadoutClassification,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput

SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 7))]


def bench(path: Path, seed: int, name: str, sizes: str = "") -> Laboratory:
    """Return a calibrated twin of one qubit with a fault."""
    return Laboratory(path, make_table({}), seed, options={name: f"0{sizes}@0"}).calibrate_perfectly()


def run(laboratory: Laboratory, task: type[BaseTask]) -> TaskOutput | AnalysisError:
    """Return the output of a task, or why the analysis refused it."""
    try:
        return laboratory.run(task, "0")
    except AnalysisError as error:
        return error


@pytest.mark.parametrize("seed", SEEDS)
@each_case(
    ("name", "sizes", "task", "reason"),
    [
        ("quasiparticles", ":1.5:8", CheckT1, "the decay has two times"),
        ("quasiparticles", ":0.5:5", CheckT1, "the decay has two times"),
        ("slow-settling", ":0.8:4", CheckT1, "the first points do not belong to the decay"),
        ("charge-splitting", ":0.05", CheckRamsey, "two frequencies"),
        (
            "resonator-peak",
            "",
            CheckReflectionCoefficient,
            "a peak does not tell external from internal loss",
        ),
    ],
)
def test_a_trace_of_another_model_is_refused_for_the_true_reason(
    tmp_path: Path, name: str, sizes: str, task: type[BaseTask], reason: str, seed: int
) -> None:
    with pytest.raises(AnalysisError, match=reason):
        bench(tmp_path, seed, name, sizes).run(task, "0")


@pytest.mark.parametrize("seed", SEEDS)
@each_case(
    ("name", "sizes", "task"),
    [
        ("frequency-wander", ":2", CheckRamsey),
        ("charge-splitting", ":0.4", CheckQubitSpectroscopy),
        ("lost-sequences", ":0.02", RandomizedBenchmarking),
        ("third-level", ":0.02", ReadoutClassification),
        ("third-level", ":0.02", CheckDispersiveShift),
        ("resonator-peak", "", CheckResonatorSpectroscopy),
        ("resonator-peak", "", CheckReadoutFrequency),
        ("iq-offset", ":0.05", CheckResonatorSpectroscopy),
        ("iq-offset", ":0.05", CheckReflectionCoefficient),
        ("iq-offset", ":0.05:0.05", CheckReflectionCoefficient),
        ("iq-offset", ":0.05:3", CheckReflectionCoefficient),
        ("iq-offset", ":0.05", CheckElectricalDelay),
        ("iq-offset", ":0.05:3", CheckElectricalDelay),
        ("iq-offset", ":0.05:0.15", CheckResonatorFrequencies),
        ("iq-offset", ":0.05:0.5", CheckResonatorFrequencies),
        ("iq-reflection", "", CheckResonatorSpectroscopy),
    ],
)
def test_a_value_beside_a_fault_is_right_within_its_error(
    tmp_path: Path, name: str, sizes: str, task: type[BaseTask], seed: int
) -> None:
    laboratory = bench(tmp_path, seed, name, sizes)
    truth = laboratory.truth_of("0")
    found = {one: value for one, value in laboratory.run(task, "0").parameters.items() if one in truth}
    assert found
    for parameter, value in found.items():
        assert value.error is not None
        assert abs(value.value - truth[parameter][0]) < 4 * value.error, parameter


@pytest.mark.parametrize("seed", SEEDS)
def test_two_near_frequencies_are_named_or_their_mean_is_right(tmp_path: Path, seed: int) -> None:
    laboratory = bench(tmp_path, seed, "charge-splitting", ":0.008")
    found = run(laboratory, CheckRamsey)
    if isinstance(found, AnalysisError):
        assert "two frequencies" in str(found)
        return
    frequency = found.parameters["qubit_frequency"]
    assert frequency.error is not None
    assert abs(frequency.value - laboratory.truth_of("0")["qubit_frequency"][0]) < 4 * frequency.error


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drive_some_khz_off_is_in_the_error_of_drag(tmp_path: Path, seed: int) -> None:
    laboratory = bench(tmp_path, seed, "frequency-jump", ":0.01")
    qubit_ghz = laboratory.chip.qubits["0"].frequency_ghz
    laboratory.backend.laboratory.adjust("0", {"drive_frequency_ghz": qubit_ghz - 1e-5})
    true_ns, _ = laboratory.truth_of("0")["drag_hpi_beta"]
    found = laboratory.run(CreateDRAGHPIPulse, "0").parameters["drag_hpi_beta"]
    assert found.error is not None
    assert abs(found.value - true_ns) < 4 * found.error
