"""Repositories of notes on metrics, and of edits of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import MetricNoteModel, NoteEventModel, NoteFilesModel, NoteScope
from qdash_core.errors import NotFoundError
from qdash_core.models.execution import EventModel
from qdash_core.repositories.base import Repository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.store import Range, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import Any

    from qdash_builtin.notes.model import MetricScope
    from qdash_core.models.base import Note
    from qdash_core.models.pages import Page, PageRequest


class MetricNoteRepository(Repository[MetricNoteModel]):
    """The current note on each metric of each target in each scope."""

    collection = "metric_note"
    model = MetricNoteModel

    def find(
        self,
        project_id: str,
        chip_id: str,
        target_type: str,
        target_id: str,
        metric_key: str,
        scope_key: str,
    ) -> MetricNoteModel | None:
        """Return the note on a metric in exactly this scope, or None."""
        return self._get((project_id, chip_id, target_type, target_id, metric_key, scope_key))

    def list_by_metric(self, about: MetricNoteModel) -> list[MetricNoteModel]:
        """Return the notes on the same metric of the same target, whatever their scope."""
        fields = ("project_id", "chip_id", "target_type", "target_id", "metric_key")
        return self.select(about.model_dump(include={*fields}))

    def put(self, note: MetricNoteModel) -> None:
        """Store a note, replacing an earlier one on the same metric in the same scope."""
        self._put(note)

    def list_by_scope(self, project_id: str, chip_id: str, scope_key: str) -> list[MetricNoteModel]:
        """Return the notes on a chip's metrics in exactly this scope."""
        return self.select({"project_id": project_id, "chip_id": chip_id, "scope_key": scope_key})

    def list_within_range(
        self, project_id: str, chip_id: str, started_at: datetime, ended_at: datetime | None
    ) -> list[MetricNoteModel]:
        """Return the notes on a chip's metrics whose scope is a time range within this one."""
        where = {
            "project_id": project_id,
            "chip_id": chip_id,
            "scope_started_at": Range(least=started_at, most=ended_at),
            "scope_ended_at": Range(most=ended_at),
        }
        return [note for note in self.select(where) if note.scope_type == "time_range"]

    def list_overlapping(
        self, project_id: str, chip_id: str, started_at: datetime | None, ended_at: datetime | None
    ) -> list[MetricNoteModel]:
        """Return the notes on a chip's metrics whose scope overlaps with a time range; None for no limit."""
        where = {
            "project_id": project_id,
            "chip_id": chip_id,
            "scope_started_at": Range(below=ended_at),
        }
        return [
            note
            for note in self.select(where)
            if started_at is None or note.scope_ended_at is None or note.scope_ended_at > started_at
        ]

    def update_range(self, project_id: str, chip_id: str, scope: MetricScope) -> None:
        """Update the time range of the notes of a scope, if it has changed."""
        bounds = scope.model_dump(include={"scope_started_at", "scope_ended_at"})
        with self._open_transaction() as transaction:
            notes = type(self)(transaction)
            for note in notes.list_by_scope(project_id, chip_id, scope.scope_key):
                notes.put(note.model_copy(update=bounds))


class NoteEventRepository(Repository[NoteEventModel]):
    """Append-only log of all edits of notes."""

    collection = "note_event"
    model = NoteEventModel

    def append(
        self,
        note: Note,
        project_id: str,
        scope: NoteScope,
        target_id: str,
        *,
        chip_id: str = "",
        metric_key: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        """Record that a note was written or cleared, in the log of notes and for the listeners of events."""
        assert note.updated_at is not None, "it was written some time"
        event = NoteEventModel(
            project_id=project_id,
            chip_id=chip_id,
            scope=scope,
            target_id=target_id,
            metric_key=metric_key,
            action="upsert" if note.content else "delete",
            actor=note.updated_by,
            content=note.content,
            extra={**(extra or {})},
            created_at=note.updated_at,
            updated_at=note.updated_at,
        )
        with self._open_transaction() as transaction:
            transaction.append(self.collection, event.to_document())
            EventRepository(transaction).append(_make_log_event(event))

    def require(self, project_id: str, seq: int) -> NoteEventModel:
        """Return the edit with this number; NotFoundError if the project has none."""
        event = self._get((seq,))
        if event is None or event.project_id != project_id:
            raise NotFoundError(f"there is no edit {seq} of a note in project {project_id}")
        return event

    def list_by_chip(
        self,
        project_id: str,
        chip_id: str,
        *,
        made: Range | None = None,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits about a chip, newest first; `after` is the last one of the previous page."""
        return self._list_newest({"project_id": project_id, "chip_id": chip_id} | _during(made), limit, after)

    def list_by_target(
        self,
        project_id: str,
        scope: NoteScope,
        target_id: str,
        *,
        chip_id: str | None = None,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits of the notes on one target, newest first.

        `chip_id` tells apart equal qubit ids.
        """
        where = {"project_id": project_id, "scope": scope, "target_id": target_id}
        return self._list_newest(where | ({} if chip_id is None else {"chip_id": chip_id}), limit, after)

    def page(
        self,
        project_id: str,
        request: PageRequest,
        *,
        chip_id: str | None = None,
        target: tuple[NoteScope, str] | None = None,
        text: str | None = None,
        made: Range | None = None,
    ) -> Page[NoteEventModel]:
        """Return a page of the edits in a project, newest first, filtered by chip, target, words or time."""
        where: dict[str, Any] = {"project_id": project_id, **_during(made)}
        where |= {} if chip_id is None else {"chip_id": chip_id}
        where |= {} if target is None else {"scope": target[0], "target_id": target[1]}
        where |= {} if text is None else {"content": Words(text)}
        return self._page(where, request, order=("-created_at",))

    def page_selected(
        self, where: Mapping[str, Any], request: PageRequest, selects: Callable[[NoteEventModel], bool]
    ) -> Page[NoteEventModel]:
        """Return a page of the edits that meet conditions and that a function selects, newest first; it may be short."""
        return self._page_selected(where, request, selects, order=("-created_at",))

    def _list_newest(
        self, where: Mapping[str, Any], limit: int | None, after: NoteEventModel | None
    ) -> list[NoteEventModel]:
        behind = None if after is None else (after.created_at, after.seq)
        return self.select(where, order=("-created_at",), limit=limit, after=behind)


class NoteFilesRepository(Repository[NoteFilesModel]):
    """Files of the notes on each object."""

    collection = "note_files"
    model = NoteFilesModel

    def find(
        self, project_id: str, scope: NoteScope, chip_id: str, target_id: str, metric_key: str
    ) -> NoteFilesModel | None:
        """Return the files of the notes on an object, or None if none was ever attached."""
        return self._get((project_id, scope, chip_id, target_id, metric_key))

    def put(self, files: NoteFilesModel) -> None:
        """Store the files of the notes on an object."""
        self._put(files)

    def remove(self, files: NoteFilesModel) -> None:
        """Remove the record of an object without files."""
        with self._open_transaction() as transaction:
            key = files.model_dump(include={*self._get_key_fields()}, mode="json")
            transaction.delete(self.collection, key)


def _make_log_event(edit: NoteEventModel) -> EventModel:
    """Return the event of an edit, without its text."""
    of_result = edit.scope is NoteScope.TASK_RESULT
    return EventModel(
        project_id=edit.project_id,
        kind="note.written" if edit.content else "note.cleared",
        chip_id=edit.chip_id,
        task_id=edit.target_id if of_result else "",
        data={
            "scope": str(edit.scope),
            "target_id": edit.target_id,
            **({"metric": edit.metric_key} if edit.metric_key else {}),
            "username": edit.actor,
        },
    )


def _during(made: Range | None) -> dict[str, Any]:
    return {} if made is None else {"created_at": made}
