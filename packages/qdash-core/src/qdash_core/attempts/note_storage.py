"""Storage of calibration notes: replaced by a run that has the whole instrument, merged by target by one that shares it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from qdash_core.models.base import as_json, make_later_time
from qdash_core.repositories.executions import CalibrationNoteRepository

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.models.execution import CalibrationNoteModel
    from qdash_core.repositories.repositories import Repositories

    MergeNote = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]

logger = logging.getLogger(__name__)


def store_note(repositories: Repositories, note: CalibrationNoteModel, merge: MergeNote | None) -> None:
    """Store the calibration note of a run, in the caller's transaction.

    `merge` returns the latest stored note with the run's own targets from the new one; None if no other run may have
    stored one since. If it fails, nothing is stored, and the failure is logged: a bad note must not fail a task.
    """
    notes = repositories.of(CalibrationNoteRepository)
    latest = None if merge is None else notes.get_latest(note.project_id, note.chip_id)
    if merge is not None and latest is not None:
        try:
            merged = _require_note(as_json(merge(latest.note, note.note)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
            logger.warning("the calibration note is not stored, since it cannot be merged: %s", error)
            return
        note = note.model_copy(update={"note": merged})
    # The note has to be the newest one, whatever the clocks of two hosts show.
    latest_at = notes.find_latest_time(note.project_id, note.chip_id) if latest is None else latest.timestamp
    if latest_at is not None:
        note = note.model_copy(update={"timestamp": make_later_time(latest_at, note.timestamp)})
    notes.put(note)


def _require_note(merged: object) -> dict[str, Any]:
    if not isinstance(merged, dict):
        raise TypeError(f"merge_note returned {merged!r}, not a note")
    return merged
