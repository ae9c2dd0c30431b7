"""Conformance tests of a task's declarations. Part of `qdash_testing.task`."""

from __future__ import annotations

import inspect
import json
import math
from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, ClassVar, get_args

from qdash_core.hooks.manager import load_plugins
from qdash_core.models.base import as_json
from qdash_core.tasks.analysis_options import (
    get_analysis_options,
    list_declared_axes,
    resolve_options,
)
from qdash_core.tasks.base import BaseTask, TaskType
from qdash_core.tasks.definitions import make_definition
from qdash_core.tasks.parameters import FeatureDeclaration, InputParameter, OutputParameter, Role
from qdash_core.tasks.run_parameters import AnalysisOption, RunParameter, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class TaskDeclarations:
    """Tests of `TaskContract` for the declarations of the class, without measurements."""

    task: ClassVar[type[BaseTask]]

    def test_the_class_declares_valid_attributes(self) -> None:
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
        assert isinstance(task.requires, frozenset)
        assert all(isinstance(required, str) and required.strip() for required in task.requires)

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
            assert declared.negligible >= 0, name
            if declared.minimum is not None and declared.maximum is not None:
                assert declared.minimum < declared.maximum, name

    def test_sets_of_values_are_declared_outputs(self) -> None:
        for name, members in self.task.value_sets.items():
            assert isinstance(name, str)
            assert {*members} <= {*self.task.output_parameters}, name

    def test_run_parameters_have_defaults_that_would_be_accepted(self) -> None:
        for name, declared in self.task.run_parameters.items():
            assert isinstance(declared, RunParameter), name
            assert declared.value_type in get_args(ValueType), name
            assert isinstance(declared.unit, str), name
            if declared.value is not None:
                accepted = declared.override(name, declared.value)
                assert as_json(accepted.value) == as_json(declared.value), name
                assert accepted.resolved() is not None, name

    def test_analysis_options_have_defaults_and_belong_to_no_measurement(self) -> None:
        assert not set(get_analysis_options(self.task)) & set(self.task.run_parameters)
        for name, declared in self.task.analysis_options.items():
            assert isinstance(declared, AnalysisOption), name
            assert declared.description.strip(), name
            assert declared.value is not None, name
            assert resolve_options(self.task, {name: declared.value}) == {}, name

    def test_axes_of_the_fit_are_declared_arrays_with_data_along_them(self) -> None:
        for axis in self.task.fit_axes:
            assert list_declared_axes(self.task, axis), axis
            assert any(declared.along for declared in self.task.arrays.values()), (
                f"no array is declared `along` {axis}: a refit would leave out points of the axis alone"
            )

    def test_the_definition_can_be_stored(self) -> None:
        json.dumps(make_definition(self.task, "p", "u").model_dump(mode="json"), allow_nan=False)

    def test_features_are_described(self) -> None:
        for name, declared in self.task.feature_parameters.items():
            assert isinstance(declared, FeatureDeclaration), name
            assert declared.description.strip(), name

    def test_installed_features_find_no_fault(self) -> None:
        """Let the installed features of QDash check it, such as the names of its features and the evidence in its author's text."""
        for check in _load_task_checks():
            faults = [*check(self.task)]
            assert not faults, "; ".join(faults)

    def test_methods_take_the_declared_arguments_only(self) -> None:
        """Compare signatures: the engine makes an instance without arguments, sets its context, and calls these methods."""
        self.task()
        for method, arguments in {
            "preprocess": ["self", "backend"],
            "run": ["self", "backend"],
            "postprocess": ["self", "backend", "result"],
            "figure": ["raw", "output"],
            "features": ["raw", "output"],
            "run_group": ["backend", "tasks"],
        }.items():
            assert [*inspect.signature(getattr(self.task, method)).parameters] == arguments, method


@cache
def _load_task_checks() -> tuple[Callable[[type[BaseTask]], Iterable[str]], ...]:
    return tuple(resolve_name(place) for _, place in load_plugins().list_named("task_checks"))
