"""Notes: written, cleared, looked at, searched. Every edit is logged in the transaction that makes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note, utc_now
from qdash_core.models.note import MetricNoteModel, NoteScope
from qdash_core.models.project import ProjectRole
from qdash_core.notes.metric_names import require_metric
from qdash_core.notes.metric_notes import edited_by, write_on_metric
from qdash_core.notes.on_chips import notes_on_chip
from qdash_core.notes.places import NotePlace, PlacedNote, document_at
from qdash_core.notes.scopes import resolve, visible
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.note import NoteEventModel, TargetType
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Snapshot, Store


class NoteService:
    """Notes of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    metrics : callable
        Returns the metrics of qubits or of couplings that the metrics file names.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        metrics: Callable[[TargetType], Collection[str]] = lambda _: (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._clock = clock

    def edit(self, access: Access, place: NotePlace, content: str) -> PlacedNote:
        """Write a note in place of the one there was; an empty one clears it, where there is one.

        Raises
        ------
        NotFoundError
            If there is no such place.
        InvalidInputError
            If the note is too long, or is one on a metric: `edit_metric`.
        """
        access.require(ProjectRole.EDITOR)
        collection, field = place.kept_in
        note = Note.written(content, username=access.username, now=self._clock())
        with self._store.transaction() as transaction:
            document = document_at(transaction, access.project_id, place)
            former = PlacedNote.of(place, document)
            if not note.content and not former.note.content:
                return former
            transaction.put(collection, {**document, field: note.model_dump()})
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
        username : str
            Who writes.
        cooldown_id, time_range
            The scope, as `notes.scopes.resolve` takes it.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or cool-down, or nobody knows such a metric.
        InvalidInputError
            If the note is too long.
        """
        access.require(ProjectRole.EDITOR)
        note = Note.written(content, username=access.username, now=self._clock())
        with self._store.transaction() as transaction:
            empty = self._empty(transaction, access.project_id, chip_id, target_type, target_id, metric_key)
            repositories = Repositories(transaction)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
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
        note = Note.written(event.content, username=access.username, now=self._clock())
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            return write_on_metric(repositories, edited_by(repositories, event), note)

    def show(self, access: Access, place: NotePlace) -> PlacedNote:
        """Return the note at a place, which may be an empty one; raises as `edit`."""
        with self._store.read() as snapshot:
            return PlacedNote.of(place, document_at(snapshot, access.project_id, place))

    def show_metric(
        self,
        access: Access,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> MetricNoteModel:
        """Return the note that shows on a metric in one scope; where none does, an empty one of this scope."""
        with self._store.read() as snapshot:
            empty = self._empty(snapshot, access.project_id, chip_id, target_type, target_id, metric_key)
            repositories = Repositories(snapshot)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            shown = {note.about: note for note in visible(repositories, access.project_id, chip_id, scope)}
            return shown.get(empty.about) or empty.model_copy(update=dict(scope))

    def metric_notes(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> list[MetricNoteModel]:
        """Return the note that shows on each metric of a chip in one scope, by target and metric; cleared ones left out.

        A note on a range of time within a cool-down shows in this cool-down until it is edited there; a note without a
        scope shows wherever there is no other.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            scope = resolve(
                repositories, access.project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range
            )
            return [
                note for note in visible(repositories, access.project_id, chip_id, scope) if note.note.content
            ]

    def noted_results(
        self, access: Access, chip_id: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of a chip that carry a note, noted last first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return repositories.results.noted(access.project_id, chip_id, limit=limit)

    def on_chip(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
        since: datetime | None = None,
    ) -> list[PlacedNote | MetricNoteModel]:
        """Return every note of a chip: its own, those of its qubits, couplings and metrics, and those of results.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id : str
            The chip.
        cooldown_id, time_range
            Of metrics those that show then, as in `metric_notes`; of results those of then. Others hold always.
        since : datetime or None
            Only what was written at this time or later.
        """
        with self._store.read() as snapshot:
            found = notes_on_chip(
                Repositories(snapshot),
                access.project_id,
                chip_id,
                cooldown_id=cooldown_id,
                time_range=time_range,
            )
        return [one for one in found if since is None or (one.note.updated_at or since) >= since]

    def event(self, access: Access, seq: int) -> NoteEventModel:
        """Return the edit with this number; NotFoundError when there is none in the project."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.require(access.project_id, seq)

    def of_chip(
        self, access: Access, chip_id: str, *, limit: int | None = None, after: NoteEventModel | None = None
    ) -> list[NoteEventModel]:
        """Return the edits that concern a chip, newest first; `after` is the last one of the page before."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.of_chip(
                access.project_id, chip_id, limit=limit, after=after
            )

    def of_target(
        self,
        access: Access,
        scope: NoteScope,
        target_id: str,
        *,
        chip_id: str | None = None,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits of the notes on one target, newest first; `chip_id` tells qubits of one id apart."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.of_target(
                access.project_id, scope, target_id, chip_id=chip_id, limit=limit, after=after
            )

    def search(
        self, access: Access, text: str, *, limit: int | None = None, after: NoteEventModel | None = None
    ) -> list[NoteEventModel]:
        """Return the edits in a project whose content has every word of `text`, newest first.

        Raises
        ------
        InvalidInputError
            If there is no word in `text`.
        """
        if not search_terms(text):
            raise InvalidInputError(f"there is no word in {text!r}: search for letters or digits")
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.search(
                access.project_id, text, limit=limit, after=after
            )

    def _empty(
        self,
        snapshot: Snapshot,
        project_id: str,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
    ) -> MetricNoteModel:
        """Return an empty note on a metric that is known of a target that exists."""
        if not metric_key:
            raise InvalidInputError("a note on a metric needs its name")
        place = NotePlace(NoteScope(target_type), target_id, chip_id)
        document_at(snapshot, project_id, place)
        now = self._clock()
        empty = MetricNoteModel(
            project_id=project_id,
            chip_id=chip_id,
            target_type=target_type,
            target_id=place.id,
            metric_key=metric_key,
            created_at=now,
            updated_at=now,
        )
        require_metric(Repositories(snapshot), empty, self._metrics(target_type))
        return empty
