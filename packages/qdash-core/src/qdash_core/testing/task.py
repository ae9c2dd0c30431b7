"""What every task must do, as tests. A plugin author subclasses `TaskContract` in a test module.

from qdash_core.testing import TaskContract

class TestMyTask(TaskContract):
    task = MyTask
    targets = ("0", "3")
    parameters = {"shots": 256}

    def backend(self, tmp_path):
        backend = MyBackend()
        backend.context = BackendContext(project_id="default", chip_id="chip", qids=(), home=tmp_path)
        backend.connect()
        return backend

    def inputs(self, target):
        return {"qubit_frequency": Parameter(5.01, 1e-5, "GHz")}
"""

from __future__ import annotations

import inspect
import json
import math
from abc import abstractmethod
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.chips.topology import topology_from_couplings
from qdash_core.models.base import as_json
from qdash_core.tasks import standard
from qdash_core.tasks.base import BaseTask, ChipView, RawData, RunContext, TaskOutput, TaskType
from qdash_core.tasks.definitions import definition_of
from qdash_core.tasks.inputs import direction_of, input_sources
from qdash_core.tasks.overrides import apply_overrides
from qdash_core.tasks.parameters import InputParameter, OutputParameter, Parameter, Role
from qdash_core.tasks.run_parameters import RunParameter, ValueType
from qdash_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.topology import Topology

_DECLARATIONS = ("task_type", "description", "input_parameters", "run_parameters", "output_parameters")
_CLEARLY_APART = 20.0
"""Standard deviations between two targets from which on a mixed-up order cannot pass for noise."""


class TaskContract(Contract):
    """The specification of a task. Tests are not to be replaced, except by a strict xfail that says why.

    Attributes
    ----------
    task : type of BaseTask
        What is tested.
    targets : sequence of str
        Targets on which it succeeds. The first is measured alone, all of them together where it is `simultaneous`.
    parameters : mapping of str to value
        Run parameters over the defaults, such as fewer shots.
    """

    task: ClassVar[type[BaseTask]]
    targets: ClassVar[Sequence[str]] = ("0",)
    parameters: ClassVar[Mapping[str, object]] = MappingProxyType({})

    @abstractmethod
    def backend(self, tmp_path: Path) -> BaseBackend:
        """Return a connected backend; called once a test."""

    def inputs(self, target: str) -> Mapping[str, Parameter]:  # noqa: ARG002  overridden where it matters
        """Return the calibrated values that the task finds for a target, under the names it declares."""
        return {}

    def topology(self) -> Topology:
        """Return the layout of the chip."""
        couplings = [target for target in self.targets if "-" in target]
        qubits = {qid for target in self.targets if target for qid in target.split("-")} or {"0"}
        return topology_from_couplings("contract", qubits, couplings)

    # ------------------------------------------------------------------------------------------------------ declarations

    def test_the_class_says_what_it_is(self) -> None:
        task = self.task
        assert issubclass(task, BaseTask)
        assert isinstance(task.name, str)
        assert task.name
        assert task.name == task.name.strip()
        assert task.backend is None or (isinstance(task.backend, str) and task.backend.strip())
        assert task.task_type in get_args(TaskType)
        assert isinstance(task.description, str)
        assert math.isfinite(task.timeout_s)
        assert task.timeout_s > 0
        assert type(task.retries) is int
        assert task.retries >= 0
        assert type(task.simultaneous) is bool

    def test_inputs_are_declared_with_unit_and_role(self) -> None:
        for name, declared in self.task.input_parameters.items():
            assert isinstance(declared, InputParameter), name
            assert isinstance(declared.unit, str), name
            assert declared.role in get_args(Role), name
            assert declared.default is None or math.isfinite(declared.default), name
            assert declared.source is None or (isinstance(declared.source, str) and declared.source), name

    def test_outputs_are_declared_with_unit_and_possible_bounds(self) -> None:
        for name, declared in self.task.output_parameters.items():
            assert isinstance(declared, OutputParameter), name
            assert isinstance(declared.unit, str), name
            assert declared.jump is None or declared.jump > 0, name
            if declared.minimum is not None and declared.maximum is not None:
                assert declared.minimum < declared.maximum, name

    def test_run_parameters_have_defaults_that_would_be_accepted(self) -> None:
        for name, declared in self.task.run_parameters.items():
            assert isinstance(declared, RunParameter), name
            assert declared.value_type in get_args(ValueType), name
            assert isinstance(declared.unit, str), name
            if declared.value is not None:
                accepted = declared.override(name, declared.value)
                assert as_json(accepted.value) == as_json(declared.value), name
                assert accepted.resolved() is not None, name

    def test_what_is_declared_can_be_stored(self) -> None:
        json.dumps(definition_of(self.task, "p", "u").model_dump(mode="json"), allow_nan=False)

    def test_a_standard_task_keeps_the_standard_declaration(self) -> None:
        """The same name means the same inputs, outputs, units and run parameters on every backend."""
        declared = {
            found.name: found
            for found in vars(standard).values()
            if isinstance(found, type) and issubclass(found, BaseTask) and found.name
        }.get(self.task.name)
        if declared is not None:
            for attribute in _DECLARATIONS:
                assert getattr(self.task, attribute) == getattr(declared, attribute), attribute

    def test_nothing_is_handed_in_but_what_is_declared(self) -> None:
        """The engine makes an instance without arguments, sets its context, and calls these methods this way."""
        self.task()
        for method, arguments in {
            "preprocess": ["self", "backend"],
            "run": ["self", "backend"],
            "postprocess": ["self", "backend", "result"],
            "figure": ["raw", "output"],
            "run_group": ["backend", "tasks"],
        }.items():
            assert [*inspect.signature(getattr(self.task, method)).parameters] == arguments, method

    # ------------------------------------------------------------------------------------------- measuring and analysing

    @pytest.fixture
    def connected(self, tmp_path: Path) -> Iterator[BaseBackend]:
        backend = self.backend(tmp_path)
        yield backend
        backend.disconnect()

    @pytest.fixture
    def measured(self, connected: BaseBackend) -> Any:
        """What `run` returns on the first target."""
        return self.prepared(connected, self.targets[:1])[0].run(connected)

    @pytest.fixture
    def output(self, measured: Any) -> TaskOutput:
        """What the analysis of `measured` returns."""
        return self._analysed(measured)

    def test_it_finds_every_output_that_it_declares_and_no_other(self, output: TaskOutput) -> None:
        assert isinstance(output, TaskOutput)
        declared = self.task.output_parameters
        required = {name for name, parameter in declared.items() if not parameter.optional}
        assert required <= set(output.parameters) <= set(declared)

    def test_outputs_are_finite_in_the_declared_unit_with_an_honest_error(self, output: TaskOutput) -> None:
        for name, found in output.parameters.items():
            assert isinstance(found, Parameter), name
            assert math.isfinite(found.value), name
            assert found.unit in ("", self.task.output_parameters[name].unit), name
            if found.error is not None:
                assert math.isfinite(found.error), name
                assert found.error > 0, f"the error of {name} is {found.error}: None where it is unknown"

    def test_outputs_lie_within_the_declared_bounds(self, output: TaskOutput) -> None:
        for name, found in output.parameters.items():
            declared = self.task.output_parameters[name]
            assert declared.minimum is None or found.value >= declared.minimum, name
            assert declared.maximum is None or found.value <= declared.maximum, name

    def test_figures_of_merit_and_note_can_be_stored(self, output: TaskOutput) -> None:
        assert output.r2 is None or math.isfinite(output.r2)
        for name, value in output.quality.items():
            assert math.isfinite(value), name
        as_json(dict(output.note))
        as_json(list(output.figures))

    def test_raw_data_survive_their_file(self, measured: Any, tmp_path: Path) -> None:
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing is kept, and nothing can be analysed again")
        stored = _stored(measured, tmp_path)
        assert {name: unit for name, (_, unit) in stored.arrays.items()} == {
            name: unit for name, (_, unit) in measured.arrays.items()
        }
        for name in measured.arrays:
            assert stored[name].dtype == measured[name].dtype, name
            assert stored[name].tobytes() == measured[name].tobytes(), name
        assert stored.attributes == as_json(dict(measured.attributes))

    def test_stored_data_are_analysed_to_the_same_result_without_a_backend(
        self, measured: Any, output: TaskOutput, tmp_path: Path
    ) -> None:
        """As a refit does."""
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing is kept, and nothing can be analysed again")
        again = self._analysed(_stored(measured, tmp_path))
        assert _numbers(again) == pytest.approx(_numbers(output), rel=1e-9)

    def test_the_analysis_leaves_the_measured_data_as_they_are(self, measured: Any) -> None:
        if isinstance(measured, RawData):
            before = encode(measured)
            self._analysed(measured)
            assert encode(measured) == before

    def test_the_analysis_touches_no_hardware(self, measured: Any) -> None:
        """Not even when it is handed a backend."""
        instance = self._instance(self.targets[0])
        assert isinstance(instance.postprocess(_Forbidden(), measured), TaskOutput)  # type: ignore[arg-type]

    def test_the_figure_is_pure_and_json(self, measured: Any, output: TaskOutput) -> None:
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing can be drawn later")
        before = encode(measured)
        first, second = (_plain_figure(self.task.figure(measured, output)) for _ in range(2))
        assert first == second
        assert encode(measured) == before
        if first is not None:
            assert {"data", "layout"} <= set(first)

    def test_the_same_class_runs_twice_in_a_session(self, connected: BaseBackend) -> None:
        """Nothing of one run is kept in the class or in the way of the next."""
        for _ in range(2):
            (instance,) = self.prepared(connected, self.targets[:1])
            assert isinstance(self._analysed(instance.run(connected)), TaskOutput)

    # ----------------------------------------------------------------------------------------- several targets in one go

    def test_a_group_of_one_is_measured_like_one_alone(self, connected: BaseBackend) -> None:
        if not self.task.simultaneous:
            pytest.skip("it measures one target at a time")
        results = list(self.task.run_group(connected, self.prepared(connected, self.targets[:1])))
        assert len(results) == 1
        assert not isinstance(results[0], BaseException), results[0]
        assert isinstance(self._analysed(results[0]), TaskOutput)

    def test_a_group_gives_one_result_for_each_target_in_order(self, connected: BaseBackend) -> None:
        if not self.task.simultaneous:
            pytest.skip("it measures one target at a time")
        for targets in (list(self.targets), list(reversed(self.targets))):
            results = list(self.task.run_group(connected, self.prepared(connected, targets)))
            assert len(results) == len(targets)
            for target, result in zip(targets, results, strict=True):
                assert not isinstance(result, BaseException), (target, result)
            together = [
                self._analysed(result, target) for target, result in zip(targets, results, strict=True)
            ]
            alone = [
                self._analysed(self.prepared(connected, [target])[0].run(connected), target)
                for target in targets
            ]
            _assert_in_order(together, alone)

    # ------------------------------------------------------------------------------------------------- the kit's own means

    def _instance(self, target: str) -> BaseTask:
        declared = self.task.input_parameters
        given = {name: found for name, found in self.inputs(target).items() if name in declared}
        for name, wanted in declared.items():
            if name not in given and wanted.default is not None:
                given[name] = Parameter(wanted.default, None, wanted.unit)
            assert name in given or not wanted.required, f"the test gives no {name} of {target}"
        settings = apply_overrides(self.task.run_parameters, self.parameters, task=self.task.name)
        instance = self.task()
        control, controlled = direction_of(target, None) if "-" in target else ("", "")
        instance.context = RunContext(
            qid=target,
            inputs=MappingProxyType(given),
            parameters=MappingProxyType({name: setting.resolved() for name, setting in settings.items()}),
            execution_id="20260101-000",
            task_id=f"contract-{target}",
            chip=ChipView("contract", self.task.backend or "", self.topology()),
            partial=encode,  # type: ignore[arg-type]  # what is kept on the way must be storable too
            _cancelled=lambda: False,
            control=control,
            target=controlled,
        )
        return instance

    def prepared(self, backend: BaseBackend, targets: Sequence[str] | None = None) -> list[BaseTask]:
        """Return an instance for each target (None: all), ready to measure.

        It goes the way of the engine: applies the inputs of all to the backend, then prepares each.
        """
        instances = [self._instance(target) for target in (self.targets if targets is None else targets)]
        wanted: dict[str, dict[str, Parameter]] = {}
        for instance in instances:
            for name, (target, source) in input_sources(self.task, instance.context.qid).items():
                if name in instance.context.inputs:
                    wanted.setdefault(target, {})[source] = instance.context.inputs[name]
        backend.apply(wanted)
        for instance in instances:
            instance.preprocess(backend)
        return instances

    def _analysed(self, measured: Any, target: str | None = None) -> TaskOutput:
        return self._instance(target or self.targets[0]).postprocess(None, measured)


class _Forbidden:
    """Stands for hardware that nobody may touch."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"the analysis touched the backend: {name}")


def _stored(raw: RawData, folder: Path) -> RawData:
    path = folder / "contract.npz"
    path.write_bytes(encode(raw))
    return decode(path)


def _numbers(output: TaskOutput) -> dict[str, float]:
    """Return every number of an output; what is unknown is absent."""
    numbers = {"r2": output.r2, **output.quality}
    for name, found in output.parameters.items():
        numbers |= {f"{name} value": found.value, f"{name} error": found.error}
    return {name: number for name, number in numbers.items() if number is not None}


def _plain_figure(figure: Any) -> dict[str, Any] | None:
    """Return a Plotly figure, or its JSON, as JSON."""
    if figure is None:
        return None
    if hasattr(figure, "to_json"):
        figure = json.loads(figure.to_json())
    assert isinstance(figure, dict), f"a figure is a Plotly figure or its JSON, not {type(figure).__name__}"
    plain: dict[str, Any] = as_json(figure)
    return plain


def _assert_in_order(together: Sequence[TaskOutput], alone: Sequence[TaskOutput]) -> None:
    """Each of `together` must be nearer to its own `alone` than to another that clearly differs from it."""
    for place, found in enumerate(together):
        for other in range(len(together)):
            for name, mine in alone[place].parameters.items():
                theirs = alone[other].parameters.get(name, replace(mine))
                apart = _CLEARLY_APART * math.hypot(mine.error or math.inf, theirs.error or math.inf)
                if abs(mine.value - theirs.value) > apart:
                    measured = found.parameters[name].value
                    assert abs(measured - mine.value) < abs(measured - theirs.value), (
                        f"{name}: result {place} of the group looks like that of target {other}"
                    )
