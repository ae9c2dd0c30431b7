"""Inputs that a task would use now, and those that a request gives instead."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from qdash_builtin.runs.current_inputs import list_task_inputs
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.views.task_inputs import TaskInputsDocument
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    InputParameter,
    InvalidInputError,
    NotFoundError,
    OutputParameter,
    Parameter,
    TaskOutput,
)
from qdash_core.models.request import GivenInput, RunRequest, TargetSelection
from qdash_core.repositories.executions import ExecutionRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench

FREQUENCY = make_task(
    "Frequency",
    analyse=lambda _task, _raw: TaskOutput({"qubit_frequency": Parameter(5.0, 0.001, "GHz")}),
    output_parameters=MappingProxyType(
        {"qubit_frequency": OutputParameter(unit="GHz", minimum=1.0, maximum=9.0)}
    ),
)
T1 = make_task(
    "T1",
    needs={
        "drive": InputParameter(unit="GHz", source="qubit_frequency", description="drive"),
        "gain": InputParameter(unit="a.u.", default=0.5),
        "offset": InputParameter(unit="V", required=False),
    },
)
READER = make_task("Reader", {"t2": Parameter(1.0)}, needs={"t1": InputParameter(unit="us")})
GATE = make_task(
    "Gate",
    {"zx90_gate_fidelity": Parameter(0.9)},
    task_type="coupling",
    needs={"target_frequency": InputParameter(unit="GHz", source="qubit_frequency", role="target")},
)


def show(bench: Bench, task: str, *targets: str) -> TaskInputsDocument:
    return TaskInputsDocument.from_inputs(task, list_task_inputs(bench.qdash, ADMIN, CHIP, task, targets))


def request(**given: Any) -> RunRequest:
    return RunRequest(chip_id=CHIP, flow="T1", targets=TargetSelection(qubits=("0",)), **given)


@pytest.mark.every_store
def test_an_input_has_the_value_in_use_with_its_result_and_user(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    measured = bench.run("Frequency")
    drive, gain, offset = show(bench, "T1", "0").targets["0"]
    assert (drive.value, drive.error, drive.unit) == (5.0, 0.001, "GHz")
    assert (drive.target, drive.parameter, drive.description) == ("0", "qubit_frequency", "drive")
    assert (drive.task_id, drive.task, drive.username) == (measured.task_id, "Frequency", ADMIN.username)
    assert (drive.minimum, drive.maximum) == (1.0, 9.0)
    assert (gain.value, gain.default, gain.unit, gain.task_id) == (None, 0.5, "a.u.", "")
    assert (offset.value, offset.default, offset.required) == (None, None, False)


def test_an_input_of_a_coupling_is_read_from_its_qubits(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, GATE)
    bench.run("Frequency", "1")
    (frequency,) = show(bench, "Gate", "0-1").targets["0-1"]
    assert (frequency.target, frequency.value) == ("1", 5.0)


def test_an_input_has_the_marks_of_its_value(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, READER)
    bench.run("Frequency")
    bench.run("T1")
    bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "0", {"qubit_frequency": Parameter(5.5, 0.001, "GHz")}, reason="moved"
    )
    (drive, *_) = show(bench, "T1", "0").targets["0"]
    (t1,) = show(bench, "Reader", "0").targets["0"]
    assert (drive.value, drive.task, drive.marks) == (5.5, "SetValues", [])
    assert [one.mark for one in t1.marks] == ["inputs-moved"]


def test_inputs_of_an_unknown_task_or_target_are_refused(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    with pytest.raises(NotFoundError, match="no qubit '99'"):
        show(bench, "T1", "99")
    with pytest.raises(NotFoundError, match="T2"):
        show(bench, "T2", "0")


def test_a_request_gives_its_tasks_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    ended = bench.qdash.get(RUNS).run(ADMIN, request(inputs={"qubit_frequency": GivenInput(value=5.5)}))
    (result,) = bench.list_results(ended.execution_id)
    used = result.input_parameters["drive"]
    assert (used.value, used.unit, used.from_user) == (5.5, "GHz", True)
    assert ended.request is not None
    assert ended.request.inputs == {"qubit_frequency": GivenInput(value=5.5)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"frequency": GivenInput(value=5.5)}, "frequency: no task of this run has such an input"),
        ({"drive": GivenInput(value=55.0)}, "55.GHz is above its maximum of 9.GHz"),
        ({"drive": GivenInput(value=5.5, unit="us")}, "is in GHz, not in µs"),
    ],
)
def test_an_invalid_input_of_a_request_is_refused_before_it_is_queued(
    make_bench: MakeBench, given: dict[str, GivenInput], said: str
) -> None:
    bench = make_bench(FREQUENCY, T1)
    for refuse in (bench.qdash.get(RUNS).preview, bench.qdash.get(RUNS).submissions.submit):
        with pytest.raises(InvalidInputError, match=said):
            refuse(ADMIN, request(inputs=given))
    assert bench.repositories.of(ExecutionRepository).count({"project_id": PROJECT}) == 0


@pytest.mark.parametrize("wrong", [{"value": "nan"}, {"value": 1.0, "error": 0.0}, {"error": 0.1}])
def test_a_given_input_needs_a_finite_value_and_a_positive_error(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RunRequest.model_validate({"flow": "T1", "inputs": {"drive": wrong}})


def test_a_flow_of_a_user_takes_no_inputs(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    asked = RunRequest(chip_id=CHIP, flow="night.py", inputs={"drive": GivenInput(value=5.5)})
    with pytest.raises(InvalidInputError, match=r"night.py takes no input 'drive'"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, asked)
