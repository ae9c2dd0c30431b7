"""Notes on time ranges as bands in figures of a metric over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from qdash_builtin.notes.operations.metric_notes import metric_notes_of_chip
from qdash_builtin.notes.requests import ListPeriod
from qdash_ui_streamlit.display.times import format_plot_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.notes.views import NoteDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_SHORT, _LINE, _LONGEST = 24, 60, 400
"""Lengths of a label, of a line of the tooltip, and of the whole tooltip."""
_COLOUR = "rgba(230, 159, 0, 0.18)"


@dataclass(frozen=True, slots=True)
class NoteBand:
    """Time range of a note on a metric, with its text and author."""

    target: str
    metric: str
    start: datetime
    end: datetime
    text: str
    author: str

    def describe(self) -> str:
        """Return the text and the author."""
        return f"{self.text} ({self.author})"


def list_note_bands(view: View, chip_id: str, times: Iterable[datetime]) -> list[NoteBand]:
    """Return the notes on metrics of a chip for time ranges that overlap with these times. One request per 200 notes."""
    shown = sorted(times)
    if not shown:
        return []
    period = ListPeriod(since=shown[0], until=shown[-1] + timedelta(seconds=1))
    found = view.every(metric_notes_of_chip.paged(limit=_PAGE), chip_id, period)
    return [band for one in found if (band := _make_band(one)) is not None]


def _make_band(note: NoteDocument) -> NoteBand | None:
    start, end, written = note.scope_started_at, note.scope_ended_at, note.note
    if note.scope_type != "time_range" or start is None or end is None or written is None:
        return None
    return NoteBand(note.target_id, note.metric_key or "", start, end, written.content, written.updated_by)


def clip_bands(bands: Iterable[NoteBand], start: datetime, end: datetime) -> list[NoteBand]:
    """Return the parts of bands between two times: Plotly would extend the axis to whole bands."""
    return [
        replace(band, start=max(band.start, start), end=min(band.end, end))
        for band in bands
        if band.start <= end and band.end >= start
    ]


def make_band_shapes(bands: Iterable[NoteBand], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the bands as shapes of a Plotly figure with dates as x."""
    return [
        {
            "type": "rect",
            "layer": "below",
            "yref": "paper",
            "x0": format_plot_time(band.start, zone),
            "x1": format_plot_time(band.end, zone),
            "y0": 0,
            "y1": 1,
            "fillcolor": _COLOUR,
            "line": {"width": 0},
        }
        for band in bands
    ]


def make_band_labels(bands: Iterable[NoteBand], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the beginnings of the notes as annotations of a Plotly figure, with the texts as tooltips."""
    return [
        {
            "x": format_plot_time(band.start, zone),
            "xanchor": "left",
            "yref": "paper",
            "y": 1,
            "yanchor": "top",
            "text": escape(shorten(band.text, _SHORT, placeholder=" …")) or "note",
            "hovertext": "<br>".join(map(escape, wrap(shorten(band.describe(), _LONGEST), _LINE))),
            "showarrow": False,
            "font": {"size": 11},
        }
        for band in bands
    ]
