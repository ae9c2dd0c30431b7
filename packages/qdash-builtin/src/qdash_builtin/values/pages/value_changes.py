"""Texts of changes of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_core.models.chip_judgement import FitnessChange
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import format_value, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_builtin.values.views.values import ChangedValueDocument, ValueEventDocument, ValueEventHeader
    from qdash_ui_streamlit.view import View

_MOST_NAMED = 4
_WORDS = {
    "calibrated": "measured by a run",
    "turned": "direction set by a run",
    "set": "set by hand",
    "used": "result chosen",
    "imported": "imported",
    "adopted": "simulated values adopted",
    "converted": "units converted",
}


def describe_kind(event: ValueEventHeader) -> str:
    """Return the kind of an event as text, with the event that undid it."""
    return _describe_kind(event) + (f", undone by event {event.undone_by}" if event.undone_by else "")


def _describe_kind(event: ValueEventHeader) -> str:
    if event.undoes is not None:
        return f"undid event {event.undoes}{f' (commit of value scope {event.scope})' if event.scope else ''}"
    if event.scope is not None:
        return f"value scope {event.scope} committed"
    if event.kind == "reverted":
        return f"reverted to {event.source}"
    if event.kind == "imported" and event.source:
        return f"imported from {event.source}"
    return _WORDS.get(event.kind, str(event.kind))


def format_change(change: ChangedValueDocument, titles: Mapping[str, str]) -> str:
    """Return a changed value as text: `T1 of 0: 88.0(12) µs → 20.1(4) µs`; titles of parameters as of `load_titles`."""
    values = f"{format_value_or_none(change.before)} → {format_value_or_none(change.after)}"
    return f"{titles.get(change.parameter, change.parameter)} of {change.target}: {values}"


def list_changes(event: ValueEventDocument, titles: Mapping[str, str]) -> list[str]:
    """Return the changed values of an event as text, then the changes of fitness: `54 is fit again`."""
    fitness = {
        qid: FitnessChange(one.before, one.after, tuple(one.reasons or ()))
        for qid, one in (event.fitness or {}).items()
    }
    return [
        *(format_change(one, titles) for one in event.changes),
        *(use_unit_symbols(f"{qid} is {one}") for qid, one in fitness.items()),
    ]


def format_value_or_none(value: ValueDocument | None) -> str:
    """Return a value as text, `88.0(12) µs`, or `none`."""
    return (
        "none" if value is None else format_value(value["value"], value.get("error"), value.get("unit", ""))
    )


def describe_changes(view: View, event: ValueEventDocument) -> str:
    """Return the changes of an event as Markdown, with its number."""
    every = list_changes(event, load_titles(view))
    changes = every[:_MOST_NAMED]
    rest = len(every) - len(changes)
    more = f", and {rest} more" if rest > 0 else ""
    what = escape_markdown(", ".join(changes)) + more if changes else "No value in use changed"
    address = view.link("chip", chip=event.chip_id, view="changes")
    return f"{what}. Undo it with event {event.number} in the [changes]({address})."
