"""Tasks, backends and strategies with one breach of their contract each. Not collected: `test_kit.py` runs
this file.

The docstring of each class names the test that must catch it.
"""

from __future__ import annotations

from contextlib import nullcontext
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core import (
    AnalysisOption,
    ArrayDeclaration,
    BackendContext,
    BaseBackend,
    BaseTask,
    FeatureDeclaration,
    InputParameter,
    OutputParameter,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)
from qdash_core.backends.laboratory import LaboratoryTime
from qdash_core.scheduling.colouring import Colouring
from qdash_testing import BackendContract, SchedulerContract, TaskContract

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

NUMBERS = count()


class GoodBackend(BaseBackend):
    name = "bench"

    def __init__(self) -> None:
        self.used: dict[str, float] = {"amplitude": 0.5}

    def connect(self) -> None:
        self.instance = object()

    def get_instance(self) -> object:
        return self.instance

    def save_note(self) -> dict[str, Any] | None:
        return dict(self.used)

    def update_note(self, note: dict[str, Any]) -> None:
        self.used = dict(note)

    def read_back(self, target: str) -> dict[str, float]:
        return dict(self.used)

    def apply(self, parameters: Any) -> None:
        for values in parameters.values():
            self.used.update({name: found.value for name, found in values.items() if name in self.used})


class GoodTask(BaseTask):
    name = "Good"
    simultaneous = True
    input_parameters = MappingProxyType({"amplitude": InputParameter(unit="a.u.", default=0.5)})
    run_parameters = MappingProxyType({"shots": RunParameter(16, "int", minimum=1)})
    output_parameters = MappingProxyType({"t1": OutputParameter(unit="us", minimum=0.0)})

    def run(self, backend: BaseBackend) -> RawData:
        return RawData({"signal": (np.full(4, 10.0 * int(self.context.qid) + 5.0), "a.u.")}, {"n": 4})

    def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
        return TaskOutput({"t1": Parameter(float(result["signal"].mean()), 0.01, "us")}, r2=0.9)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> Any:
        return {"data": [{"y": raw["signal"].tolist()}], "layout": {}}

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Any) -> list[Any]:
        return [task.run(backend) for task in tasks]


class Tasks(TaskContract):
    targets = ("0", "1")
    task = GoodTask

    def backend(self, tmp_path: Path) -> BaseBackend:
        backend = GoodBackend()
        backend.connect()
        return backend


class Backends(BackendContract):
    def context(self, tmp_path: Path) -> BackendContext:
        return BackendContext("default", "chip", (), tmp_path)


class TestGoodTask(Tasks):
    """Nothing."""


class TestGoodBackend(Backends):
    """Nothing."""

    backend_class = GoodBackend


class TestGoodPairTask(Tasks):
    """Nothing."""

    targets = ("0-1", "3-2")

    class task(BaseTask):
        name = "GoodPair"
        task_type = "coupling"
        input_parameters = MappingProxyType({"drive": InputParameter(source="amplitude", role="target")})
        output_parameters = MappingProxyType({"phase": OutputParameter(unit="rad", optional=True)})

        def run(self, backend: BaseBackend) -> dict[str, float]:
            return {"drive": self.context.inputs["drive"].value}

        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            assert result == {"drive": 0.25}
            return TaskOutput()

    def inputs(self, target: str) -> dict[str, Parameter]:
        return {"drive": Parameter(0.25, None, "a.u.")}


class TestNameless(Tasks):
    """Breach that this test detects: test_the_class_declares_valid_attributes"""

    class task(GoodTask):
        name = " "


class TestRoleOfItsOwn(Tasks):
    """Breach that this test detects: test_inputs_are_declared_with_unit_and_role"""

    class task(GoodTask):
        input_parameters = MappingProxyType({"amplitude": InputParameter(default=0.5, role="boss")})


class TestBoundsInReverse(Tasks):
    """Breach that these tests detect: test_outputs_are_declared_with_unit_and_possible_bounds test_outputs_lie_within_the_declared_bounds"""

    class task(GoodTask):
        output_parameters = MappingProxyType({"t1": OutputParameter(unit="us", minimum=9.0, maximum=1.0)})


class TestSetOfNoOutputs(Tasks):
    """Breach that this test detects: test_sets_of_values_are_declared_outputs"""

    class task(GoodTask):
        value_sets = MappingProxyType({"pulse": ("t1", "beta")})


class TestDefaultOutsideItsBounds(Tasks):
    """Breach that this test detects: test_run_parameters_have_defaults_that_would_be_accepted"""

    class task(GoodTask):
        run_parameters = MappingProxyType({"shots": RunParameter(0, "int", minimum=1)})


class TestDefaultOfAnotherType(Tasks):
    """Breach that this test detects: test_run_parameters_have_defaults_that_would_be_accepted"""

    class task(GoodTask):
        run_parameters = MappingProxyType({"shots": RunParameter("many", "int")})


class TestRequiresOneText(Tasks):
    """Breach that this test detects: test_the_class_declares_valid_attributes"""

    class task(GoodTask):
        requires = "Echo"  # type: ignore[assignment]


class TestRequiresWhatTheBackendLacks(Tasks):
    """Breach that this test detects: test_the_backend_offers_the_requirements_of_the_task"""

    class task(GoodTask):
        requires = frozenset({"Echo"})

    def backend(self, tmp_path: Path) -> BaseBackend:
        backend = super().backend(tmp_path)
        backend.context = BackendContext("default", "chip", (), tmp_path)
        return backend


class TestOptionWithoutDescription(Tasks):
    """Breach that this test detects: test_analysis_options_have_defaults_and_belong_to_no_measurement"""

    class task(GoodTask):
        analysis_options = MappingProxyType({"model": AnalysisOption("plain", "str")})


class TestOptionOfTheMeasurement(Tasks):
    """Breach that this test detects: test_analysis_options_have_defaults_and_belong_to_no_measurement"""

    class task(GoodTask):
        analysis_options = MappingProxyType({"shots": AnalysisOption(16, "int", description="shots")})


class TestAxisThatIsNotDeclared(Tasks):
    """Breach that this test detects: test_axes_of_the_fit_are_declared_arrays_with_data_along_them"""

    class task(GoodTask):
        fit_axes = ("delay",)


class TestAxisWithoutData(Tasks):
    """Breach that this test detects: test_axes_of_the_fit_are_declared_arrays_with_data_along_them"""

    class task(GoodTask):
        arrays = MappingProxyType({"signal": ArrayDeclaration("a.u.", "of the readout")})
        fit_axes = ("signal",)


class TestDataOfAnotherLengthThanTheirAxis(Tasks):
    """Breach that this test detects: test_a_refit_with_every_option_can_be_analysed"""

    class task(GoodTask):
        arrays = MappingProxyType(
            {
                "delay": ArrayDeclaration("us", "time between pulse and readout"),
                "signal": ArrayDeclaration("a.u.", "of the readout", along="delay"),
            }
        )
        fit_axes = ("delay",)

        def run(self, backend: BaseBackend) -> RawData:
            measured = super().run(backend)
            return RawData({**measured.arrays, "delay": (np.arange(3.0), "us")}, measured.attributes)


class TestChoiceThatFails(Tasks):
    """Breach that this test detects: test_a_refit_with_every_option_can_be_analysed"""

    class task(GoodTask):
        analysis_options = MappingProxyType(
            {
                "model": AnalysisOption(
                    "plain", "str", choices=("plain", "odd"), description="model of the fit"
                )
            }
        )

        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            if result.options:
                raise ZeroDivisionError
            return super().postprocess(backend, result)


class TestUnstorableDeclaration(Tasks):
    """Breach that this test detects: test_the_definition_can_be_stored"""

    class task(GoodTask):
        run_parameters = MappingProxyType({"shots": RunParameter(16, "int", minimum=-float("inf"))})


class TestMoreArguments(Tasks):
    """Breach that this test detects: test_methods_take_the_declared_arguments_only"""

    class task(GoodTask):
        def run(self, backend: BaseBackend, folder: str = "/tmp") -> RawData:
            return super().run(backend)


class TestArrayNotDeclared(Tasks):
    """Breach that this test detects: test_measured_arrays_are_declared_with_their_unit"""

    class task(GoodTask):
        arrays = MappingProxyType({"delay": ArrayDeclaration("us", "time between pulse and readout")})


class TestArrayInAnotherUnit(Tasks):
    """Breach that this test detects: test_measured_arrays_are_declared_with_their_unit"""

    class task(GoodTask):
        arrays = MappingProxyType({"sig*": ArrayDeclaration("V", "of the readout")})


class TestOutputNotDelivered(Tasks):
    """Breach that this test detects: test_it_finds_every_output_that_it_declares_and_no_other"""

    class task(GoodTask):
        output_parameters = MappingProxyType(
            {**GoodTask.output_parameters, "t2_echo": OutputParameter(unit="us")}
        )


class TestWrongUnit(Tasks):
    """Breach that this test detects: test_outputs_are_finite_in_the_declared_unit_with_an_honest_error"""

    class task(GoodTask):
        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            return TaskOutput({"t1": Parameter(5.0, 0.1, "ns")})


class TestMadeUpError(Tasks):
    """Breach that this test detects: test_outputs_are_finite_in_the_declared_unit_with_an_honest_error"""

    class task(GoodTask):
        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            return TaskOutput({"t1": Parameter(5.0, 0.0, "us")})


class TestUndeclaredInput(Tasks):
    """Breach that this test detects: test_values_that_the_measurement_uses_are_declared"""

    class task(GoodTask):
        input_parameters = MappingProxyType({})

    def backend(self, tmp_path: Path) -> BaseBackend:
        class Observed(GoodBackend):
            def observe_reads(self) -> AbstractContextManager[dict[str, dict[str, Parameter]]]:
                return nullcontext({"0": {"amplitude": Parameter(0.5, None, "a.u.")}})

        backend = Observed()
        backend.connect()
        return backend


class TestUnstorableNote(Tasks):
    """Breach that this test detects: test_figures_of_merit_and_note_can_be_stored"""

    class task(GoodTask):
        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            return TaskOutput({"t1": Parameter(5.0, 0.1, "us")}, note={"model": object()})


class TestAttributesThatChangeInTheFile(Tasks):
    """Breach that this test detects: test_stored_data_are_analysed_to_the_same_result_without_a_backend"""

    class task(GoodTask):
        def run(self, backend: BaseBackend) -> RawData:
            return RawData(super().run(backend).arrays, {"window": (1, 2)})

        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            window = result.attributes["window"]
            return TaskOutput({"t1": Parameter(5.0 if isinstance(window, tuple) else 6.0, 0.1, "us")})


class TestChangesWhatWasMeasured(Tasks):
    """Breach that these tests detect: test_the_analysis_leaves_the_measured_data_as_they_are test_stored_data_are_analysed_to_the_same_result_without_a_backend"""

    class task(GoodTask):
        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            result["signal"][:] += 1.0
            return super().postprocess(backend, result)


class TestAsksTheHardwareWhileAnalysing(Tasks):
    """Breach that this test detects: test_the_analysis_touches_no_hardware"""

    class task(GoodTask):
        def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
            if backend is not None:
                backend.get_instance()
            return super().postprocess(backend, result)


class TestFigureThatIsNotPure(Tasks):
    """Breach that this test detects: test_the_figure_is_pure_and_json"""

    class task(GoodTask):
        @classmethod
        def figure(cls, raw: RawData, output: TaskOutput) -> Any:
            return {"data": [], "layout": {"title": f"drawing {next(NUMBERS)}"}}


class TestFeatureThatIsNotDeclared(Tasks):
    """Breach that this test detects: test_features_of_the_trace_are_declared_finite_and_pure"""

    class task(GoodTask):
        @classmethod
        def features(cls, raw: RawData, output: TaskOutput | None) -> Any:
            return {"contrast": 0.5}


class TestFeatureOfAFailedAnalysis(Tasks):
    """Breach that this test detects: test_features_of_the_trace_are_declared_finite_and_pure"""

    class task(GoodTask):
        feature_parameters = MappingProxyType({"ratio": FeatureDeclaration("", "T1 by the window")})

        @classmethod
        def features(cls, raw: RawData, output: TaskOutput | None) -> Any:
            return {"ratio": output.parameters["t1"].value}  # type: ignore[union-attr]  the breach


class TestFeatureWithTheNameOfAnother(Tasks):
    """Breach that this test detects: test_installed_features_find_no_fault"""

    class task(GoodTask):
        feature_parameters = MappingProxyType({"failed": FeatureDeclaration("", "points without a shot")})


class TestGroupInAnotherOrder(Tasks):
    """Breach that this test detects: test_a_group_gives_one_result_for_each_target_in_order"""

    class task(GoodTask):
        @classmethod
        def run_group(cls, backend: BaseBackend, tasks: Any) -> list[Any]:
            return [task.run(backend) for task in sorted(tasks, key=lambda task: task.context.qid)]


class TestGroupWithoutItsLast(Tasks):
    """Breach that this test detects: test_a_group_gives_one_result_for_each_target_in_order"""

    class task(GoodTask):
        @classmethod
        def run_group(cls, backend: BaseBackend, tasks: Any) -> list[Any]:
            return [task.run(backend) for task in tasks[:1]]


class TestReplacesATest(Tasks):
    """Breach that this test detects: test_no_test_of_the_contract_is_replaced"""

    def test_raw_data_survive_their_file(self) -> None:  # type: ignore[override]
        """Easier."""


class TestExcusesATest(Tasks):
    """Nothing."""

    @pytest.mark.xfail(strict=True, reason="the library of this laboratory cannot")
    def test_raw_data_survive_their_file(self) -> None:  # type: ignore[override]
        raise AssertionError


class TestExcusesATestWithoutAReason(Tasks):
    """Breach that this test detects: test_no_test_of_the_contract_is_replaced"""

    @pytest.mark.xfail(strict=True)
    def test_raw_data_survive_their_file(self) -> None:  # type: ignore[override]
        raise AssertionError


class TestBackendWithArguments(Backends):
    """Breach that this test detects: test_it_is_made_without_arguments_and_without_hardware"""

    class backend_class(GoodBackend):
        context: Any = None

        def __init__(self, host: str = "") -> None:
            if not self.context:
                raise OSError("no such host")


class TestOffersMoreWhenConnected(Backends):
    """Breach that this test detects: test_its_offers_are_the_same_without_a_connection"""

    class backend_class(GoodBackend):
        connections = 0

        @classmethod
        def offers(cls, context: BackendContext) -> frozenset[str]:
            return frozenset(f"{number}" for number in range(cls.connections))

        def connect(self) -> None:
            super().connect()
            type(self).connections += 1


class TestNoteThatIsNotJson(Backends):
    """Breach that this test detects: test_its_note_is_json_or_absent"""

    class backend_class(GoodBackend):
        def save_note(self) -> dict[str, Any] | None:
            return {0: "a key that JSON turns into text"}  # type: ignore[dict-item]

        def update_note(self, note: dict[str, Any]) -> None:
            """Forget it."""


class TestForgetsItsNote(Backends):
    """Breach that this test detects: test_the_next_session_goes_on_with_the_note_of_the_last"""

    class backend_class(GoodBackend):
        def connect(self) -> None:
            super().connect()
            self.used = {"amplitude": float(next(NUMBERS))}

        def update_note(self, note: dict[str, Any]) -> None:
            """Forget it."""


class TestStumblesOverWhatItDoesNotKnow(Backends):
    """Breach that this test detects: test_unknown_values_are_harmless"""

    class backend_class(GoodBackend):
        def apply(self, parameters: Any) -> None:
            for values in parameters.values():
                for name, found in values.items():
                    self.used[name] = found.value


class TestReadsBackNothing(Backends):
    """Breach that this test detects: test_values_in_use_are_read_back_as_finite_numbers"""

    class backend_class(GoodBackend):
        def read_back(self, target: str) -> dict[str, float]:
            return {"amplitude": float("inf")}


class TestUsesEverything(Backends):
    """Breach that this test detects: test_nothing_counts_as_used_without_a_task"""

    class backend_class(GoodBackend):
        def observe_reads(self) -> AbstractContextManager[dict[str, dict[str, Parameter]]]:
            return nullcontext({"0": {"amplitude": Parameter(0.5, None, "a.u.")}})


class TestTimeOfAnEarlierConnection(Backends):
    """Breach that this test detects: test_laboratory_time_begins_with_the_connection"""

    class backend_class(GoodBackend):
        def connect(self) -> None:
            super().connect()
            self.clock = LaboratoryTime()
            self.clock.advance("0", 5.0)


class TestDisconnectsOnce(Backends):
    """Breach that this test detects: test_disconnecting"""

    class backend_class(GoodBackend):
        def disconnect(self) -> None:
            del self.instance


class OneByOne:
    name = "one-by-one"
    kind = "coupling"

    def colour(self, conflicts: Any, layout: Any = None) -> Colouring:
        bound = 1 if conflicts.targets else 0
        return Colouring(self.sorted(list(conflicts.targets), conflicts), bound, "", self.name)

    def sorted(self, targets: list[str], conflicts: Any) -> tuple[tuple[str, ...], ...]:
        return tuple((target,) for target in targets)


class TestGoodScheduler(SchedulerContract):
    """Nothing."""

    scheduler = OneByOne()


class TestEverythingAtOnce(SchedulerContract):
    """Breach that these tests detect: test_a_chip_is_sorted_into_groups_without_conflicts test_any_conflicts_are_respected"""

    class scheduler(OneByOne):
        def sorted(self, targets: list[str], conflicts: Any) -> tuple[tuple[str, ...], ...]:
            return (tuple(targets),) if targets else ()

    scheduler = scheduler()  # type: ignore[assignment, misc]


class TestForgetsATarget(SchedulerContract):
    """Breach that these tests detect: test_a_chip_is_sorted_into_groups_without_conflicts test_a_single_target_is_a_group"""

    class scheduler(OneByOne):
        def sorted(self, targets: list[str], conflicts: Any) -> tuple[tuple[str, ...], ...]:
            return super().sorted(targets[1:], conflicts)

    scheduler = scheduler()  # type: ignore[assignment, misc]


class TestChangesItsMind(SchedulerContract):
    """Breach that this test detects: test_the_same_conflicts_give_the_same_groups"""

    class scheduler(OneByOne):
        def sorted(self, targets: list[str], conflicts: Any) -> tuple[tuple[str, ...], ...]:
            return super().sorted(targets[:: 1 if next(NUMBERS) % 2 else -1], conflicts)

    scheduler = scheduler()  # type: ignore[assignment, misc]


class TestAnEmptyGroup(SchedulerContract):
    """Breach that these tests detect: test_nothing_makes_no_groups test_a_chip_is_sorted_into_groups_without_conflicts"""

    class scheduler(OneByOne):
        def sorted(self, targets: list[str], conflicts: Any) -> tuple[tuple[str, ...], ...]:
            return (*super().sorted(targets, conflicts), ())

    scheduler = scheduler()  # type: ignore[assignment, misc]


class TestClaimsTooMuch(SchedulerContract):
    """Breach that these tests detect: test_a_chip_is_sorted_into_groups_without_conflicts test_a_single_target_is_a_group"""

    class scheduler(OneByOne):
        def colour(self, conflicts: Any, layout: Any = None) -> Colouring:
            groups = super().colour(conflicts).groups
            return Colouring(groups, len(groups) + 1, "", self.name)

    scheduler = scheduler()  # type: ignore[assignment, misc]
