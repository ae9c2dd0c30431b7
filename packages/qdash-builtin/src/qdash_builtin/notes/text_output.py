"""Text output of notes and their edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.notes.model import NoteScope
    from qdash_builtin.notes.views import NoteDocument, NoteEventDocument


def describe_subject(document: NoteDocument) -> str:
    """Return the subject of a note, such as `t1 of qubit 3 of lab`."""
    target = _describe_target(document.scope, document.target_id, (document.task_name, document.qid))
    return _join_subject(document.metric_key, target, document.chip_id, document.scope)


def print_note(document: NoteDocument, zone: ZoneInfo) -> None:
    """Print a whole note, or a message if there is none."""
    note, on = document.note, describe_subject(document)
    if note is None:
        print_message(f"there is no note on {on}")
    elif not note.content:
        print_message(
            f"there is no note on {on}: {note.updated_by} cleared it at {format_time(note.updated_at, zone)}"
        )
    else:
        held = "" if document.scope_type is None else f", {_describe_period(document, zone)}"
        print_message(
            f"{on}{held} ({note.updated_by}, {format_time(note.updated_at, zone)}):\n{note.content}"
        )
    if document.attachments:
        print_message(f"files: {', '.join(one.name for one in document.attachments)}")


def print_notes(documents: Sequence[NoteDocument], zone: ZoneInfo) -> None:
    """Print the notes of one chip as a table."""
    print_table(
        ("on", "metric", "holds", "result", "by", "edited", "note"),
        (
            (
                _describe_target(one.scope, one.target_id, (one.task_name, one.qid)),
                one.metric_key,
                _describe_period(one, zone),
                one.target_id if one.scope == "task_result" else None,
                one.note and one.note.updated_by,
                format_time(one.note.updated_at if one.note else None, zone),
                one.note and one.note.content,
            )
            for one in documents
        ),
        fold=("note",),
    )


def print_note_edits(documents: Sequence[NoteEventDocument], zone: ZoneInfo) -> None:
    """Print edits as a table."""
    print_table(
        ("edit", "when", "by", "on", "note"),
        (
            (
                one.seq,
                format_time(one.created_at, zone),
                one.actor,
                _join_subject(one.metric_key, _format_event_target(one), one.chip_id, one.scope),
                one.content or "(cleared)",
            )
            for one in documents
        ),
        fold=("note",),
    )


def _describe_period(document: NoteDocument, zone: ZoneInfo) -> str:
    match document.scope_type:
        case "cooldown":
            return f"in cool-down {document.cooldown_id}"
        case "time_range":
            begin, end = (
                format_time(at, zone) for at in (document.scope_started_at, document.scope_ended_at)
            )
            return f"{begin} to {end}"
        case "global":
            return "always"
        case None:
            return ""


def _format_event_target(event: NoteEventDocument) -> str:
    return _describe_target(
        event.scope, event.target_id, (event.extra.get("task_name"), event.extra.get("qid"))
    )


def _describe_target(scope: NoteScope, target_id: str, measured: tuple[str | None, str | None]) -> str:
    """Return the name of a target, such as `qubit 3`; for a task result task and target, `CheckT1 on 3`."""
    task_name, qid = measured
    if task_name is not None:
        return f"{task_name} on {qid}" if qid else task_name
    kind = scope.removesuffix("_metric").replace("cooldown", "cool-down").replace("_", " ")
    return f"{kind} {target_id}"


def _join_subject(metric_key: str | None, target: str, chip_id: str | None, scope: NoteScope) -> str:
    on_chip = f" of {chip_id}" if chip_id is not None and scope != "chip" else ""
    return f"{metric_key} of {target}{on_chip}" if metric_key else f"{target}{on_chip}"
