"""Notes on a target and on its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.note import NoteScope
from qdash_ui_streamlit.forms.note import NoteSubject, note_form

if TYPE_CHECKING:
    from qdash_core.documents.chips import ChipDocument
    from qdash_ui_streamlit.pages.target_data import TargetData
    from qdash_ui_streamlit.showing.targets import TargetKind
    from qdash_ui_streamlit.view import View


def target_note(view: View, kind: TargetKind, chip: ChipDocument, target_id: str) -> None:
    """Draw the note on a target."""
    noted = NoteSubject(
        key=f"{chip.chip_id}.{target_id}",
        called=f"{kind.word} {target_id}",
        read=kind.read_note,
        write=kind.write_note,
        place=(chip.chip_id, target_id),
        scope=NoteScope(kind.word),
        target_id=target_id,
        chip_id=chip.chip_id,
    )
    note_form(view, noted)


def metric_note(view: View, seen: TargetData, metric: str) -> None:
    """Draw the note on a metric of a target for the current cool-down, or for all time without one."""
    chip_id, target_id = seen.chip.chip_id, seen.target.id
    title = seen.metrics[metric].title if metric in seen.metrics else metric
    noted = NoteSubject(
        key=f"{chip_id}.{target_id}.{metric}",
        called=f"{title} of {seen.kind.word} {target_id}",
        read=seen.kind.read_metric_note,
        write=seen.kind.write_metric_note,
        place=(chip_id, target_id, metric),
        scope=NoteScope(f"{seen.kind.word}_metric"),
        target_id=target_id,
        chip_id=chip_id,
        metric=metric,
    )
    note_form(view, noted)
