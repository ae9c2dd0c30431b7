"""Notes view of a chip: the notes on the chip, its targets, metrics and results, in a cool-down or time range."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_builtin.metrics.pages.specification import get_scale
from qdash_builtin.metrics.pages.value_selection import draw_period_selector
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.operations.notes import notes_of_chip
from qdash_builtin.notes.pages.note_files import name_files
from qdash_builtin.notes.pages.note_period import describe_validity, make_period_params
from qdash_builtin.notes.requests import ListPeriod, WrittenRange
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_builtin.notes.views import NoteDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_BEGIN_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Start of a range that contains every note."""
_COLUMNS = (
    Column("subject", "On", link="href"),
    Column("metric", "Metric"),
    Column("valid", "Valid", help="Period of a note on a metric"),
    Column("text", "Note"),
    Column("by", "By", "user"),
    Column("at", "Written", "time"),
)


def render(view: View, chip_id: str) -> None:
    """Draw the notes of a chip, with the choice of the time."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = draw_period_selector(view, chip_id, "Time").arguments()
    _draw_notes(view, chip_id, period or {"since": _BEGIN_OF_TIME})


@fragment
def _draw_notes(view: View, chip_id: str, period: Mapping[str, Any]) -> None:
    rerun_on_events("chip.notes.rerun", ALL, chip_id=chip_id, at_most_every_s=5.0)
    definitions = view.ask(metric_definitions)
    rows = [
        _make_row(view, one, definitions)
        for one in view.every(notes_of_chip.paged(limit=_PAGE), chip_id, ListPeriod(**period), WrittenRange())
        if one.note is not None
    ]
    table(
        view,
        _COLUMNS,
        rows,
        key="chip.notes",
        label=f"Notes of chip {chip_id}",
        empty="No notes in this time. Notes are written on the pages of qubits, couplings and results.",
    )


def _make_row(view: View, one: NoteDocument, definitions: MetricDefinitionsDocument) -> dict[str, Any]:
    assert one.note is not None, "a listed note has a text"
    row = {"text": name_files(one.note.content), "by": one.note.updated_by, "at": one.note.updated_at}
    chip_id = one.chip_id or ""
    match one.scope:
        case NoteScope.CHIP:
            return {**row, "subject": f"chip {chip_id}"}
        case NoteScope.TASK_RESULT:
            subject = f"{one.task_name} on {one.qid}" if one.qid else one.task_name
            return {**row, "subject": subject, "href": view.link("result", result=one.target_id)}
    kind = get_target_kind(one.target_id)
    row["subject"] = f"{kind} {one.target_id}"
    if one.metric_key is None:
        return {**row, "href": make_target_url(view, chip_id, one.target_id)}
    scale = get_scale(one.metric_key, definitions.get_metrics(kind).get(one.metric_key))
    place = {"metric": one.metric_key, **make_period_params(one)}
    return {
        **row,
        "metric": scale.title,
        "valid": describe_validity(view, one),
        "href": make_target_url(view, chip_id, one.target_id, **place),
    }
