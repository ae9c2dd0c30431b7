"""Differences in the laboratory between two results of one task and target."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_builtin.results.difference import (
    Difference,
    RecordedDifferences,
    compare_recorded,
    list_differences,
)
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import list_parts, parse_target_id
from qdash_core.models.times import format_day
from qdash_core.record.loaded_note import find_loaded_note
from qdash_core.repositories.chips import get_target_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class LaboratoryDifferences:
    """Differences of the laboratory: of the setup, the design values, and the calibration note for the target."""

    setup: list[Difference]
    design: RecordedDifferences
    note: RecordedDifferences

    @property
    def differences(self) -> list[Difference]:
        """All differences, in this order."""
        return [*self.setup, *self.design.differences, *self.note.differences]


def find_laboratory_differences(
    repositories: Repositories, first: TaskResultModel, second: TaskResultModel, zone: tzinfo
) -> LaboratoryDifferences:
    """Return the differences of the laboratory between two results.

    `zone` is that of the dates of the chip's daily copies, which contain its design values.
    """
    return LaboratoryDifferences(
        list_differences(*(_describe_setup(result) for result in (first, second))),
        compare_recorded(*(_read_design(repositories, result, zone) for result in (first, second))),
        _compare_notes(repositories, first, second),
    )


def _describe_setup(result: TaskResultModel) -> dict[str, object]:
    return {
        "backend": result.backend,
        "simulated": result.simulated or None,
        "cool-down": result.cooldown_id,
        "control qubit": result.control,
        "measured": _describe_group(result),
    }


def _describe_group(result: TaskResultModel) -> str | None:
    if result.together is None:
        return None
    return f"together with {', '.join(result.together)}" if result.together else "alone"


def _read_design(
    repositories: Repositories, result: TaskResultModel, zone: tzinfo
) -> dict[str, object] | None:
    """Return the design values of the targets of a result, or None if the chip has no copy of that day."""
    if result.start_at is None:
        return None
    found: dict[str, object] = {}
    day = format_day(result.start_at, zone)
    for target in _list_targets(result):
        targets = get_target_repository(repositories, target)
        copy = targets.find_on_day(result.project_id, result.chip_id, target, day)
        if copy is None:
            return None
        found |= {f"design {name} of {target}": value for name, value in copy.design.items()}
    return found


def _list_targets(result: TaskResultModel) -> list[str]:
    return list_parts(result.qid) if result.task_type in ("qubit", "coupling") else []


def _compare_notes(
    repositories: Repositories, first: TaskResultModel, second: TaskResultModel
) -> RecordedDifferences:
    """Return the differences between the calibration notes of two results, for their target.

    An entry that has the value of the same input in both results is left out: the inputs are compared themselves.
    """
    compared = compare_recorded(*(_read_entries(repositories, result) for result in (first, second)))
    inputs = [
        (given.value, second.input_parameters[name].value)
        for name, given in first.input_parameters.items()
        if name in second.input_parameters
    ]
    shown = [
        one
        for one in compared.differences
        if not any(
            _is_same_number(one.first, before) and _is_same_number(one.second, after)
            for before, after in inputs
        )
    ]
    return replace(compared, differences=shown)


def _read_entries(repositories: Repositories, result: TaskResultModel) -> dict[str, object] | None:
    """Return the entries for the target in the calibration note of a result, or None without a note."""
    loaded = find_loaded_note(repositories, result)
    if loaded is None:
        return None
    targets = set(_list_targets(result))
    return {
        f"note {'.'.join(path)}": value
        for path, value in _list_entries(loaded.note)
        if _concerns(path, targets)
    }


_Path = tuple[str, ...]


def _list_entries(note: Mapping[str, Any], path: _Path = ()) -> Iterator[tuple[_Path, object]]:
    for name, value in note.items():
        if isinstance(value, dict):
            yield from _list_entries(value, (*path, name))
        else:
            yield (*path, name), value


def _concerns(path: _Path, targets: set[str]) -> bool:
    """Return whether a key on the path is one of the targets, as id or label."""
    return any(_parse_key(key) in targets for key in path)


def _parse_key(key: str) -> str | None:
    try:
        return parse_target_id(key)
    except InvalidInputError:
        return None


def _is_same_number(entry: object, value: float) -> bool:
    is_number = isinstance(entry, (int, float)) and not isinstance(entry, bool)
    return is_number and math.isclose(float(entry), value, rel_tol=1e-9)  # type: ignore[arg-type]
