"""Conformance tests of a task's declarations. Part of `qdash_testing.task`."""

from __future__ import annotations

import inspect
import json
import math
from functools import cache
from typing import ClassVar, get_args

from qdash_builtin.explanations.causes import read_causes
from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.task_pages.feature_names import (
    is_feature_name,
    is_of_other_task,
    list_features_of_other_tasks,
)
from qdash_builtin.task_pages.page import get_page
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.base import as_json
from qdash_core.tasks.analysis_options import (
    get_analysis_options,
    list_declared_axes,
    resolve_options,
)
from qdash_core.tasks.base import BaseTask, TaskType
from qdash_core.tasks.definitions import make_definition
from qdash_core.tasks.overrides import apply_overrides
from qdash_core.tasks.parameters import FeatureDeclaration, InputParameter, OutputParameter, Role
from qdash_core.tasks.run_parameters import AnalysisOption, RunParameter, ValueType


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

    def test_its_text_can_be_read(self) -> None:
        """Read the author's text beside the module, if there is one."""
        page = get_page(self.task)
        for failure in page.failures if page else ():
            apply_overrides(self.task.run_parameters, dict(failure.parameters), task=self.task.name)

    def test_features_are_declared_by_free_names(self) -> None:
        """Check that no feature has the name of one that every result has."""
        for name, declared in self.task.feature_parameters.items():
            assert isinstance(declared, FeatureDeclaration), name
            assert declared.description.strip(), name
            assert is_feature_name(name), f"{name} has capital letters, or every result has such a feature"

    def test_its_evidence_is_of_known_causes(self) -> None:
        """Compare the evidence in the author's text with `causes.yaml` of the package, and else with those of installed plugins."""
        page = get_page(self.task)
        used = {cause for rule in page.evidence for cause in rule.causes} if page else set()
        unknown = used - read_causes(self.task).keys()
        if unknown:
            unknown -= _list_installed_causes()
        assert not unknown, f"no causes.yaml declares {', '.join(sorted(unknown))}"

    def test_its_evidence_is_on_features_that_other_tasks_have(self) -> None:
        """Compare names such as `CheckRabi.contrast` and `failed.CheckRabi` with the installed tasks: a rule on another name never applies."""
        page = get_page(self.task)
        names = {name for rule in page.evidence for name in rule.names} if page else set()
        unknown = {name for name in names if is_of_other_task(name)}
        if unknown:
            unknown -= list_features_of_other_tasks([self.task, *_load_installed_tasks()])
        assert not unknown, f"no installed task has the feature {', '.join(sorted(unknown))}"

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
def _list_installed_causes() -> frozenset[str]:
    """Return the ids of the causes that installed plugins declare."""
    return frozenset(RuleBook(load_plugins()).causes)


@cache
def _load_installed_tasks() -> tuple[type[BaseTask], ...]:
    return tuple(load_plugins().tasks().values())
