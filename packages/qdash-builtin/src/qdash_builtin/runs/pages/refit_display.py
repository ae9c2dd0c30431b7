"""Labels of refits and users' analyses: author and time of the new analysis, beside those of the measurement."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.models.analysis_names import name_analysis

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.runs.views.results import RecordedResult, ResultDocument
    from qdash_ui_streamlit.view import View


def describe_refit(view: View, result: RecordedResult | ResultDocument) -> str:
    """Return the label of a refit or a user's analysis with its time and author, as plain text; empty for a measurement."""
    if not result.refit_of:
        return ""
    return f"{name_analysis(result.analysis_model)} {format_moment(view, result.end_at)} by {result.username}"


def format_moment(view: View, moment: datetime | None) -> str:
    """Return a time in the user's time zone as plain text; `–` for None."""
    return view.moment(moment)


def get_shown_start(result: RecordedResult | ResultDocument) -> datetime | None:
    """Return the start of the measurement of a result; for an old refit that lacks it, its end."""
    measured = result.measurement
    return measured.start_at or measured.end_at


def format_times_html(view: View, result: RecordedResult) -> list[str]:
    """Return the end of the measurement, and the label of a refit with the author of the measurement, in HTML."""
    measured = result.measurement
    parts = [] if measured.end_at is None else [view.time(measured.end_at)]
    if result.refit_of:
        parts = [f"measured {part} by {escape(measured.username)}" for part in parts]
        parts.append(f"<strong>{escape(describe_refit(view, result))}</strong>")
    return parts
