"""Notes on the metrics of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.operations.metric_notes import note_metric_of_target, show_metric_note_of_target
from qdash_builtin.notes.pages.note_editor import NoteSubject, draw_note
from qdash_builtin.notes.pages.note_period import draw_note_period
from qdash_ui_streamlit.forms.time_params import format_time

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View


def draw_metric_note(view: View, data: TargetData, metric: str) -> None:
    """Draw the note on a metric of a target for the current cool-down, else for all time, or for a time range."""
    chip_id, target_id = data.chip.chip_id, data.target.id
    period = draw_note_period(view, data.chip.current_cooldown_id)
    if period is None:
        return
    title = data.metrics[metric].title if metric in data.metrics else metric
    subject = NoteSubject(
        key=".".join([chip_id, target_id, metric, *map(format_time, period.arguments().values())]),
        label=f"{title} of {data.kind.word} {target_id}",
        read=show_metric_note_of_target,
        write=note_metric_of_target,
        path=(chip_id, target_id, metric),
        scope=NoteScope(f"{data.kind.word}_metric"),
        target_id=target_id,
        chip_id=chip_id,
        metric=metric,
        period=period,
    )
    draw_note(view, subject)
