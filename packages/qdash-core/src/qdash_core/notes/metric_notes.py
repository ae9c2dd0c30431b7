"""How a note on a metric is written in its scope, and logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.base import Note
from qdash_core.models.note import GLOBAL_SCOPE, NoteScope
from qdash_core.notes.scopes import visible

if TYPE_CHECKING:
    from qdash_core.models.note import MetricNoteModel, NoteEventModel
    from qdash_core.repositories.repositories import Repositories


def write_on_metric(repositories: Repositories, former: MetricNoteModel, note: Note) -> MetricNoteModel:
    """Write a note in place of the one on the same metric in the same scope, and log it.

    Parameters
    ----------
    repositories : Repositories
        In the transaction that is to hold both.
    former : MetricNoteModel
        What is written over: metric and scope; the rest where nothing is on record yet.
    note : Note
        What is written. An empty one is written only where there is a note to clear: one of this scope, or one that
        shows in it from elsewhere.
    """
    known = repositories.metric_notes.find(former.project_id, former.chip_id, *former.about, former.scope_key)
    made = former.model_copy(
        update={
            "note": note,
            "created_at": former.created_at if known is None else known.created_at,
            "updated_at": note.updated_at,
        }
    )
    if not note.content and not _shows(repositories, made):
        return made.model_copy(update={"note": Note()})
    repositories.metric_notes.put(made)
    repositories.note_events.log(
        note,
        made.project_id,
        NoteScope(f"{made.target_type}_metric"),
        made.target_id,
        chip_id=made.chip_id,
        metric_key=made.metric_key,
        extra={"scope_key": made.scope_key},
    )
    return made


def edited_by(repositories: Repositories, event: NoteEventModel) -> MetricNoteModel:
    """Return the note on a metric, as it is now, that an edit was one of; NotFoundError when it went with its chip."""
    key = (
        event.project_id,
        event.chip_id,
        event.scope.removesuffix("_metric"),
        event.target_id,
        event.metric_key,
    )
    found = repositories.metric_notes.find(*key, event.extra.get("scope_key", GLOBAL_SCOPE))
    if found is None:
        raise NotFoundError(
            f"the note on {event.metric_key} of {event.target_id} went with chip {event.chip_id!r} of project {event.project_id}"
        )
    return found


def _shows(repositories: Repositories, made: MetricNoteModel) -> bool:
    shown = visible(repositories, made.project_id, made.chip_id, made)
    return any(note.about == made.about and note.note.content for note in shown)
