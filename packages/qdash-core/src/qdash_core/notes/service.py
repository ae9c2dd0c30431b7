"""Notes: written, cleared and restored. Every edit is logged in the transaction that makes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.project import ProjectRole
from qdash_core.notes.looking import NoteLooking
from qdash_core.notes.metric_notes import edited_by, write_on_metric
from qdash_core.notes.places import NotePlace, PlacedNote, changed_after, document_at
from qdash_core.notes.scopes import resolve
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.note import MetricNoteModel, TargetType


class NoteService(NoteLooking):
    """Notes of one store: looked at as `NoteLooking` has it, written and cleared."""

    def edit(
        self, access: Access, place: NotePlace, content: str, *, as_of: datetime | None = None
    ) -> PlacedNote:
        """Write a note in place of the one there was; an empty one clears it, where there is one.

        Raises
        ------
        NotFoundError
            If there is no such place.
        InvalidInputError
            If the note is too long, or is one on a metric: `edit_metric`.
        StaleError
            If the note was changed since `as_of`, its `changed_at` when it was read.
        """
        access.require(ProjectRole.EDITOR)
        collection, field = place.kept_in
        with self._store.transaction() as transaction:
            document = document_at(transaction, access.project_id, place)
            former = PlacedNote.of(place, document)
            refuse_stale(f"the note on {place.scope} {place.id}", former.note.changed_at, as_of)
            note = self._written(access, content, before=former.note.changed_at)
            if not note.content and not former.note.content:
                return former
            touched = {"updated_at": changed_after(document, former.note, now=self._clock())}
            transaction.put(collection, {**document, **touched, field: note.model_dump()})
            Repositories(transaction).note_events.log(
                note,
                access.project_id,
                place.scope,
                place.id,
                chip_id=former.place.chip_id,
                extra=former.extra,
            )
        return replace(former, note=note)

    def edit_metric(
        self,
        access: Access,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
        content: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
        as_of: datetime | None = None,
    ) -> MetricNoteModel:
        """Write the note on a metric in one scope in place of the one there was; an empty one clears it there.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id, target_type, target_id, metric_key : str
            The metric, of a qubit or coupling.
        content : str
            What to write.
        cooldown_id, time_range
            The scope, as `notes.scopes.resolve` takes it.
        as_of : datetime or None
            `changed_at` of the note that showed in this scope when it was read; None: whatever shows now.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or cool-down, or nobody knows such a metric.
        InvalidInputError
            If the note is too long.
        StaleError
            If another note shows since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            empty = self._empty(transaction, access.project_id, chip_id, target_type, target_id, metric_key)
            repositories = Repositories(transaction)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            shown = self._shown(repositories, empty, scope)
            refuse_stale(f"the note on {metric_key} of {target_id}", shown.note.changed_at, as_of)
            note = self._written(access, content, before=shown.note.changed_at)
            return write_on_metric(repositories, empty.model_copy(update=dict(scope)), note)

    def restore(self, access: Access, seq: int) -> PlacedNote | MetricNoteModel:
        """Write a note as the edit with this number left it.

        Raises
        ------
        NotFoundError
            If there is no such edit, or what it was a note on is gone.
        """
        access.require(ProjectRole.EDITOR)
        event = self.event(access, seq)
        if not event.metric_key:
            place = NotePlace(event.scope, event.target_id, event.chip_id)
            return self.edit(access, place, event.content)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = edited_by(repositories, event)
            note = self._written(access, event.content, before=former.note.changed_at)
            return write_on_metric(repositories, former, note)

    def _written(self, access: Access, content: str, *, before: datetime) -> Note:
        return Note.written(content, username=access.username, before=before, now=self._clock())
