"""Failing lines: after the failure no measurement that needs them gives a value, and before it nothing is
wrong.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.pair import make_pair
from qdash_fake.truth import compute_true_parameters
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.tasks import TASKS, CheckCrossResonance, CheckRabi, CreateZX90

from .conftest import make_table
from .laboratory import Laboratory
from .test_tasks import QUICK
from .test_tasks_benchmarking import with_drag
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput

PAIR = make_table({}, {}, couplings=(("0", "1"),))
HOUR_S = 3600.0
NEEDS_NO_PULSE = (
    "CheckResonatorFrequencies",
    "CheckResonatorSpectroscopy",
    "CheckReflectionCoefficient",
    "CheckElectricalDelay",
    "CheckReadoutAmplitude",
    "CheckWaveform",
    "Check1QGateCoherenceLimit",
)
MEASURES_NOTHING = ("Check1QGateCoherenceLimit",)


def of_qubits_without(names: tuple[str, ...]) -> pytest.MarkDecorator:
    """Return a parameter for each task on qubits but these."""
    return pytest.mark.parametrize(
        "task",
        [
            pytest.param(task, id=task.name, marks=() if task.name in QUICK else pytest.mark.slow)
            for task in TASKS
            if task.task_type == "qubit" and task.name not in names
        ],
    )


@cache
def calibrated() -> dict[str, Parameter]:
    """Return the values of a perfect calibration of the first qubit."""
    truth = compute_true_parameters(draw_chip(PAIR, 1))["qubits"]["0"]
    return {name: Parameter(value, None, unit) for name, (value, unit) in truth.items()}


def bench(path: Path, **options: object) -> Laboratory:
    """Return a bench with its first qubit calibrated before its line fails."""
    laboratory = Laboratory(path, PAIR, 1, options=options)
    laboratory.values["0"] = dict(calibrated())
    laboratory.backend.apply(laboratory.values)
    return laboratory


@of_qubits_without(NEEDS_NO_PULSE)
def test_behind_a_dead_drive_line_a_task_fails_with_a_reason(tmp_path: Path, task: type[BaseTask]) -> None:
    with pytest.raises(AnalysisError):
        bench(tmp_path, dead_line="0").run(task, "0")


@of_qubits_without(MEASURES_NOTHING)
def test_behind_a_dead_readout_line_a_task_fails_with_a_reason(tmp_path: Path, task: type[BaseTask]) -> None:
    with pytest.raises(AnalysisError):
        bench(tmp_path, dead_readout="0").run(task, "0")


@pytest.mark.parametrize("fault", ["dead_line", "dead_readout"])
def test_the_neighbour_of_a_dead_line_is_as_it_was(tmp_path: Path, fault: str) -> None:
    laboratory = bench(tmp_path, **{fault: "0"})
    assert laboratory.chip.qubits["1"] == draw_chip(PAIR, 1).qubits["1"]


def test_a_line_works_until_its_hour_and_within_one_session_fails(tmp_path: Path) -> None:
    laboratory = bench(tmp_path, dead_line=f"0@{20 / HOUR_S}")
    assert laboratory.run(CheckRabi, "0").parameters
    while laboratory.backend.laboratory.lab_seconds < 20:
        asked(laboratory.backend.laboratory, {"0": Relaxation(np.array([1000.0]))}, Shots(count=5000))
    # Earlier pulses in the memory of the instruments must not come back.
    with pytest.raises(AnalysisError, match="does not reach the qubit"):
        laboratory.run(CheckRabi, "0")


def test_behind_a_dead_line_there_is_no_truth_of_its_pulses(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", PAIR, 1, {"dead-line": "0@2"})
    before = compute_true_parameters(twin.truth())["qubits"]["0"]
    after = compute_true_parameters(twin.wait(3 * HOUR_S).truth())["qubits"]["0"]
    assert {"control_amplitude", "x90_gate_fidelity", "hpi_amplitude"} <= before.keys() - after.keys()
    assert after["qubit_frequency"] == before["qubit_frequency"]
    assert after["average_readout_fidelity"][0] == pytest.approx(0.5, abs=0.02)


def test_a_twin_says_which_line_is_dead_once_it_is(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", PAIR, 1, {"dead-line": "0@2", "dead-readout": "1@4"})
    assert twin.remarks() == {}
    later = twin.wait(3 * HOUR_S)
    assert later.remarks() == {
        "0": ["the drive line has been dead since 2\N{NO-BREAK SPACE}h of laboratory time"]
    }
    assert later.wait(2 * HOUR_S).remarks()["1"] == [
        "the readout line has been dead since 4\N{NO-BREAK SPACE}h of laboratory time"
    ]


def test_a_line_that_the_device_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="dead-readout: made has no qubit '7'"):
        create_twin(tmp_path / "twin", PAIR, 1, {"dead-readout": "7"})
    assert not (tmp_path / "twin").exists()


def test_nothing_of_a_tone_on_a_dead_line_reaches_the_target_either(tmp_path: Path) -> None:
    twin = create_twin(tmp_path / "twin", PAIR, 1, {"dead-line": "0@2"})
    tone = CrossResonanceTone(amplitude=0.5)
    before, after = (
        make_pair(found.truth(), "0-1", "0").drives(tone) for found in (twin, twin.wait(3 * HOUR_S))
    )
    assert abs(before.control) > 1
    assert abs(before.target) > 0.1
    assert abs(after.control) < 1e-3
    assert after.target == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("dead-line", "the drive line of qubit 0 is dead"), ("dead-readout", "the readout of qubit 0 is dead")],
)
def test_a_coupling_loses_its_gate_with_a_line_of_its_qubits(tmp_path: Path, fault: str, reason: str) -> None:
    apart = make_table({}, {"frequency_ghz": 4.9}, couplings=(("0", "1"),))
    twin = create_twin(tmp_path / "twin", apart, 1, {fault: "0@2"})
    assert twin.truth().couplings["0-1"].impossible is None
    assert twin.wait(3 * HOUR_S).truth().couplings["0-1"].impossible == reason


# ------------------------------------------------------------------------------------------- on the way, while a gate is made

APART = make_table({}, {"frequency_ghz": 4.9}, couplings=(("0", "1"),))
WITHIN_THE_TONE_S, WITHIN_THE_GATE_S = 1.0, 18.0
"""Failure times: CheckCrossResonance takes the first two seconds and CreateZX90 some thirty more."""
TOLD_APART = [
    ("dead_readout", "1", "the readout of the target, qubit 1, failed during the task"),
    ("dead_line", "1", "the drive line of the target, qubit 1, failed during the task"),
]


def pair_bench(path: Path, **options: object) -> Laboratory:
    """Return a pair with perfect one-qubit pulses, qubit 0 as the control, and options that make a line fail."""
    laboratory = with_drag(Laboratory(path, APART, 1, options=options))
    times = {
        f"{role}_t1": Parameter(laboratory.chip.qubits[qid].coherence.t1_us, None, "us")
        for role, qid in (("control", "0"), ("target", "1"))
    }
    laboratory.controls["0-1"], laboratory.values["0-1"] = "0", times
    return laboratory


def made_gate(path: Path, **options: object) -> TaskOutput:
    """Calibrate a tone, then a gate."""
    laboratory = pair_bench(path, **options)
    laboratory.values["0-1"] |= laboratory.run(CheckCrossResonance, "0-1").parameters
    laboratory.backend.apply(laboratory.values)
    return laboratory.run(CreateZX90, "0-1")


@pytest.mark.parametrize(
    ("fault", "qid", "reason"), [pytest.param(*TOLD_APART[0], marks=pytest.mark.slow), TOLD_APART[1]]
)
def test_a_line_that_dies_while_a_tone_is_looked_for_is_named(
    tmp_path: Path, fault: str, qid: str, reason: str
) -> None:
    laboratory = pair_bench(tmp_path, **{fault: f"{qid}@{WITHIN_THE_TONE_S / HOUR_S}"})
    with pytest.raises(AnalysisError, match=reason):
        laboratory.run(CheckCrossResonance, "0-1")


@pytest.mark.parametrize(
    ("fault", "qid", "reason"),
    [
        *(pytest.param(*one, marks=pytest.mark.slow) for one in TOLD_APART),
        pytest.param(
            *("dead_line", "0", "the drive line of the control, qubit 0, failed during the task"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_line_that_dies_while_a_gate_is_made_is_named(
    tmp_path: Path, fault: str, qid: str, reason: str
) -> None:
    with pytest.raises(AnalysisError, match=reason):
        made_gate(tmp_path, **{fault: f"{qid}@{WITHIN_THE_GATE_S / HOUR_S}"})


@pytest.mark.slow
def test_a_gate_that_was_made_all_the_same_comes_with_the_line_that_died_meanwhile(tmp_path: Path) -> None:
    """The loss shows on the target alone, too."""
    found = made_gate(tmp_path, dead_readout=f"0@{WITHIN_THE_GATE_S / HOUR_S}")
    assert "the readout of the control, qubit 0, failed" in found.note["remark"]


def test_where_the_tone_alone_stops_everything_that_may_be_is_named(tmp_path: Path) -> None:
    """Without the control's line the target stands still, as with a very weak coupling."""
    laboratory = pair_bench(tmp_path, dead_line=f"0@{WITHIN_THE_TONE_S / HOUR_S}")
    with pytest.raises(AnalysisError, match="π pulse or drive line does not work, the qubits hardly couple"):
        laboratory.run(CheckCrossResonance, "0-1")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("dead_readout", "gives no signal: its readout line is dead"),
        (
            "dead_line",
            "does not distinguish 0 from 1: its readout, its drive line or its π pulse does not work",
        ),
    ],
)
def test_a_line_that_is_dead_from_the_start_is_told_by_whether_there_is_a_signal(
    tmp_path: Path, fault: str, reason: str
) -> None:
    with pytest.raises(AnalysisError, match=f"the readout of the target, qubit 1, {reason}"):
        pair_bench(tmp_path, **{fault: "1"}).run(CheckCrossResonance, "0-1")
