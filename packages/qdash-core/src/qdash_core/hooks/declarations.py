"""Validation of the declarations of tasks when they are loaded."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, get_args

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.tasks.analysis_options import EXCLUDE, FIT_WINDOW, list_declared_axes
from qdash_core.tasks.base import BaseTask, TaskType
from qdash_core.tasks.parameters import (
    ArrayDeclaration,
    InputParameter,
    OutputParameter,
    Role,
    find_declared_array,
)
from qdash_core.tasks.run_parameters import AnalysisOption, RunParameter, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable

_WORD = re.compile(r"[\w.-]+")
_PATTERN = re.compile(r"[\w.*-]+")
"""Names and patterns of declared arrays; `*` matches any characters."""
_LONGEST_EXCERPT = 80


def require_declarations(task: type[BaseTask]) -> None:
    """Raise PluginError if class attributes of a task do not follow `BaseTask`; the message names the attribute."""
    if not _WORD.fullmatch(task.name):
        raise PluginError(
            f"has a name of more than letters, digits, '_', '-' and '.': {_format_value(task.name)}"
        )
    _require_aliases(task)
    _require_requirements(task)
    _require_one_of(task.task_type, TaskType, "task_type")
    if type(task.retries) is not int or task.retries < 0:
        raise PluginError("has retries that are not a whole number of 0 or more")
    if not _is_number(task.timeout_s) or not task.timeout_s > 0:
        raise PluginError("has a timeout_s that is not a positive number")
    _require_methods(task)
    for attribute, kind, word, check in _PARAMETERS:
        declared = getattr(task, attribute)
        if not isinstance(declared, Mapping):
            raise PluginError(f"has {attribute} that are not a mapping of names to {kind.__name__}")
        for name, parameter in declared.items():
            if not isinstance(name, str) or not word.fullmatch(name):
                raise PluginError(
                    f"has {attribute} with a name that is not a plain word, {_format_value(name)}"
                )
            if not isinstance(parameter, kind):
                given = parameter.__name__ if isinstance(parameter, type) else type(parameter).__name__
                raise PluginError(f"has {attribute} whose {name!r} is {given}, not {kind.__name__}")
            check(f"{attribute}[{name!r}]", parameter)
    _require_fit_axes(task)
    _require_value_sets(task)
    _require_unused_names(task)


def _require_value_sets(task: type[BaseTask]) -> None:
    if not isinstance(task.value_sets, Mapping):
        raise PluginError("has value_sets that are not a mapping of names to outputs")
    for name, members in task.value_sets.items():
        if not isinstance(members, (tuple, list)) or not {*members} <= {*task.output_parameters}:
            raise PluginError(f"has value_sets whose {_format_value(name)} are not outputs that it declares")


def _require_fit_axes(task: type[BaseTask]) -> None:
    # A plain "delay" would otherwise count as five axes of one letter.
    if not isinstance(task.fit_axes, (tuple, list)):
        raise PluginError("has fit_axes that are not a tuple of names")
    for axis in task.fit_axes:
        if not isinstance(axis, str) or not list_declared_axes(task, axis):
            raise PluginError(f"has fit_axes with {_format_value(axis)}, which its arrays do not declare")
    for name, declared in task.arrays.items():
        if declared.along and find_declared_array(task.arrays, declared.along) is None:
            raise PluginError(
                f"has arrays[{name!r}] along {_format_value(declared.along)}, which its arrays do not declare"
            )


def _require_unused_names(task: type[BaseTask]) -> None:
    for name in task.analysis_options:
        if name in task.run_parameters or name in (FIT_WINDOW, EXCLUDE):
            other = "an option of QDash" if name in (FIT_WINDOW, EXCLUDE) else "a run parameter"
            raise PluginError(f"has an analysis option {name!r}, which is also {other}")


def _require_aliases(task: type[BaseTask]) -> None:
    # A plain "Rabi" would otherwise count as four aliases of one letter.
    if not isinstance(task.aliases, (tuple, list)):
        raise PluginError("has aliases that are not a tuple of names")
    names = [task.name]
    for alias in task.aliases:
        if not isinstance(alias, str) or not _WORD.fullmatch(alias):
            raise PluginError(f"has an alias that is not a plain word, {_format_value(alias)}")
        if alias in names:
            raise PluginError(f"has an alias that it is called already, {alias!r}")
        names.append(alias)


def _require_requirements(task: type[BaseTask]) -> None:
    # A plain "Echo" would otherwise count as four requirements of one letter.
    if not isinstance(task.requires, (frozenset, set)):
        raise PluginError("has requires that are not a set of names, as in frozenset({'Echo'})")
    for required in task.requires:
        if not isinstance(required, str) or not required.strip():
            raise PluginError(f"has requires with something that is no name, {_format_value(required)}")


def _require_methods(task: type[BaseTask]) -> None:
    wanted = ("run_group", "postprocess") if task.simultaneous else ("run", "postprocess")
    for method in wanted:
        found = getattr(task, method)
        # A class method is bound again at every access; only its function stays the same.
        inherited = getattr(BaseTask, method)
        if not callable(found) or getattr(found, "__func__", found) is getattr(
            inherited, "__func__", inherited
        ):
            raise PluginError(f"lacks {method}")


def _check_input(where: str, declared: InputParameter) -> None:
    _require_one_of(declared.role, Role, f"{where}.role")
    _require_texts(where, declared, "unit", "description")
    _require_numbers(where, declared, "default")
    if declared.source is not None and not isinstance(declared.source, str):
        raise PluginError(f"has {where}.source that is neither text nor None")


def _check_output(where: str, declared: OutputParameter) -> None:
    _require_texts(where, declared, "unit", "description", "convention")
    _require_numbers(where, declared, "minimum", "maximum", "jump", "ideal")
    if not _is_number(declared.negligible):
        raise PluginError(f"has {where}.negligible that is no number")


def _check_array(where: str, declared: ArrayDeclaration) -> None:
    _require_texts(where, declared, "unit", "description", "along")


def _check_option(where: str, declared: AnalysisOption) -> None:
    _check_run_parameter(where, declared)
    if declared.value is None:
        raise PluginError(f"has {where} without a default, which stands for the analysis of a measurement")


def _check_run_parameter(where: str, declared: RunParameter) -> None:
    _require_one_of(declared.value_type, ValueType, f"{where}.value_type")
    _require_texts(where, declared, "unit", "description")
    _require_numbers(where, declared, "minimum", "maximum")
    if declared.choices is not None and not isinstance(declared.choices, (list, tuple)):
        raise PluginError(f"has {where}.choices that are not a list")
    if declared.value is None:
        return
    try:
        typed = declared.typed("value", declared.value)
        if (declared.minimum, declared.maximum, declared.choices) != (None, None, None):
            typed.check_range("value")
    except (InvalidInputError, TypeError) as error:
        raise PluginError(f"has {where} whose default does not fit: {error}") from None
    if not _has_declared_type(declared.value, typed.value):
        raise PluginError(
            f"has {where} whose default, {_format_value(declared.value)}, is not of the value_type {declared.value_type}"
        )


def _has_declared_type(given: Any, typed: Any) -> bool:
    """Return whether a default has its declared type: "1024" is valid as text, but not as a whole number."""
    if isinstance(typed, tuple):
        return isinstance(given, (list, tuple)) and tuple(given) == typed
    return isinstance(given, (int, float) if type(typed) is float else type(typed))


_PARAMETERS: tuple[tuple[str, type, re.Pattern[str], Callable[[str, Any], None]], ...] = (
    ("input_parameters", InputParameter, _WORD, _check_input),
    ("run_parameters", RunParameter, _WORD, _check_run_parameter),
    ("output_parameters", OutputParameter, _WORD, _check_output),
    ("arrays", ArrayDeclaration, _PATTERN, _check_array),
    ("analysis_options", AnalysisOption, _WORD, _check_option),
)


def _require_one_of(value: object, choices: object, where: str) -> None:
    known = get_args(choices)
    if value not in known:
        raise PluginError(f"has an unknown {where}, {_format_value(value)}; there are {', '.join(known)}")


def _require_texts(where: str, declared: object, *attributes: str) -> None:
    for attribute in attributes:
        if not isinstance(getattr(declared, attribute), str):
            raise PluginError(f"has {where}.{attribute} that is not text")


def _require_numbers(where: str, declared: object, *attributes: str) -> None:
    for attribute in attributes:
        value = getattr(declared, attribute)
        if value is not None and not _is_number(value):
            raise PluginError(f"has {where}.{attribute} that is neither a number nor None")


def _format_value(value: object) -> str:
    # Never call repr() of anything else: it is the plugin's code, and the text may have any length.
    if isinstance(value, str):
        return repr(value[:_LONGEST_EXCERPT])
    return repr(value) if value is None or type(value) in (bool, float) else f"of type {type(value).__name__}"


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(value)
