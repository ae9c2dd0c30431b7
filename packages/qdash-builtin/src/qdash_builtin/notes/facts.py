"""Facts about a subject from notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import NoteScope
from qdash_core.models.facts import Fact
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_builtin.notes.model import NoteEventModel
    from qdash_builtin.notes.service import NoteService
    from qdash_core.models.access import Access
    from qdash_core.models.facts import FactSubject

_MOST_EDITS = 200


def list_note_facts(notes: NoteService, access: Access, subject: FactSubject) -> list[Fact]:
    """Return the notes about a subject that were edited in its time, newest first; the one on its result before the others."""
    edits = notes.list_chip_events(
        access, subject.chip_id, time_range=(subject.since, subject.until), limit=_MOST_EDITS
    )
    kept = [one for one in iter_present(edits) if _concerns(one, subject)]
    kept.sort(key=lambda one: one.target_id != subject.task_id)
    return [
        Fact(
            "Notes",
            f"note on {name_subject(one)}",
            one.content,
            one.created_at,
            Reference("note", str(one.seq)),
            one.actor,
        )
        for one in kept
    ]


def iter_present(edits: Iterable[NoteEventModel]) -> Iterator[NoteEventModel]:
    """Yield the last edit of each note that was not cleared, of edits newest first."""
    seen = set()
    for edit in edits:
        place = edit.scope, edit.target_id, edit.metric_key, edit.extra.get("scope_key")
        if place not in seen and edit.action == "upsert":
            yield edit
        seen.add(place)


def _concerns(edit: NoteEventModel, subject: FactSubject) -> bool:
    target = edit.extra.get("qid", "") if edit.scope is NoteScope.TASK_RESULT else edit.target_id
    return not subject.targets or edit.scope is NoteScope.CHIP or target in subject.targets


def name_subject(edit: NoteEventModel) -> str:
    if edit.scope is NoteScope.TASK_RESULT and "task_name" in edit.extra:
        return f"result {edit.extra['task_name']} of {edit.extra.get('qid') or 'the chip'}"
    scope = edit.scope.removesuffix("_metric").replace("_", " ")
    return (
        f"{edit.metric_key} of {scope} {edit.target_id}" if edit.metric_key else f"{scope} {edit.target_id}"
    )
