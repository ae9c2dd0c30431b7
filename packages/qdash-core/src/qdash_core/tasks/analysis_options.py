"""Analysis options of a task and of the core, which a refit may change, and their application to raw data."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import unit_symbol
from qdash_core.parsing.similar_names import suggest
from qdash_core.tasks.parameters import matches_array
from qdash_core.tasks.point_selection import parse_excluded_points, parse_fit_window, select_points
from qdash_core.tasks.run_parameters import AnalysisOption

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.parameters import ArrayDeclaration

FIT_WINDOW = "fit_window"
EXCLUDE = "exclude"
_ATTRIBUTE = re.compile(r"\{(\w+)\}")
_WILDCARD = re.compile(r"([*?\[])")


_SELECTION: dict[str, Callable[[object], object]] = {
    FIT_WINDOW: parse_fit_window,
    EXCLUDE: parse_excluded_points,
}
"""Options of the core for each task that declares the axes of its fit (`BaseTask.fit_axes`)."""


def get_analysis_options(task: type[BaseTask]) -> dict[str, AnalysisOption]:
    """Return the analysis options of a task: those that it declares, then those of the core for a swept axis."""
    found = dict(task.analysis_options)
    if task.fit_axes:
        units = {one.unit for axis in task.fit_axes for one in list_declared_axes(task, axis)}
        unit = units.pop() if len(units) == 1 else ""
        axes = ", ".join(_ATTRIBUTE.sub("*", axis) for axis in task.fit_axes)
        found[FIT_WINDOW] = AnalysisOption(
            value_type="str", unit=unit, description=f"LOW..HIGH: fit only points in this window of {axes}"
        )
        found[EXCLUDE] = AnalysisOption(
            value_type="str",
            description=f"points left out of the fit: indices from 0 (3,17 or 3..7), or @VALUE of {axes}{f' in {unit_symbol(unit)}' if unit else ''}",
        )
    return found


def resolve_options(task: type[BaseTask], given: Mapping[str, object]) -> dict[str, Any]:
    """Return the given options as stored values, without those that are None or equal to the default.

    Raises
    ------
    InvalidInputError
        If the analysis of the task does not use an option, or its value does not fit the declaration. The message
        names the possible ones.
    """
    declared = get_analysis_options(task)
    resolved: dict[str, Any] = {}
    for name, value in given.items():
        if name not in declared:
            raise InvalidInputError(_describe_refusal(task, name, declared))
        if value is None:
            continue
        where = f"{task.name}.{name}"
        if name in _SELECTION and name not in task.analysis_options:
            try:
                resolved[name] = _SELECTION[name](value)
            except InvalidInputError as error:
                raise InvalidInputError(f"{where}: {error}") from None
            continue
        chosen = declared[name].override(where, value).value
        if chosen != declared[name].value:
            resolved[name] = list(chosen) if isinstance(chosen, tuple) else chosen
    return resolved


def apply_options(task: type[BaseTask], raw: RawData, options: Mapping[str, Any]) -> RawData:
    """Return raw data as the analysis sees them: with the options, and without the points that they leave out.

    `raw` stays as it is; `options` are from `resolve_options`.

    Raises
    ------
    InvalidInputError
        If a selection of points leaves none, names a point that does not exist, or finds no axis.
    """
    if not options:
        return raw
    if FIT_WINDOW in options or EXCLUDE in options:
        raw = _select_points(task, raw, window=options.get(FIT_WINDOW), excluded=options.get(EXCLUDE))
    return replace(raw, options=dict(options))


def count_fit_points(task: type[BaseTask], raw: RawData) -> int:
    """Return the number of points on the axes of the fit; 0 if the task declares none."""
    return sum(values.size for values in load_fit_axes(task, raw).values())


def load_fit_axes(task: type[BaseTask], raw: RawData) -> dict[str, npt.NDArray[Any]]:
    """Return the values of the axes of the fit that raw data hold, by the names of their arrays."""

    def insert(found: re.Match[str]) -> str:
        return _WILDCARD.sub(r"[\1]", str(raw.attributes.get(found[1])))

    patterns = [_ATTRIBUTE.sub(insert, axis) for axis in task.fit_axes]
    return {name: raw[name] for name in raw.arrays if any(matches_array(name, one) for one in patterns)}


def _select_points(
    task: type[BaseTask], raw: RawData, *, window: str | None, excluded: str | None
) -> RawData:
    axes = load_fit_axes(task, raw)
    if not axes:
        raise InvalidInputError(
            f"{task.name}: the raw data hold no {' or '.join(task.fit_axes) or 'swept axis'}, so that no points can be selected"
        )
    arrays = dict(raw.arrays)
    units = {axis: raw.arrays[axis][1] for axis in axes}
    for axis, kept in select_points(axes, window=window, excluded=excluded, units=units).items():
        for name, (_, unit) in raw.arrays.items():
            if name == axis or get_axis_name(task, name) == axis:
                arrays[name] = (_cut(raw[name], kept, name, axis), unit)
    return replace(raw, arrays=arrays)


def list_declared_axes(task: type[BaseTask], axis: str) -> list[ArrayDeclaration]:
    """Return the declared arrays that one entry of `BaseTask.fit_axes` stands for."""
    pattern = _ATTRIBUTE.sub("*", axis)
    return [
        declared
        for name, declared in task.arrays.items()
        if matches_array(name, pattern) or matches_array(pattern, name)
    ]


def get_axis_name(task: type[BaseTask], name: str) -> str | None:
    """Return the name of the array that is the axis of another one, or None if the task declares none.

    In a pattern such as `line_*_iq` along `line_*_delay`, each `*` stands for the same text in both names.
    """
    if name in task.arrays:
        return task.arrays[name].along or None
    pattern = next((one for one in task.arrays if matches_array(name, one)), None)
    if pattern is None or not (along := task.arrays[pattern].along):
        return None
    head, _, tail = pattern.partition("*")
    return along.replace("*", name[len(head) : len(name) - len(tail)])


def _cut(array: npt.NDArray[Any], kept: npt.NDArray[Any], name: str, axis: str) -> npt.NDArray[Any]:
    if array.ndim == 0 or array.shape[0] != kept.size:
        raise InvalidInputError(
            f"{name} has shape {array.shape}, which does not begin with the {kept.size} points of its axis {axis}"
        )
    import numpy as np

    return np.asarray(array[kept])


def _describe_refusal(task: type[BaseTask], name: str, declared: Mapping[str, AnalysisOption]) -> str:
    if not declared:
        possible = f"the analysis of {task.name} has no options"
    else:
        possible = f"the analysis of {task.name} has the options {', '.join(declared)}"
    if name in task.run_parameters:
        return f"{name} is a run parameter of the measurement, not of its analysis: {possible}"
    return f"{task.name} has no analysis option {name!r}{suggest(name, declared)}: {possible}"
