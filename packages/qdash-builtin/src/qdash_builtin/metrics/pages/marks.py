"""Marks of values in use: a symbol, the words, the reason, and the result that caused it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.models.judgement import Trust
from qdash_core.models.marks import Mark
from qdash_ui_streamlit.display.statuses import format_status_html

if TYPE_CHECKING:
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_core.models.marks import ValueMark
    from qdash_ui_streamlit.view import View

WORDS = {str(mark): mark.replace("-", " ") for mark in Mark}
"""Words for each mark, for pages and components."""
HELP = (
    "Too old: older than the age limit. Last failed: the newest measurement failed. Inputs moved: an input has changed by more "
    "than its usual scatter since. Disputed: a newer flagged result awaits a decision. Other cooldown: measured before the current "
    "cool-down. Contradicted: another value of the same execution contradicts it. No signal: measured before the signal was lost. "
    "Set broken: another part of its set has a newer origin. Setting changed: measured with another setting of a line "
    "or box. Trusted by user: a user trusts it until a time."
)
"""Tooltip of a column of marks."""


def make_mark_cell(view: View, value: ValueDocument) -> list[dict[str, Any]]:
    """Return the marks of a value as a table cell of kind `states`, each with its reason and a link to the result that caused it."""
    return [
        {
            "state": str(one.mark),
            "text": _describe_mark(one),
            "title": one.reason,
            "href": view.link("result", result=one.task_id) if one.task_id else None,
        }
        for one in value.get("mark_reasons", [])
    ]


def _describe_mark(one: ValueMark) -> str:
    """Return the words for a mark, after the trust that it leaves if that is lower."""
    return WORDS[one.mark] if one.trust is Trust.TRUSTED else f"{one.trust.words}: {WORDS[one.mark]}"


def format_marks_html(view: View, value: ValueDocument, told: set[str]) -> str:
    """Return the marks of a value as HTML with their reasons, each with a link to the result that caused it; empty without marks.

    A reason among those `told` before is only the tooltip; the others are added to them.
    """
    return "".join(_format_mark(one, told) for one in make_mark_cell(view, value))


def _format_mark(one: dict[str, Any], told: set[str]) -> str:
    reason = escape(one["title"])
    said = format_status_html(one["state"], one["text"]) + ("" if reason in told else f": {reason}")
    told.add(reason)
    inside = f"<a href='{escape(one['href'])}'>{said}</a>" if one["href"] else said
    return f"<br><small title='{reason}'>{inside}</small>"
