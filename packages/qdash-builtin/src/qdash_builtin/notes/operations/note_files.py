"""Operations of the files of notes."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import Field

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.answers import FILE_TYPE, list_attachments, send_attachment, send_thumbnail
from qdash_builtin.attachments.file_markdown import list_files
from qdash_builtin.attachments.pictures import THUMBNAIL_TYPE
from qdash_builtin.attachments.requests import FileName
from qdash_builtin.attachments.views import AttachmentDocument
from qdash_builtin.notes.feature import NOTE_FILES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_files import NotedObject
from qdash_builtin.notes.views import NoteDocument, NoteEventDocument
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.path_parts import Name
from qdash_core.documents.pages import PageOf
from qdash_core.errors import NotFoundError
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("note_files", place=280)
E = TypeVar("E", bound=NoteEventDocument)

_PATH = "/note-files/{scope}/{target_id}"
_Scope = Annotated[NoteScope, Field(description="Kind of the object with the notes.")]
_TargetId = Annotated[Name, Field(description="Id of the object; that of the qubit or coupling of a metric.")]
_ChipId = Annotated[
    str,
    Field(max_length=128, description="Chip of the qubit or coupling; needed for these and their metrics."),
]
_Metric = Annotated[str, Field(max_length=100, description="The metric, for notes on a metric.")]


@operations.put(f"{_PATH}/{{name}}", needs=RequiredRole.EDITOR, slow=True, largest_body=TEXT_FILES.size)
def attach_to_note(
    call: Call,
    scope: _Scope,
    target_id: _TargetId,
    name: FileName,
    contents: RawBody,
    chip_id: _ChipId = "",
    metric_key: _Metric = "",
) -> AttachmentDocument:
    """Attach a file to the notes on an object, in place of one of the same name. Pictures lose their metadata."""
    key = _make_key(call, scope, target_id, chip_id, metric_key)
    return AttachmentDocument.from_record(call.qdash.get(NOTE_FILES).add(call.access, key, name, contents))


@operations.get(_PATH, needs=RequiredRole.VIEWER)
def list_files_of_note(
    call: Call, scope: _Scope, target_id: _TargetId, chip_id: _ChipId = "", metric_key: _Metric = ""
) -> PageOf[AttachmentDocument]:
    """List the files of the notes on an object, by name."""
    key = _make_key(call, scope, target_id, chip_id, metric_key)
    return list_attachments(call, call.qdash.get(NOTE_FILES), key)


@operations.get(
    f"{_PATH}/{{name}}", needs=RequiredRole.VIEWER, slow=True, versioned=True, media_type=FILE_TYPE
)
def download_from_note(
    call: Call,
    scope: _Scope,
    target_id: _TargetId,
    name: FileName,
    chip_id: _ChipId = "",
    metric_key: _Metric = "",
) -> FileAnswer:
    """Download a file of the notes on an object."""
    key = _make_key(call, scope, target_id, chip_id, metric_key)
    return send_attachment(call, call.qdash.get(NOTE_FILES), key, name)


@operations.get(
    f"{_PATH}/{{name}}/thumbnail",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    media_type=THUMBNAIL_TYPE,
)
def show_thumbnail_of_note(
    call: Call,
    scope: _Scope,
    target_id: _TargetId,
    name: FileName,
    chip_id: _ChipId = "",
    metric_key: _Metric = "",
) -> FileAnswer:
    """Return the thumbnail of a picture that is attached to a note."""
    key = _make_key(call, scope, target_id, chip_id, metric_key)
    return send_thumbnail(call, call.qdash.get(NOTE_FILES), key, name)


@operations.delete(f"{_PATH}/{{name}}", needs=RequiredRole.EDITOR)
def delete_file_of_note(
    call: Call,
    scope: _Scope,
    target_id: _TargetId,
    name: FileName,
    chip_id: _ChipId = "",
    metric_key: _Metric = "",
) -> AttachmentDocument:
    """Delete a file of the notes on an object."""
    key = _make_key(call, scope, target_id, chip_id, metric_key)
    return AttachmentDocument.from_record(call.qdash.get(NOTE_FILES).delete(call.access, key, name))


def add_files(call: Call, note: NoteDocument) -> NoteDocument:
    """Return a note with all files of the notes on its object."""
    return note.model_copy(update={"attachments": _find_files(call, note) or None})


def add_named_files(call: Call, event: E) -> E:
    """Return an edit of a note with those files that its text names."""
    named = list_files(event.content or "")
    if not named:
        return event
    files = [one for one in _find_files(call, event) if one.name in named]
    return event.model_copy(update={"attachments": files or None})


def _find_files(call: Call, note: NoteDocument | NoteEventDocument) -> list[AttachmentDocument]:
    """Return the files of the notes on an object; none if it was deleted and never had any."""
    key = NotedObject(note.scope, note.target_id, note.chip_id or "", note.metric_key or "")
    try:
        found = call.qdash.get(NOTE_FILES).list_by_record(call.access, key)
    except NotFoundError:
        return []
    return [AttachmentDocument.from_record(one) for one in found]


def _make_key(call: Call, scope: NoteScope, target_id: str, chip_id: str, metric_key: str) -> NotedObject:
    if scope is NoteScope.TASK_RESULT:
        target_id = resolve_result_id(call, target_id)
    return NotedObject(scope, target_id, chip_id, metric_key)
