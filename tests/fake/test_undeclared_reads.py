"""Tasks of third parties on a twin: values that they use without declaring them are inputs of their results."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.result_reruns import make_rerun_request
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    CalibConfig,
    CalibOrchestrator,
    CalibService,
    InputParameter,
    OutputParameter,
    Parameter,
    TaskOutput,
    hookimpl,
    load_plugins,
)
from qdash_core.errors import AnalysisError
from qdash_core.flows.run import LiveRun
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.task import TaskStatus
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_core.tasks.base import BaseTask
from qdash_fake.chips import create_twin_chip
from qdash_tasks.laboratory.backend import get_laboratory
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.requests import PulseTrain, Ramsey
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace

from ..access import access_of
from ..prepared.shared_files import fill_once
from .conftest import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import RawData
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

COUNTS = np.array([0.0, 1.0, 2.0])
DRIVEN = {"readout_frequency", "readout_amplitude"}
DRAG = {"drag_hpi_amplitude", "drag_hpi_beta", "hpi_length"}


class ReadTrain(LaboratoryTask):
    """Plays trains of the X90 in use, and declares only the drive frequency."""

    name = "ReadTrain"
    input_parameters = MappingProxyType({"qubit_frequency": InputParameter(unit="GHz")})
    output_parameters = MappingProxyType({"contrast": OutputParameter()})
    traces = MappingProxyType({"train": MeasurementDeclaration(PulseTrain, "pulses in a row")})

    def program(self, laboratory: Laboratory) -> Program:
        x90 = laboratory.settings[self.context.qid].x90
        yield from measure_trace("train", PulseTrain(COUNTS, x90), 100)
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        return TaskOutput({"contrast": Parameter(float(np.ptp(np.abs(result["train_iq"]))))})


class ReadNeighbour(LaboratoryTask):
    """Plays trains of a pulse as long as the X180 in use of the other qubit."""

    name = "ReadNeighbour"
    input_parameters = MappingProxyType({"qubit_frequency": InputParameter(unit="GHz")})
    traces = ReadTrain.traces

    def program(self, laboratory: Laboratory) -> Program:
        pulse = replace(laboratory.settings["1"], drag_pi_beta_ns=0.1).x180
        yield from measure_trace("train", PulseTrain(COUNTS, pulse), 100)
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        return TaskOutput({})


class FailAfterRamsey(BaseTask):
    """Measures through the port without a program; its analysis fails."""

    name = "FailAfterRamsey"
    task_type = "qubit"
    requires = frozenset({"laboratory"})

    def run(self, backend: BaseBackend) -> Any:
        request = Ramsey(COUNTS, detuning_mhz=1.0)
        return measure_targets(get_laboratory(backend), {self.context.qid: [request]}, Shots(count=100))

    def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
        raise AnalysisError("no fringe")


class ChangeByHand(BaseTask):
    """Changes a DRAG coefficient in the laboratory, as a person does at a console."""

    name = "ChangeByHand"
    task_type = "qubit"
    requires = frozenset({"laboratory"})

    def run(self, backend: BaseBackend) -> None:
        get_laboratory(backend).adjust(self.context.qid, {"drag_hpi_beta_ns": 0.123})

    def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
        return TaskOutput({})


def make_plugin() -> object:
    """Return the plugin of a third party."""

    @hookimpl
    def qdash_tasks() -> list[type[BaseTask]]:
        return [ReadTrain, ReadNeighbour, FailAfterRamsey, ChangeByHand]

    return SimpleNamespace(qdash_tasks=qdash_tasks)


class Twin:
    """A calibrated twin of two uncoupled qubits."""

    def __init__(self, qdash: QDash) -> None:
        self.qdash = qdash
        self.access: Access = access_of("admin", qdash.access(DEFAULT_USER).project_id)

    def run(self, *names: str, qids: tuple[str, ...] = ("0",)) -> list[TaskResultModel]:
        """Run tasks in one session; return the stored results of the last one."""
        config = CalibConfig(username=DEFAULT_USER, chip_id="chip", project_id=self.access.project_id)
        session = CalibOrchestrator(config, self.qdash)
        session.initialize()
        results = [LiveRun(self.qdash, session, qids).run_tasks([name], kind="qubit") for name in names]
        execution = session.complete()
        stored = {
            one.task_id: one
            for one in self.qdash.get(EXECUTIONS).show(self.access, execution.execution_id)[1]
        }
        for one in stored.values():
            expected = TaskStatus.FAILED if one.name == FailAfterRamsey.name else TaskStatus.COMPLETED
            assert one.status is expected, one.message
        return [stored[one.task_id] for one in results[-1]]

    def get_task_ids(self, qid: str) -> dict[str, str]:
        """Return the results of the values of a qubit."""
        chip = self.qdash.get(CHIPS).show(self.access, "chip")
        return {name: value.task_id for name, value in chip.qubits[qid].data.items()}


def calibrate(home: Path) -> None:
    """Make a home with the calibrated twin."""
    with open_qdash(load_settings(home=home), load_plugins()) as qdash:
        access = access_of("admin", qdash.access(DEFAULT_USER).project_id)
        create_twin_chip(qdash, access, "chip", make_table({}, {"frequency_ghz": 5.4}), seed=1)
        service = CalibService(DEFAULT_USER, "chip", project_id=access.project_id, qdash=qdash)
        tasks = (
            *("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckReadoutFrequency"),
            *("CheckRamsey", "CreateHPIPulse", "CreatePIPulse", "CreateDRAGHPIPulse", "CreateDRAGPIPulse"),
            "CheckT1",
        )
        run_to_end(service, QubitTargets(["0", "1"]), [CustomOneQubit(tasks)])


@pytest.fixture
def twin(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    home = fill_once(tmp_path_factory, "two-qubits", tmp_path / "home", calibrate)
    with open_qdash(load_settings(home=home), load_plugins(extra={"foreign": make_plugin()})) as qdash:
        yield Twin(qdash)


def get_undeclared(result: TaskResultModel) -> dict[str, str]:
    """Return the results of the undeclared inputs."""
    return {name: one.task_id for name, one in result.input_parameters.items() if one.undeclared}


def test_undeclared_drag_pulses_are_inputs_with_the_result_of_their_calibration(twin: Twin) -> None:
    (result,) = twin.run("ReadTrain")
    known = twin.get_task_ids("0")
    undeclared = get_undeclared(result)
    assert set(undeclared) == DRIVEN | DRAG
    assert {name: undeclared[name] for name in DRAG} == {name: known[name] for name in DRAG}
    assert undeclared["drag_hpi_amplitude"]
    declared = result.input_parameters["qubit_frequency"]
    assert (declared.task_id, declared.undeclared) == (known["qubit_frequency"], None)
    assert set(result.input_parameters) == {"qubit_frequency", *undeclared}


def test_a_value_that_was_changed_in_the_laboratory_has_no_result(twin: Twin) -> None:
    (result,) = twin.run("ChangeByHand", "ReadTrain")
    used = result.input_parameters["drag_hpi_beta"]
    assert (used.value, used.unit, used.task_id, used.undeclared) == (0.123, "ns", "", True)
    assert (
        result.input_parameters["drag_hpi_amplitude"].task_id == twin.get_task_ids("0")["drag_hpi_amplitude"]
    )


def test_a_rerun_uses_the_undeclared_values_of_its_original_and_names_their_results(twin: Twin) -> None:
    (original,) = twin.run("ReadTrain")
    changed = {"drag_hpi_beta": Parameter(0.9), "drag_hpi_amplitude": Parameter(0.02)}
    twin.qdash.get(VALUES).set(twin.access, "chip", "0", changed, reason="by hand", confirmed=True)
    request = make_rerun_request(twin.qdash, twin.access, original.task_id)
    ended = twin.qdash.get(RUNS).run(twin.access, request)
    (again,) = twin.qdash.get(EXECUTIONS).show(twin.access, ended.execution_id)[1]
    assert again.input_parameters == original.input_parameters
    # No task applies an undeclared value of the chip: the laboratory still plays its own, which is no longer that of a result.
    (fresh,) = twin.run("ReadTrain")
    used = fresh.input_parameters["drag_hpi_beta"]
    assert (used.value, used.task_id) == (original.input_parameters["drag_hpi_beta"].value, "")


def test_qubits_that_are_measured_together_have_their_own_inputs(twin: Twin) -> None:
    results = twin.run("ReadTrain", qids=("0", "1"))
    assert [one.qid for one in results] == ["0", "1"]
    assert len({one.lab_start_s for one in results}) == 1
    for result in results:
        assert set(get_undeclared(result)) == DRIVEN | DRAG
        assert {one.target for one in result.input_parameters.values()} == {result.qid}
        known = twin.get_task_ids(result.qid)
        assert result.input_parameters["drag_hpi_amplitude"].task_id == known["drag_hpi_amplitude"]


def test_values_of_a_neighbour_are_inputs_with_the_result_of_their_calibration(twin: Twin) -> None:
    (result,) = twin.run("ReadNeighbour")
    undeclared = get_undeclared(result)
    assert set(undeclared) == DRIVEN | {"1:drag_pi_amplitude", "1:pi_length"}
    assert undeclared["1:drag_pi_amplitude"] == twin.get_task_ids("1")["drag_pi_amplitude"]


def test_a_failed_task_names_what_its_requests_played(twin: Twin) -> None:
    (result,) = twin.run("FailAfterRamsey")
    assert (result.status, result.message) == (TaskStatus.FAILED, "no fringe")
    assert set(get_undeclared(result)) == DRIVEN | DRAG | {"qubit_frequency"}


def test_a_standard_task_declares_what_it_uses(twin: Twin) -> None:
    for name in ("CheckResonatorSpectroscopy", "CreateHPIPulse", "CreatePIPulse", "CheckT1"):
        (result,) = twin.run(name)
        assert get_undeclared(result) == {}, name
