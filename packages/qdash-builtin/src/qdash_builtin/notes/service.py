"""Service for notes on chips, targets, results, cryostats and cool-downs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.notes.chip_notes import list_chip_notes
from qdash_builtin.notes.metric_notes import get_edited_note, write_on_metric
from qdash_builtin.notes.model import MetricNoteModel, NoteScope
from qdash_builtin.notes.note_places import NotePlace, PlacedNote, get_document, make_change_time
from qdash_builtin.notes.noted_results import get_noted_page, list_noted_results
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_builtin.notes.scopes import ALWAYS, check_range, is_in_range
from qdash_builtin.notes.timeline import read_timeline, require_words
from qdash_core.models.base import Note, refuse_stale
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import by_number
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.notes.model import NoteEventModel
    from qdash_builtin.notes.scopes import OpenRange
    from qdash_builtin.notes.timeline import NoteFilter, TimelineNote
    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store


_KINDS = ("chip", "qubit", "coupling", "qubit_metric", "coupling_metric", "task_result")
"""Subjects of the notes of a chip, in the order of their list."""


class NoteService:
    """Notes of one store, and the log of the edits of all notes. Every edit is logged in its own transaction.

    Notes on metrics are written through `MetricNoteService`.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def show(self, access: Access, place: NotePlace) -> PlacedNote:
        """Return the note at a place, which may be empty; raises as `edit`."""
        with self._store.read() as snapshot:
            return PlacedNote.from_document(place, get_document(snapshot, access.project_id, place))

    def edit(
        self, access: Access, place: NotePlace, content: str, *, as_of: datetime | None = None
    ) -> PlacedNote:
        """Write a note, replacing an earlier one; an empty text clears the note.

        Raises
        ------
        NotFoundError
            If there is no such place.
        InvalidInputError
            If the note is too long, or is one on a metric.
        StaleError
            If the note was changed since `as_of`, its `changed_at` when it was read.
        """
        access.require(ProjectRole.EDITOR)
        collection, field = place.storage_field
        with self._store.transaction() as transaction:
            document = get_document(transaction, access.project_id, place)
            former = PlacedNote.from_document(place, document)
            refuse_stale(f"the note on {place.scope} {place.id}", former.note.changed_at, as_of)
            note = self._make_note(access, content, before=former.note.changed_at)
            if not note.content and not former.note.content:
                return former
            touched = {"updated_at": make_change_time(document, former.note, now=self._clock())}
            transaction.put(collection, {**document, **touched, field: note.model_dump()})
            Repositories(transaction).of(NoteEventRepository).append(
                note,
                access.project_id,
                place.scope,
                place.id,
                chip_id=former.place.chip_id,
                extra=former.extra,
            )
        return replace(former, note=note)

    def restore(self, access: Access, seq: int) -> PlacedNote | MetricNoteModel:
        """Restore a note to the state after the edit with this number.

        Raises
        ------
        NotFoundError
            If the edit or its subject does not exist.
        """
        access.require(ProjectRole.EDITOR)
        event = self.get_event(access, seq)
        if not event.metric_key:
            place = NotePlace(event.scope, event.target_id, event.chip_id)
            return self.edit(access, place, event.content)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            former = get_edited_note(repositories, event)
            note = self._make_note(access, event.content, before=former.note.changed_at)
            return write_on_metric(repositories, former, note)

    def get_noted_results_page(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        time_range: OpenRange = ALWAYS,
    ) -> Page[TaskResultModel]:
        """Return a page of the task results of a chip with notes, newest note first; a page may be short.

        The filters select results by their cool-down or start.
        """
        check_range(time_range)
        since, until = time_range
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return get_noted_page(
                repositories.of(TaskResultHistoryRepository),
                access.project_id,
                chip_id,
                request,
                cooldown_id=cooldown_id,
                since=since,
                until=until,
            )

    def list_noted_results(
        self, access: Access, chip_id: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of a chip that carry a note, last noted first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return list_noted_results(
                repositories.of(TaskResultHistoryRepository), access.project_id, chip_id, limit=limit
            )

    def list_chip_notes(
        self,
        access: Access,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        time_range: OpenRange | None = None,
        written: OpenRange = ALWAYS,
    ) -> list[PlacedNote | MetricNoteModel]:
        """Return all notes of a chip: its own, those of its qubits, couplings and metrics, and those of results.

        The scope is that of notes on metrics, as in `metric_notes`, and the period of results. Other notes have none.
        `written` is the range of their last edits, without its end; None for no limit.

        Raises
        ------
        NotFoundError
            If there is no such chip or cool-down.
        InvalidInputError
            If a range has no time zone or does not end after its start, or both a cool-down and a range are given.
        """
        check_range(written)
        with self._store.read() as snapshot:
            found = list_chip_notes(
                Repositories(snapshot),
                access.project_id,
                chip_id,
                cooldown_id=cooldown_id,
                time_range=time_range,
            )
        return [one for one in found if is_in_range(one.note.updated_at, written)]

    def get_chip_notes_page(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        time_range: OpenRange | None = None,
        written: OpenRange = ALWAYS,
    ) -> Page[PlacedNote | MetricNoteModel]:
        """Return a page of `list_chip_notes`, in the same order."""
        found = self.list_chip_notes(
            access, chip_id, cooldown_id=cooldown_id, time_range=time_range, written=written
        )
        return Page.from_all_items(found, request, _place)

    def get_event(self, access: Access, seq: int) -> NoteEventModel:
        """Return the edit with this number; NotFoundError when there is none in the project."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(NoteEventRepository).require(access.project_id, seq)

    def list_chip_events(
        self,
        access: Access,
        chip_id: str,
        *,
        time_range: OpenRange = ALWAYS,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits about a chip in a time range, newest first; `after` is the last one of the previous page."""
        made = _make_condition(time_range)
        with self._store.read() as snapshot:
            return (
                Repositories(snapshot)
                .of(NoteEventRepository)
                .list_by_chip(access.project_id, chip_id, made=made, limit=limit, after=after)
            )

    def list_target_events(
        self,
        access: Access,
        scope: NoteScope,
        target_id: str,
        *,
        chip_id: str | None = None,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits of the notes on one target, newest first; `chip_id` distinguishes qubits with equal ids."""
        with self._store.read() as snapshot:
            return (
                Repositories(snapshot)
                .of(NoteEventRepository)
                .list_by_target(
                    access.project_id, scope, target_id, chip_id=chip_id, limit=limit, after=after
                )
            )

    def get_events_page(
        self,
        access: Access,
        request: PageRequest,
        *,
        chip_id: str | None = None,
        target: tuple[NoteScope, str] | None = None,
        text: str | None = None,
        time_range: OpenRange = ALWAYS,
    ) -> Page[NoteEventModel]:
        """Return a page of the edits of notes in a project, newest first.

        Parameters
        ----------
        target : tuple of NoteScope and str or None
            Only edits of notes on this target; `chip_id` distinguishes qubits with equal ids.
        text : str or None
            Only edits whose content contains every word of it.
        time_range : tuple of datetime or None
            Only edits from this start, inclusive, to this end, exclusive; None for no limit.

        Raises
        ------
        InvalidInputError
            If `text` contains no word, or the range is invalid.
        """
        require_words(text)
        made = _make_condition(time_range)
        with self._store.read() as snapshot:
            return (
                Repositories(snapshot)
                .of(NoteEventRepository)
                .page(access.project_id, request, chip_id=chip_id, target=target, text=text, made=made)
            )

    def get_timeline_page(
        self, access: Access, request: PageRequest, wanted: NoteFilter
    ) -> Page[TimelineNote]:
        """Return a page of the timeline of a project, newest first, see `read_timeline`."""
        with self._store.read() as snapshot:
            return read_timeline(snapshot, access.project_id, request, wanted)

    def _make_note(self, access: Access, content: str, *, before: datetime) -> Note:
        return Note.create(content, username=access.username, before=before, now=self._clock())


def _place(note: PlacedNote | MetricNoteModel) -> tuple[int, int, str, str, str]:
    """Return the place of a note in the order of `list_chip_notes`, which is unique among the notes of a chip."""
    if isinstance(note, MetricNoteModel):
        rank = _KINDS.index(f"{note.target_type}_metric")
        return rank, 0, _make_number_key(note.target_id), note.metric_key, note.scope_key
    scope, edited = note.place.scope, note.note.updated_at
    is_of_result = scope is NoteScope.TASK_RESULT and edited is not None
    age = -int(edited.timestamp() * 1e6) if is_of_result and edited is not None else 0
    return _KINDS.index(scope), age, _make_number_key(note.place.target_id), "", ""


def _make_number_key(target_id: str) -> str:
    """Return a text that is in the order of `by_number`."""
    return "-".join(f"{length:03}{part}" for length, part in by_number(target_id))


def _make_condition(time_range: OpenRange) -> Range | None:
    check_range(time_range)
    return None if time_range == ALWAYS else Range(least=time_range[0], below=time_range[1])
