"""Text output of notes and their edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.cli.rendering.output import say, table
from qdash_core.cli.rendering.times import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.documents.notes import NoteDocument, NoteEventDocument, NoteText
    from qdash_core.models.note import NoteScope


def note_line(note: NoteText | None, zone: ZoneInfo) -> str:
    """Return a note in one line, with its author and time, or nothing if there is none."""
    if note is None or not note.content:
        return ""
    return f"{' '.join(note.content.split())} ({note.updated_by}, {moment(note.updated_at, zone)})"


def noted_on(document: NoteDocument) -> str:
    """Return the subject of a note, such as `t1 of qubit 3 of lab`."""
    target = _name_target(document.scope, document.target_id, (document.task_name, document.qid))
    return _name_metric(document.metric_key, target, document.chip_id, document.scope)


def show_note(document: NoteDocument, zone: ZoneInfo) -> None:
    """Print a whole note, or a message if there is none."""
    note, on = document.note, noted_on(document)
    if note is None:
        say(f"there is no note on {on}")
    elif not note.content:
        say(f"there is no note on {on}: {note.updated_by} cleared it at {moment(note.updated_at, zone)}")
    else:
        held = "" if document.scope_type is None else f", {_format_scope(document, zone)}"
        say(f"{on}{held} ({note.updated_by}, {moment(note.updated_at, zone)}):\n{note.content}")


def list_notes(documents: Sequence[NoteDocument], zone: ZoneInfo) -> None:
    """Print the notes of one chip as a table."""
    table(
        ("on", "metric", "holds", "result", "by", "edited", "note"),
        (
            (
                _name_target(one.scope, one.target_id, (one.task_name, one.qid)),
                one.metric_key,
                _format_scope(one, zone),
                one.target_id if one.scope == "task_result" else None,
                one.note and one.note.updated_by,
                moment(one.note.updated_at if one.note else None, zone),
                one.note and one.note.content,
            )
            for one in documents
        ),
        fold=("note",),
    )


def list_events(documents: Sequence[NoteEventDocument], zone: ZoneInfo) -> None:
    """Print edits as a table."""
    table(
        ("edit", "when", "by", "on", "note"),
        (
            (
                one.seq,
                moment(one.created_at, zone),
                one.actor,
                _name_metric(one.metric_key, _name_event_target(one), one.chip_id, one.scope),
                one.content or "(cleared)",
            )
            for one in documents
        ),
        fold=("note",),
    )


def _format_scope(document: NoteDocument, zone: ZoneInfo) -> str:
    match document.scope_type:
        case "cooldown":
            return f"in cool-down {document.cooldown_id}"
        case "time_range":
            begin, end = (moment(at, zone) for at in (document.scope_started_at, document.scope_ended_at))
            return f"{begin} to {end}"
        case "global":
            return "always"
        case None:
            return ""


def _name_event_target(event: NoteEventDocument) -> str:
    return _name_target(event.scope, event.target_id, (event.extra.get("task_name"), event.extra.get("qid")))


def _name_target(scope: NoteScope, target_id: str, measured: tuple[str | None, str | None]) -> str:
    """Return the name of a target, such as `qubit 3`; for a task result task and target, `CheckT1 on 3`."""
    task_name, qid = measured
    if task_name is not None:
        return f"{task_name} on {qid}" if qid else task_name
    kind = scope.removesuffix("_metric").replace("cooldown", "cool-down").replace("_", " ")
    return f"{kind} {target_id}"


def _name_metric(metric_key: str | None, target: str, chip_id: str | None, scope: NoteScope) -> str:
    on_chip = f" of {chip_id}" if chip_id is not None and scope != "chip" else ""
    return f"{metric_key} of {target}{on_chip}" if metric_key else f"{target}{on_chip}"
