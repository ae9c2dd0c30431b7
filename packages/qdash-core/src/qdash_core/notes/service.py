"""Notes: written, cleared, looked at, searched. Every edit is logged in the transaction that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import Note, utc_now
from qdash_core.models.note import MetricNoteModel, NoteScope
from qdash_core.models.targets import coupling_id, qubit_id
from qdash_core.notes.scopes import resolve, visible
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.note import MetricScope, NoteEventModel, TargetType
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Document, Key, Store, Transaction


@dataclass(frozen=True, slots=True)
class NotePlace:
    """Where a note is: a chip, qubit, coupling, result, cryostat or cool-down.

    Parameters
    ----------
    scope : NoteScope
        Which of them.
    target_id : str
        Its id.
    chip_id : str
        The chip of a qubit or coupling.
    """

    scope: NoteScope
    target_id: str
    chip_id: str = ""


_FIELDS = {
    NoteScope.CHIP: ("chip", "note"),
    NoteScope.QUBIT: ("qubit", "note"),
    NoteScope.COUPLING: ("coupling", "note"),
    NoteScope.TASK_RESULT: ("task_result_history", "user_note"),
    NoteScope.CRYOSTAT: ("cryostat", "note"),
    NoteScope.COOLDOWN: ("cooldown", "note"),
}
"""Collection that holds the note, and the field."""


class NoteService:
    """Notes of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def edit(self, project_id: str, place: NotePlace, content: str, *, username: str) -> Note:
        """Write a note in place of the one there was; an empty one clears it.

        Raises
        ------
        NotFoundError
            If there is no such place.
        InvalidInputError
            If the note is too long, or is one on a metric: `edit_metric`.
        """
        if place.scope not in _FIELDS:
            raise InvalidInputError(
                f"a note on a metric has a scope of time: a note on {place.scope} has none"
            )
        collection, field = _FIELDS[place.scope]
        note = Note.written(content, username=username, now=self._clock())
        with self._store.transaction() as transaction:
            document = _existing(transaction, collection, project_id, place)
            if not note.content and not document.get(field, {}).get("content"):
                return Note.model_validate(document.get(field, {}))
            transaction.put(collection, {**document, field: note.model_dump()})
            Repositories(transaction).note_events.log(
                note,
                project_id,
                place.scope,
                str(_key(project_id, place)[-1]),
                chip_id=document.get("chip_id", ""),
                extra=_extra(place.scope, document),
            )
        return note

    def edit_metric(
        self,
        project_id: str,
        chip_id: str,
        target_type: TargetType,
        target_id: str,
        metric_key: str,
        content: str,
        *,
        username: str,
        cooldown_id: str | None = None,
        time_range: tuple[datetime, datetime] | None = None,
    ) -> MetricNoteModel:
        """Write the note on a metric in one scope in place of the one there was; an empty one clears it there.

        Parameters
        ----------
        project_id, chip_id, target_type, target_id, metric_key : str
            The metric, of a qubit or coupling.
        content : str
            What to write.
        username : str
            Who writes.
        cooldown_id, time_range
            The scope, as `notes.scopes.resolve` takes it.
        """
        if not metric_key:
            raise InvalidInputError("a note on a metric needs its name")
        place = NotePlace(NoteScope(target_type), target_id, chip_id)
        note = Note.written(content, username=username, now=self._clock())
        with self._store.transaction() as transaction:
            target = _existing(transaction, target_type, project_id, place)
            repositories = Repositories(transaction)
            scope = resolve(repositories, project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range)
            about = (project_id, chip_id, target_type, target["qid"], metric_key)
            former = repositories.metric_notes.find(*about, scope.scope_key)
            made = MetricNoteModel(
                project_id=project_id,
                chip_id=chip_id,
                target_type=target_type,
                target_id=target["qid"],
                metric_key=metric_key,
                note=note,
                created_at=self._clock() if former is None else former.created_at,
                updated_at=note.updated_at or self._clock(),
                **scope.model_dump(),
            )
            if not note.content and not _shows(repositories, made, scope):
                return made.model_copy(update={"note": Note()})
            repositories.metric_notes.put(made)
            repositories.note_events.log(
                note,
                project_id,
                NoteScope(f"{target_type}_metric"),
                target["qid"],
                chip_id=chip_id,
                metric_key=metric_key,
                extra={"scope_key": scope.scope_key},
            )
        return made

    def metric_notes(
        self,
        project_id: str,
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
            repositories.chips.require(project_id, chip_id)
            scope = resolve(repositories, project_id, chip_id, cooldown_id=cooldown_id, time_range=time_range)
            return [note for note in visible(repositories, project_id, chip_id, scope) if note.note.content]

    def noted_results(
        self, project_id: str, chip_id: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of a chip that carry a note, noted last first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(project_id, chip_id)
            return repositories.results.noted(project_id, chip_id, limit=limit)

    def of_chip(
        self, project_id: str, chip_id: str, *, limit: int | None = None, after: NoteEventModel | None = None
    ) -> list[NoteEventModel]:
        """Return the edits that concern a chip, newest first; `after` is the last one of the page before."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.of_chip(project_id, chip_id, limit=limit, after=after)

    def of_target(
        self,
        project_id: str,
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
                project_id, scope, target_id, chip_id=chip_id, limit=limit, after=after
            )

    def search(
        self, project_id: str, text: str, *, limit: int | None = None, after: NoteEventModel | None = None
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
            return Repositories(snapshot).note_events.search(project_id, text, limit=limit, after=after)


def _shows(repositories: Repositories, made: MetricNoteModel, scope: MetricScope) -> bool:
    """Whether there is anything to clear: a note of this scope, or one that shows in it from elsewhere."""
    shown = visible(repositories, made.project_id, made.chip_id, scope)
    return any(note.about == made.about and note.note.content for note in shown)


def _existing(transaction: Transaction, collection: str, project_id: str, place: NotePlace) -> Document:
    document = transaction.get(collection, _key(project_id, place))
    if document is None:
        on_chip = f" of chip {place.chip_id!r}" if place.chip_id else ""
        raise NotFoundError(
            f"there is no {place.scope.replace('_', ' ')} {place.target_id!r}{on_chip} in project {project_id}"
        )
    return document


def _key(project_id: str, place: NotePlace) -> Key:
    match place.scope:
        case NoteScope.QUBIT:
            return project_id, place.chip_id, qubit_id(place.target_id)
        case NoteScope.COUPLING:
            return project_id, place.chip_id, coupling_id(place.target_id)
        case _:
            return project_id, place.target_id


def _extra(scope: NoteScope, document: Document) -> dict[str, Any]:
    if scope is not NoteScope.TASK_RESULT:
        return {}
    return {"qid": document["qid"], "task_name": document["name"]}
