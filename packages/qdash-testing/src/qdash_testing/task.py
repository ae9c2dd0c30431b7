"""Conformance tests of tasks. A plugin author subclasses `TaskContract` in a test module.

from qdash_testing import TaskContract

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

import math
from abc import abstractmethod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

pytest.register_assert_rewrite(*(f"qdash_testing.task_{part}" for part in ("declarations", "results")))

from qdash_core.artifacts.raw_data import encode  # noqa: E402
from qdash_core.backends.instruments import get_offers  # noqa: E402
from qdash_core.chips.topology import make_topology  # noqa: E402
from qdash_core.errors import AnalysisError  # noqa: E402
from qdash_core.hooks.manager import load_plugins  # noqa: E402
from qdash_core.models.base import as_json  # noqa: E402
from qdash_core.models.estimates import Parameter  # noqa: E402
from qdash_core.models.raw_data import RawData  # noqa: E402
from qdash_core.models.targets import split_coupling  # noqa: E402
from qdash_core.tasks.analysis_options import (  # noqa: E402
    EXCLUDE,
    apply_options,
    count_fit_points,
    get_analysis_options,
    resolve_options,
)
from qdash_core.tasks.base import BaseTask, ChipView, RunContext, TaskOutput  # noqa: E402
from qdash_core.tasks.inputs import find_input_sources, get_direction  # noqa: E402
from qdash_core.tasks.overrides import apply_overrides  # noqa: E402
from qdash_core.tasks.parameters import find_declared_array  # noqa: E402
from qdash_testing.contract import Contract  # noqa: E402
from qdash_testing.task_declarations import TaskDeclarations  # noqa: E402
from qdash_testing.task_results import (  # noqa: E402
    assert_in_order,
    copy_measurement,
    list_numbers,
    save_and_load,
    to_plotly_json,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.topology import Topology


_ONCE = pytest.StashKey[dict[str, Any]]()


class TaskContract(Contract, TaskDeclarations):
    """Conformance tests of a task. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    task : type of BaseTask
        The tested class.
    targets : sequence of str
        Targets on which it succeeds. The first is measured alone; all of them together if it is `simultaneous`.
    parameters : mapping of str to value
        Run parameters that override the defaults, such as fewer shots.
    """

    task: ClassVar[type[BaseTask]]
    targets: ClassVar[Sequence[str]] = ("0",)
    parameters: ClassVar[Mapping[str, object]] = MappingProxyType({})

    @abstractmethod
    def backend(self, tmp_path: Path) -> BaseBackend:
        """Return a connected backend; called once for each test that measures."""

    def inputs(self, target: str) -> Mapping[str, Parameter]:  # noqa: ARG002  overridden where it matters
        """Return the calibrated inputs of the task for a target, under their declared names."""
        return {}

    def design(self, target: str) -> Mapping[str, Mapping[str, float]]:  # noqa: ARG002  overridden where it matters
        """Return the design values that the task sees on a target: qubit or coupling to name to value."""
        return {}

    def topology(self) -> Topology:
        """Return the layout of the chip."""
        couplings = [target for target in self.targets if "-" in target]
        qubits = {qid for target in self.targets if target for qid in target.split("-")} or {"0"}
        return make_topology("contract", qubits, couplings)

    # ------------------------------------------------------------------------------------------- measuring and analysing

    @pytest.fixture
    def connected(self, tmp_path: Path) -> Iterator[BaseBackend]:
        backend = self.backend(tmp_path)
        yield backend
        backend.disconnect()

    @pytest.fixture
    def once(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        """Measurements and analyses of earlier tests of the class."""
        of_class = request.node.getparent(pytest.Class)
        return of_class.stash.setdefault(_ONCE, {}) if of_class is not None else {}

    @pytest.fixture
    def measured(self, once: dict[str, Any], request: pytest.FixtureRequest) -> Any:
        """Result of `run` on the first target, measured once for the class and copied for each test."""
        if "measured" in once:
            return copy_measurement(once["measured"])
        # Only now is a backend opened, with whatever fixtures of the author are in effect in a test.
        connected = request.getfixturevalue("connected")
        (instance,) = self.prepared(connected, self.targets[:1])
        with connected.observe_reads() as reads:
            measured = instance.run(connected)
        once["reads"] = reads
        try:
            once["measured"] = copy_measurement(measured)
        except Exception:  # noqa: BLE001  what cannot be copied is measured anew for each test
            return measured
        return measured

    @pytest.fixture
    def output(self, once: dict[str, Any], measured: Any) -> TaskOutput:
        """Output of the analysis of `measured`."""
        if "measured" not in once:
            return self._analyse(measured)
        if "output" not in once:
            # Of a copy, since the test looks at `measured` too.
            once["output"] = self._analyse(copy_measurement(once["measured"]))
        found: TaskOutput = once["output"]
        return found

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

    @pytest.mark.usefixtures("measured")
    def test_values_that_the_measurement_uses_are_declared(self, once: dict[str, Any]) -> None:
        """Check that the calibrated values of the target that the measurement uses are declared as inputs.

        A backend without `observe_reads` reports no such values.
        """
        target = self.targets[0]
        declared = set(find_input_sources(self.task, target).values())
        own = (target, *(split_coupling(target) if "-" in target else ()))
        used = [(one, name) for one in own for name in once["reads"].get(one, ())]
        undeclared = [f"{name} of {one}" for one, name in used if (one, name) not in declared]
        assert not undeclared, (
            f"it uses {', '.join(undeclared)}, which it does not declare: "
            'add `"NAME": InputParameter(required=False)` to `input_parameters`, or `required=True` if the task needs the value'
        )

    def test_raw_data_survive_their_file(self, measured: Any, tmp_path: Path) -> None:
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing is kept, and nothing can be analysed again")
        stored = save_and_load(measured, tmp_path)
        assert {name: unit for name, (_, unit) in stored.arrays.items()} == {
            name: unit for name, (_, unit) in measured.arrays.items()
        }
        for name in measured.arrays:
            assert stored[name].dtype == measured[name].dtype, name
            assert stored[name].tobytes() == measured[name].tobytes(), name
        assert stored.attributes == as_json(dict(measured.attributes))

    def test_measured_arrays_are_declared_with_their_unit(self, measured: Any) -> None:
        """Compare units, if the task declares arrays."""
        if not isinstance(measured, RawData) or not self.task.arrays:
            pytest.skip("it declares no arrays of raw data")
        for name, (_, unit) in measured.arrays.items():
            declared = find_declared_array(self.task.arrays, name)
            assert declared is not None, f"it measures {name}, which it does not declare"
            assert unit == declared.unit, name

    def test_stored_data_are_analysed_to_the_same_result_without_a_backend(
        self, measured: Any, tmp_path: Path
    ) -> None:
        """Analyse the stored data again, as a refit does."""
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing is kept, and nothing can be analysed again")
        output = self._analyse(measured)
        again = self._analyse(save_and_load(measured, tmp_path))
        assert list_numbers(again) == pytest.approx(list_numbers(output), rel=1e-9)

    def test_a_refit_with_every_option_can_be_analysed(self, measured: Any, tmp_path: Path) -> None:
        """Analyse and draw the stored data with each choice, and without one point of each axis of the fit."""
        options = get_analysis_options(self.task)
        if not isinstance(measured, RawData) or not options:
            pytest.skip("its analysis has no options")
        stored = save_and_load(measured, tmp_path)
        for name, declared in options.items():
            choices = [1] if name == EXCLUDE else declared.choices or ()
            for choice in choices:
                given = resolve_options(self.task, {name: choice})
                selected = apply_options(self.task, stored, given)
                if name == EXCLUDE:
                    assert count_fit_points(self.task, selected) < count_fit_points(self.task, stored)
                try:
                    output = self._analyse(selected)
                except AnalysisError:
                    continue  # data that a model does not describe are rejected
                to_plotly_json(self.task.figure(selected, output))

    def test_the_analysis_leaves_the_measured_data_as_they_are(self, measured: Any) -> None:
        if isinstance(measured, RawData):
            before = encode(measured)
            self._analyse(measured)
            assert encode(measured) == before

    def test_the_analysis_touches_no_hardware(self, measured: Any) -> None:
        """Run the analysis with a backend that fails on any access."""
        instance = self._make_task(self.targets[0])
        assert isinstance(instance.postprocess(_ForbiddenBackend(), measured), TaskOutput)  # type: ignore[arg-type]

    def test_the_figure_is_pure_and_json(self, measured: Any, output: TaskOutput) -> None:
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: nothing can be drawn later")
        before = encode(measured)
        first, second = (to_plotly_json(self.task.figure(measured, output)) for _ in range(2))
        assert first == second
        assert encode(measured) == before
        if first is not None:
            assert {"data", "layout"} <= set(first)

    def test_features_of_the_trace_are_declared_finite_and_pure(
        self, measured: Any, output: TaskOutput
    ) -> None:
        """Compute the features with the output, and without one as of a failed analysis."""
        if not isinstance(measured, RawData):
            pytest.skip("it returns no RawData: a trace has no features")
        before = encode(measured)
        for known in (output, None):
            first, second = (dict(self.task.features(measured, known)) for _ in range(2))
            assert first == second
            assert set(first) <= set(self.task.feature_parameters)
            for name, value in first.items():
                assert isinstance(value, int | float), name
                assert math.isfinite(value), f"{name} is {value}: leave out what is unknown"
        assert encode(measured) == before

    def test_the_same_class_runs_twice_in_a_session(self, connected: BaseBackend) -> None:
        """Check that a run leaves nothing in the class, or in the library's note before `accepted`, that affects the next."""
        for _ in range(2):
            (instance,) = self.prepared(connected, self.targets[:1])
            note = connected.save_note()
            measured = instance.run(connected)
            assert connected.save_note() == note, (
                "what was measured may be refused yet: `accepted` writes it down"
            )
            assert isinstance(self._analyse(measured), TaskOutput)
            instance.accepted(connected)

    # ----------------------------------------------------------------------------------------- several targets in one go

    def test_a_group_of_one_is_measured_like_one_alone(self, connected: BaseBackend) -> None:
        if not self.task.simultaneous:
            pytest.skip("it measures one target at a time")
        results = list(self.task.run_group(connected, self.prepared(connected, self.targets[:1])))
        assert len(results) == 1
        assert not isinstance(results[0], BaseException), results[0]
        assert isinstance(self._analyse(results[0]), TaskOutput)

    def test_a_group_gives_one_result_for_each_target_in_order(
        self, connected: BaseBackend, output: TaskOutput
    ) -> None:
        if not self.task.simultaneous:
            pytest.skip("it measures one target at a time")
        first, *others = self.targets
        alone = {first: output} | {
            target: self._analyse(self.prepared(connected, [target])[0].run(connected), target)
            for target in others
        }
        for targets in (list(self.targets), list(reversed(self.targets))):
            results = list(self.task.run_group(connected, self.prepared(connected, targets)))
            assert len(results) == len(targets)
            for target, result in zip(targets, results, strict=True):
                assert not isinstance(result, BaseException), (target, result)
            together = [
                self._analyse(result, target) for target, result in zip(targets, results, strict=True)
            ]
            assert_in_order(together, [alone[target] for target in targets])

    def test_the_backend_offers_the_requirements_of_the_task(self, connected: BaseBackend) -> None:
        """Check that some chip of the backend can run the task."""
        if self.task.requires:
            assert self.task.requires <= get_offers(
                type(connected), connected.context, load_plugins().requests().values()
            )

    # ------------------------------------------------------------------------------------------------- the kit's own means

    def _make_task(self, target: str, *, backend: str | None = None) -> BaseTask:
        declared = self.task.input_parameters
        given = {name: found for name, found in self.inputs(target).items() if name in declared}
        for name, wanted in declared.items():
            if name not in given and wanted.default is not None:
                given[name] = Parameter(wanted.default, None, wanted.unit)
            assert name in given or not wanted.required, f"the test gives no {name} of {target}"
        settings = apply_overrides(self.task.run_parameters, self.parameters, task=self.task.name)
        instance = self.task()
        control, controlled = get_direction(target, None) if "-" in target else ("", "")
        instance.context = RunContext(
            qid=target,
            inputs=MappingProxyType(given),
            parameters=MappingProxyType({name: setting.resolved() for name, setting in settings.items()}),
            execution_id="20260101-000",
            task_id=f"contract-{target}",
            chip=ChipView("contract", backend or self.task.backend or "", self.topology()),
            partial=encode,  # type: ignore[arg-type]  # what is kept on the way must be storable too
            _cancelled=lambda: False,
            control=control,
            target=controlled,
            design=self.design(target),
        )
        return instance

    def prepared(self, backend: BaseBackend, targets: Sequence[str] | None = None) -> list[BaseTask]:
        """Return an instance for each target (None for all), ready to measure.

        As in the engine, the inputs of all are applied to the backend, then each is prepared.
        """
        requested = self.targets if targets is None else targets
        instances = [self._make_task(target, backend=backend.name) for target in requested]
        wanted: dict[str, dict[str, Parameter]] = {}
        for instance in instances:
            for name, (target, source) in find_input_sources(self.task, instance.context.qid).items():
                if name in instance.context.inputs:
                    wanted.setdefault(target, {})[source] = instance.context.inputs[name]
        backend.apply(wanted)
        for instance in instances:
            instance.preprocess(backend)
        return instances

    def _analyse(self, measured: Any, target: str | None = None) -> TaskOutput:
        return self._make_task(target or self.targets[0]).postprocess(None, measured)


class _ForbiddenBackend:
    """Placeholder for hardware that must not be used."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"the analysis touched the backend: {name}")
