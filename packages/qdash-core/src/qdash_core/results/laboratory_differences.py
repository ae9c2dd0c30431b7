"""Differences in the laboratory between two results of one task and target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import parse_target_id, split_coupling
from qdash_core.results.difference import Difference, list_differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


def find_laboratory_differences(
    repositories: Repositories, first: TaskResultModel, second: TaskResultModel, zone: tzinfo
) -> list[Difference]:
    """Return the differences in backend, cool-down, control qubit, design values and calibration note, in this order.

    Parameters
    ----------
    zone : tzinfo
        Time zone of the dates of the chip's daily copies, which contain its design values.
    """
    states = [_describe_setup(repositories, result, zone) for result in (first, second)]
    return [*list_differences(*states), *_list_note_differences(repositories, first, second)]


def _describe_setup(repositories: Repositories, result: TaskResultModel, zone: tzinfo) -> dict[str, object]:
    facts: dict[str, object] = {
        "backend": result.backend,
        "simulated": result.simulated or None,
        "cool-down": result.cooldown_id,
        "control qubit": result.control,
    }
    if result.start_at is not None:
        day = result.start_at.astimezone(zone).strftime("%Y%m%d")
        for target in _list_targets(result):
            targets = repositories.couplings if "-" in target else repositories.qubits
            copy = targets.find_on_day(result.project_id, result.chip_id, target, day)
            design = {} if copy is None else copy.design
            facts |= {f"design {name} of {target}": value for name, value in design.items()}
    return facts


def _list_targets(result: TaskResultModel) -> list[str]:
    if result.task_type == "coupling":
        return [result.qid, *split_coupling(result.qid)]
    return [result.qid] if result.task_type == "qubit" else []


def _list_note_differences(
    repositories: Repositories, first: TaskResultModel, second: TaskResultModel
) -> list[Difference]:
    """Return the differences between the calibration notes that each measurement started with, for their target.

    Entries that equal an input of the first measurement are left out: the rerun is given that input.
    """
    targets = set(_list_targets(first))
    notes = [_read_note(repositories, result) for result in (first, second)]
    if None in notes:
        return []
    before, after = (
        {path: value for path, value in _list_entries(note or {}) if _concerns(path, targets)}
        for note in notes
    )
    given = [model.value for model in first.input_parameters.values()]
    return [
        one
        for one in list_differences(_name_entries(before), _name_entries(after))
        if not any(_is_same_number(one.first, value) for value in given)
    ]


def _read_note(repositories: Repositories, result: TaskResultModel) -> dict[str, Any] | None:
    if result.start_at is None or result.simulated:
        return None
    found = repositories.calibration_notes.get_latest(
        result.project_id, result.chip_id, until=result.start_at
    )
    return None if found is None else found.note


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


def _name_entries(entries: Mapping[_Path, object]) -> dict[str, object]:
    return {f"note {'.'.join(path)}": value for path, value in entries.items()}


def _is_same_number(entry: object, value: float) -> bool:
    is_number = isinstance(entry, (int, float)) and not isinstance(entry, bool)
    return is_number and math.isclose(float(entry), value, rel_tol=1e-9)  # type: ignore[arg-type]
