"""Calibration note that was in force when a result was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from qdash_core.models.execution import CalibrationNoteModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


def find_loaded_note(repositories: Repositories, result: TaskResultModel) -> CalibrationNoteModel | None:
    """Return the calibration note in force when a result was measured, or None if none is stored from before it.

    A rerun is measured with the note of its original, a simulated result with none.
    """
    measured = result
    while (original := measured.rerun_of or measured.refit_of) is not None:
        found = repositories.of(TaskResultHistoryRepository).find(result.project_id, original)
        if found is None:
            return None
        measured = found
    if measured.start_at is None or measured.simulated:
        return None
    return repositories.of(CalibrationNoteRepository).get_latest(
        measured.project_id, measured.chip_id, until=measured.start_at
    )
