"""Removal of old calibration notes, which were in force at no remaining measurement."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from qdash_builtin.home.pruning.outcome import PrunedItem, measure_text
from qdash_core.models.execution import CalibrationNoteMark
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.home.pruning.outcome import PruneOutcome
    from qdash_core.repositories.store import Store

_AT_ONCE = 20


def prune_notes(
    store: Store,
    project_id: str,
    before: datetime,
    outcome: PruneOutcome,
    *,
    named_starts: Mapping[str, Sequence[datetime]],
    executions: Collection[str],
) -> None:
    """Remove old calibration notes of all chips of a project, or count them for a preview.

    Parameters
    ----------
    before : datetime
        Notes since this time stay, and the one in force then.
    named_starts : mapping of str to sequence of datetime
        Start times of older results that stay whole, by chip: the note in force at each stays.
    executions : collection of str
        Executions whose notes stay.
    """
    repositories = Repositories(store)
    for chip in repositories.of(ChipRepository).list_by_project(project_id):
        marks = repositories.of(CalibrationNoteRepository).select_as(
            CalibrationNoteMark,
            {"project_id": project_id, "chip_id": chip.chip_id},
            order=("timestamp",),
            without=("note",),
        )
        old = [
            mark
            for mark in _select_unneeded(marks, [*named_starts.get(chip.chip_id, ()), before])
            if mark.timestamp < before and mark.execution_id not in executions
        ]
        for at in range(0, len(old), _AT_ONCE):
            _remove(store, project_id, old[at : at + _AT_ONCE], outcome)


def _select_unneeded(
    marks: Sequence[CalibrationNoteMark], moments: Sequence[datetime]
) -> list[CalibrationNoteMark]:
    """Return the marks of notes, oldest first, that were in force at none of these times."""
    times = [mark.timestamp for mark in marks]
    needed = {bisect_right(times, moment) - 1 for moment in moments}
    return [mark for number, mark in enumerate(marks[:-1]) if number not in needed]


def _remove(
    store: Store, project_id: str, marks: Sequence[CalibrationNoteMark], outcome: PruneOutcome
) -> None:
    keys = [(project_id, mark.chip_id, mark.execution_id, mark.task_id) for mark in marks]
    with store.read() as snapshot:
        found = [document for key in keys if (document := snapshot.get("calibration_note", key)) is not None]
        sizes = [measure_text(document) for document in found]
    if outcome.applied:
        with store.transaction() as transaction:
            for mark in marks:
                Repositories(transaction).of(CalibrationNoteRepository).remove(project_id, mark)
    outcome.add(PrunedItem.CALIBRATION_NOTES, number=len(sizes), size=sum(sizes))
