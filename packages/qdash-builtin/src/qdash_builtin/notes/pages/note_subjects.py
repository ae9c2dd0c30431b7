"""Subjects of notes by the kind and id of the noted object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.notes.model import GLOBAL_SCOPE, NoteScope
from qdash_builtin.notes.operations.metric_notes import note_metric_of_target, show_metric_note_of_target
from qdash_builtin.notes.operations.notes import (
    note_chip,
    note_cooldown,
    note_cryostat,
    note_result,
    note_target,
    show_note_of_chip,
    show_note_of_cooldown,
    show_note_of_cryostat,
    show_note_of_result,
    show_note_of_target,
)
from qdash_builtin.notes.pages.note_editor import NoteSubject
from qdash_builtin.notes.pages.note_period import NotePeriod
from qdash_core.models.targets import get_target_kind

if TYPE_CHECKING:
    from qdash_builtin.notes.views import NoteDocument, NoteEventDocument, TimelineNoteDocument
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

WORDS = {
    NoteScope.CHIP: "chip",
    NoteScope.QUBIT: "qubit",
    NoteScope.QUBIT_METRIC: "metric of a qubit",
    NoteScope.COUPLING: "coupling",
    NoteScope.COUPLING_METRIC: "metric of a coupling",
    NoteScope.TASK_RESULT: "result",
    NoteScope.CRYOSTAT: "cryostat",
    NoteScope.COOLDOWN: "cool-down",
}
"""Names of the kinds of noted objects."""
_OPERATIONS: dict[NoteScope, tuple[Operation[..., NoteDocument], Operation[..., NoteDocument]]] = {
    NoteScope.CHIP: (show_note_of_chip, note_chip),
    NoteScope.QUBIT: (show_note_of_target, note_target),
    NoteScope.COUPLING: (show_note_of_target, note_target),
    NoteScope.TASK_RESULT: (show_note_of_result, note_result),
    NoteScope.CRYOSTAT: (show_note_of_cryostat, note_cryostat),
    NoteScope.COOLDOWN: (show_note_of_cooldown, note_cooldown),
}


def make_note_subject(scope: NoteScope, target_id: str, chip_id: str) -> NoteSubject:
    """Return the subject of a note that is not on a metric."""
    return NoteSubject(
        key=f"{scope}.{chip_id}.{target_id}",
        label=f"{WORDS[scope]} {target_id}",
        read=_OPERATIONS[scope][0],
        write=_OPERATIONS[scope][1],
        path=(chip_id, target_id) if scope in (NoteScope.QUBIT, NoteScope.COUPLING) else (target_id,),
        scope=scope,
        target_id=target_id,
        chip_id=chip_id,
    )


def make_timeline_subject(view: View, note: TimelineNoteDocument) -> NoteSubject | None:
    """Return the subject of a note, or None for a note on a metric that is valid always.

    The host reads and writes notes on metrics of a chip in a cool-down for this cool-down.
    """
    chip_id = note.chip_id or ""
    if note.metric_key is None:
        return make_note_subject(note.scope, note.target_id, chip_id)
    key = note.extra.get("scope_key", GLOBAL_SCOPE)
    period = NotePeriod.from_scope_key(key)
    if period is None:
        return None
    return NoteSubject(
        key=f"timeline.{chip_id}.{note.target_id}.{note.metric_key}.{key}",
        label=_describe_metric(view, note.metric_key, note.target_id),
        read=show_metric_note_of_target,
        write=note_metric_of_target,
        path=(chip_id, note.target_id, note.metric_key),
        scope=note.scope,
        target_id=note.target_id,
        chip_id=chip_id,
        metric=note.metric_key,
        period=period,
    )


def describe_subject(view: View, note: NoteEventDocument) -> str:
    """Return the noted object for users: `T1 of qubit 3`."""
    task = note.extra.get("task_name")
    if task is not None:
        target = note.extra.get("qid")
        return f"{task} on {target}" if target else task
    if note.metric_key is not None:
        return _describe_metric(view, note.metric_key, note.target_id)
    return f"{WORDS[note.scope]} {note.target_id}"


def _describe_metric(view: View, metric: str, target: str) -> str:
    return f"{load_titles(view).get(metric, metric)} of {get_target_kind(target)} {target}"


def describe_period(view: View, note: NoteEventDocument) -> str:
    """Return the period of a note on a metric in the user's time zone, or an empty text for other notes."""
    if note.metric_key is None:
        return ""
    period = NotePeriod.from_scope_key(note.extra.get("scope_key", GLOBAL_SCOPE))
    if period is None:
        return "valid always"
    if period.since is None or period.until is None:
        return f"valid in cool-down {period.cooldown_id}"
    return f"valid {view.moment(period.since)} to {view.moment(period.until)}"
