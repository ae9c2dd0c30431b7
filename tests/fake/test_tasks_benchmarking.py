"""Benchmarking of whole chips: true fidelities, honest errors, and refusals of uninformative data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_fake.devices import load_device
from qdash_fake.physics.benchmarking import compute_true_fidelities
from qdash_fake.truth import list_dead_qubits
from qdash_tasks.tasks import (
    Check1QGateCoherenceLimit,
    RandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput

CHIPS = (("jakarta", 21), ("guadalupe", 22), ("montreal", 23))
BENCHMARKS = (
    RandomizedBenchmarking,
    X90InterleavedRandomizedBenchmarking,
    X180InterleavedRandomizedBenchmarking,
)


def with_drag(laboratory: Laboratory) -> Laboratory:
    """Set perfect settings, with the DRAG coefficient that cancels most of the phase errors."""
    laboratory.calibrate_perfectly()
    for qid, qubit in laboratory.chip.qubits.items():
        session = laboratory.backend.laboratory
        settings = session.settings[qid]
        beta_ns = 1 / (4 * np.pi * abs(qubit.anharmonicity_ghz))
        session.adjust(
            qid,
            {
                "drag_hpi_amplitude": settings.plain_x90.amplitude,
                "drag_hpi_beta_ns": beta_ns,
                "drag_pi_amplitude": settings.plain_x180.amplitude,
                "drag_pi_beta_ns": beta_ns,
            },
        )
    return laboratory


def truth_of(laboratory: Laboratory, qid: str) -> dict[str, float]:
    """Return the true fidelities at the settings in use."""
    return compute_true_fidelities(laboratory.chip.qubits[qid], laboratory.backend.laboratory.settings[qid])


def benchmark(
    laboratory: Laboratory, task: type[BaseTask], groups: int | None = None, **parameters: Any
) -> dict[str, TaskOutput]:
    """Run a task on all qubits, or some, in groups without coupled qubits."""
    found = {}
    for group in laboratory.uncoupled_groups[:groups]:
        tasks = [laboratory.prepare(task, qid, **parameters) for qid in group]
        for qid, instance, raw in zip(group, tasks, task.run_group(laboratory.backend, tasks), strict=True):
            assert isinstance(raw, RawData)
            found[qid] = instance.postprocess(None, raw)
    return found


# --- honest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", BENCHMARKS)
@pytest.mark.parametrize(
    ("chips", "groups", "qubits"),
    [
        pytest.param(1, 1, 5, id="one group"),
        pytest.param(1, None, 7, id="one chip", marks=pytest.mark.slow),
        pytest.param(len(CHIPS), None, 7 + 16 + 27, id="all chips", marks=pytest.mark.release),
    ],
)
def test_errors_cover_the_truth(
    tmp_path: Path, task: type[BaseTask], chips: int, groups: int | None, qubits: int
) -> None:
    pulls, relative = [], []
    for device, seed in CHIPS[:chips]:
        laboratory = with_drag(Laboratory(tmp_path, load_device(device), seed))
        for qid, output in benchmark(laboratory, task, groups).items():
            ((name, found),) = output.parameters.items()
            assert found.error is not None
            truth = truth_of(laboratory, qid)[name]
            pulls.append((found.value - truth) / found.error)
            relative.append(found.error / (1 - truth))
            assert output.quality["reduced_chi2"] < 5
    n, size = len(pulls), np.abs(pulls)
    assert n == qubits
    # Four binomial standard deviations; a pull of 50 beyond four occurs in one of three hundred runs.
    assert np.mean(size < 1) > 0.683 - 4 * math.sqrt(0.683 * 0.317 / n)
    assert np.mean(size < 2) > 0.954 - 4 * math.sqrt(0.954 * 0.046 / n)
    assert size.max() < 4.2
    assert abs(np.mean(pulls)) < 4 / math.sqrt(n)
    # 240 sequences of 1024 shots: 1.2 % of the error per Clifford, about twice that of one gate.
    assert np.median(relative) < 0.04


@pytest.mark.parametrize(
    ("shots", "sequences", "count"),
    [
        (64, 5, 20),
        pytest.param(16, 20, 15, marks=pytest.mark.release),
        *(pytest.param(*one, 40, marks=pytest.mark.slow) for one in ((64, 5), (16, 20))),
    ],
)
def test_few_shots_or_sequences_widen_the_errors(
    tmp_path: Path, shots: int, sequences: int, count: int
) -> None:
    qubits = [{"sx_error": 1e-3}] * count
    laboratory = with_drag(Laboratory(tmp_path, make_table(*qubits), 5))
    truth = truth_of(laboratory, "0")["average_gate_fidelity"]
    outputs = benchmark(laboratory, RandomizedBenchmarking, shots=shots, sequences=sequences)
    found = [output.parameters["average_gate_fidelity"] for output in outputs.values()]
    # These qubits differ only in values outside the table: 2 % of the error.
    pulls = [(one.value - truth) / math.hypot(one.error or 0, 0.02 * (1 - truth)) for one in found]
    assert abs(np.mean(pulls)) < 4 / math.sqrt(count)
    assert np.mean(np.abs(pulls) < 2) > 0.954 - 4 * math.sqrt(0.954 * 0.046 / count)


@each_case("error", [2e-5, 2e-3, 0.03])
def test_the_lengths_follow_the_error_whatever_was_expected(tmp_path: Path, error: float) -> None:
    slow = {"t1_us": 2000.0, "t2_us": 3000.0} if error < 1e-4 else {}
    laboratory = with_drag(Laboratory(tmp_path, make_table({"sx_error": error} | slow), 4))
    truth = truth_of(laboratory, "0")["average_gate_fidelity"]
    for expected in (1 - 1e-4, 1 - 2e-2):
        laboratory.values = {"0": {"average_gate_fidelity": Parameter(expected, 1e-6, "")}}
        found = laboratory.run(RandomizedBenchmarking, "0").parameters["average_gate_fidelity"]
        assert found.error is not None
        assert abs(found.value - truth) < 4 * found.error
        assert found.error < 0.1 * (1 - truth)


def test_a_known_fidelity_saves_the_search(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({"sx_error": 0.02}), 4))
    session = laboratory.backend.laboratory
    times = []
    for _ in range(2):
        before = session.lab_seconds
        output = laboratory.run(RandomizedBenchmarking, "0")
        times.append(session.lab_seconds - before)
        laboratory.values = {"0": dict(output.parameters)}
    assert times[1] < 0.7 * times[0]


@pytest.mark.parametrize(
    ("task", "factor", "offset_mhz"),
    [
        pytest.param(X90InterleavedRandomizedBenchmarking, 1.01, 0.0, marks=pytest.mark.slow),
        (X90InterleavedRandomizedBenchmarking, 1.03, 0.0),
        (X180InterleavedRandomizedBenchmarking, 1.0, 0.2),
    ],
    ids=["one percent", "three percent", "off resonance"],
)
def test_the_error_of_one_gate_holds_what_coherent_errors_shift(
    tmp_path: Path, task: type[BaseTask], factor: float, offset_mhz: float
) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table(*[{"sx_error": 3e-4}] * 4), 8))
    session = laboratory.backend.laboratory
    for qid, settings in session.settings.items():
        wrong = {
            "drag_hpi_amplitude": factor * (settings.drag_hpi_amplitude or 0),
            "drive_frequency_ghz": settings.drive_frequency_ghz + 1e-3 * offset_mhz,
        }
        session.adjust(qid, wrong)
    for qid, output in benchmark(laboratory, task).items():
        ((name, found),) = output.parameters.items()
        deviation = abs(found.value - truth_of(laboratory, qid)[name])
        assert found.error is not None
        assert deviation < 3.5 * found.error
        assert output.note["coherent_shift"] < found.error < output.note["systematic_bound"]


def test_a_gain_that_wanders_does_not_look_like_decay(tmp_path: Path) -> None:
    options = {"model_mismatch": 3.0}
    laboratory = with_drag(Laboratory(tmp_path, make_table(*[{"sx_error": 3e-4}] * 8), 9, options=options))
    outputs = benchmark(laboratory, RandomizedBenchmarking)
    pulls = [
        (found.value - truth_of(laboratory, qid)["average_gate_fidelity"]) / (found.error or 0)
        for qid, found in ((q, output.parameters["average_gate_fidelity"]) for q, output in outputs.items())
    ]
    # Measured length by length, these scattered by 2.5 errors about the truth.
    assert np.std(pulls) < 1.5


# --- refused ---------------------------------------------------------------------------------------------------------


@each_case("task", BENCHMARKS)
def test_a_faulty_drive_is_refused(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = Laboratory(tmp_path, make_table({"sx_error": 0.2}), 4).calibrate_perfectly()
    with pytest.raises(AnalysisError):
        laboratory.run(task, "0")


def test_a_pulse_that_is_not_calibrated_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 4).calibrate_perfectly()
    laboratory.backend.laboratory.adjust("0", {"hpi_amplitude": 0.9})
    with pytest.raises(AnalysisError):
        laboratory.run(RandomizedBenchmarking, "0")


def test_a_dead_readout_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("sherbrooke"), 3).calibrate_perfectly()
    (dead,) = list_dead_qubits(laboratory.chip)
    with pytest.raises(AnalysisError, match="readout"):
        laboratory.run(RandomizedBenchmarking, dead)


def test_a_wait_short_against_t1_is_refused_with_what_to_do(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({"t1_us": 280.0, "t2_us": 200.0}), 3))
    with pytest.raises(AnalysisError, match="active reset, or an interval of at least"):
        laboratory.run(RandomizedBenchmarking, "0", reset="passive", interval=153_600.0)
    found = laboratory.run(RandomizedBenchmarking, "0", reset="passive", interval=6 * 280e3)
    fidelity = found.parameters["average_gate_fidelity"]
    assert abs(fidelity.value - truth_of(laboratory, "0")["average_gate_fidelity"]) < 4 * (
        fidelity.error or 0
    )


def test_lengths_that_were_asked_for_are_measured_and_nothing_else(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({}), 4))
    raw = laboratory.measure(RandomizedBenchmarking, "0", lengths=[1, 500, 100, 200, 50], sequences=4)
    assert np.unique(raw["reference_decay_length"]).tolist() == [1, 50, 100, 200, 500]
    assert raw["reference_decay_length"].size == 20


@pytest.mark.parametrize("lengths", [[1, 10, 100], [1, 2.5, 10, 100]])
def test_lengths_that_show_no_decay_or_are_not_whole_are_refused(
    tmp_path: Path, lengths: list[float]
) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({}), 4))
    with pytest.raises(InvalidInputError):
        laboratory.run(RandomizedBenchmarking, "0", lengths=lengths)


# --- the limit -------------------------------------------------------------------------------------------------------


def inputs(**errors: float | None) -> dict[str, Parameter]:
    return {
        "t1": Parameter(100.0, errors.get("t1"), "us"),
        "t2_echo": Parameter(80.0, errors.get("t2_echo"), "us"),
        "hpi_length": Parameter(36.0, None, "ns"),
    }


def test_the_coherence_limit_is_worked_out_without_measuring(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 4)
    laboratory.values = {"0": inputs(t1=2.0, t2_echo=3.0)}
    found = laboratory.run(Check1QGateCoherenceLimit, "0").parameters["one_qubit_gate_coherence_limit"]
    t1, t2, t = 100.0, 80.0, 0.036
    assert found.value == pytest.approx(1 - (1 - 2 / 3 * math.exp(-t / t2) - 1 / 3 * math.exp(-t / t1)) / 2)
    # Short pulses: t / (3 T2) and t / (6 T1), relative errors 3/80 and 2/100.
    assert found.error == pytest.approx(math.hypot(t / (3 * t2) * 3 / t2, t / (6 * t1) * 2 / t1), rel=1e-3)
    assert laboratory.backend.laboratory.lab_seconds == 0


def test_the_limit_has_no_error_where_a_time_has_none(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 4)
    laboratory.values = {"0": inputs(t1=2.0)}
    assert (
        laboratory.run(Check1QGateCoherenceLimit, "0").parameters["one_qubit_gate_coherence_limit"].error
        is None
    )


# --- refit and figure ------------------------------------------------------------------------------------------------


@each_case("task", [*BENCHMARKS, Check1QGateCoherenceLimit])
def test_stored_data_give_the_same_result_and_a_figure(tmp_path: Path, task: type[BaseTask]) -> None:
    laboratory = with_drag(Laboratory(tmp_path, make_table({}), 4))
    laboratory.values = {"0": inputs(t1=2.0, t2_echo=3.0)}
    raw = laboratory.measure(task, "0")
    path = tmp_path / "raw"
    path.write_bytes(encode(raw))
    output, again = task().postprocess(None, raw), task().postprocess(None, decode(path))
    assert again.parameters == output.parameters
    drawn = task.figure(decode(path), output)
    assert len(drawn["data"]) >= 2
    assert all(trace["x"] for trace in drawn["data"])
