"""Notes of a chip: its own, those of its targets and metrics, and those of its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace, PlacedNote
from qdash_builtin.notes.noted_results import list_noted_results
from qdash_builtin.notes.scopes import is_in_range, list_notes
from qdash_builtin.record_lookup.stored_states import list_states
from qdash_core.models.targets import by_number
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.notes.model import MetricNoteModel
    from qdash_builtin.notes.scopes import OpenRange
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


def list_chip_notes(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    *,
    cooldown_id: str | None = None,
    time_range: OpenRange | None = None,
) -> list[PlacedNote | MetricNoteModel]:
    """Return the notes on a chip, its targets and metrics by number, then its results, last noted first.

    The scope of notes on metrics is as in `scopes.list_notes`; results are those recorded in this scope.

    Raises
    ------
    NotFoundError
        If there is no such chip or cool-down.
    InvalidInputError
        If the scope is not valid.
    """
    repositories.of(ChipRepository).require(project_id, chip_id)
    metrics = list_notes(repositories, project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range)
    metrics.sort(key=lambda note: (note.target_type != "qubit", by_number(note.target_id), note.metric_key))
    results = (
        PlacedNote(
            NotePlace(NoteScope.TASK_RESULT, result.task_id, chip_id),
            result.user_note,
            {"qid": result.qid, "task_name": result.name},
        )
        for result in list_noted_results(repositories.of(TaskResultHistoryRepository), project_id, chip_id)
        if _was_recorded_in_scope(result, cooldown_id, time_range)
    )
    return [*_iter_target_notes(repositories, project_id, chip_id), *metrics, *results]


def _iter_target_notes(repositories: Repositories, project_id: str, chip_id: str) -> Iterator[PlacedNote]:
    note = repositories.of(ChipRepository).require(project_id, chip_id).note
    if note.content:
        yield PlacedNote(NotePlace(NoteScope.CHIP, chip_id, chip_id), note)
    for scope, targets in (
        (NoteScope.QUBIT, list_states(repositories.of(QubitCalibrationRepository), project_id, chip_id)),
        (
            NoteScope.COUPLING,
            list_states(repositories.of(CouplingCalibrationRepository), project_id, chip_id),
        ),
    ):
        for target in targets:
            written = target.get("note")
            if written is not None and written.content:
                yield PlacedNote(NotePlace(scope, target["qid"], chip_id), written)


def _was_recorded_in_scope(
    result: TaskResultModel, cooldown_id: str | None, time_range: OpenRange | None
) -> bool:
    if cooldown_id is not None:
        return result.cooldown_id == cooldown_id
    return time_range is None or is_in_range(result.start_at, time_range)
