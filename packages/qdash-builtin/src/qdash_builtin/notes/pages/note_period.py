"""Period of a note on a metric, in the URL: the default (current cool-down, else always), or a time range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.forms.time_params import draw_time_input, format_time, read_time

if TYPE_CHECKING:
    from qdash_builtin.notes.views import NoteDocument
    from qdash_ui_streamlit.view import View

SINCE, UNTIL = "note_since", "note_until"
"""Query parameters of the time range."""
_KEY = "note.period"
_DEFAULT, _RANGE = "default", "range"
_RANGE_KEY = re.compile(r"time_range:(.+Z):(.+Z)")
"""Scope of a note on a time range."""
_DEFAULT_LENGTH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NotePeriod:
    """Time range from `since` (inclusive) to `until` (exclusive), or cool-down of a note.

    Without either, it is the current cool-down or, without one, always.
    """

    since: datetime | None = None
    until: datetime | None = None
    cooldown_id: str | None = None

    @classmethod
    def from_scope_key(cls, key: str) -> NotePeriod | None:
        """Return the period of a note from its scope, or None for a note that is valid always."""
        kind, _, rest = key.partition(":")
        if kind == "cooldown":
            return cls(cooldown_id=rest)
        found = _RANGE_KEY.fullmatch(key)
        if found is None:
            return None
        return cls(datetime.fromisoformat(found[1]), datetime.fromisoformat(found[2]))

    def arguments(self) -> dict[str, Any]:
        """Return the period as arguments of the operations on a note of a metric."""
        if self.cooldown_id is not None:
            return {"cooldown_id": self.cooldown_id}
        return {} if self.since is None or self.until is None else {"since": self.since, "until": self.until}


DEFAULT_PERIOD = NotePeriod()


def draw_note_period(view: View, cooldown_id: str | None) -> NotePeriod | None:
    """Draw the choice of the period of a note, with the current cool-down; return it, or None if it is incomplete."""
    period = NotePeriod(read_time(view, SINCE), read_time(view, UNTIL))
    chosen = _RANGE if period.since or period.until else _DEFAULT
    if not view.edits and chosen == _DEFAULT:
        return period
    names = {_DEFAULT: f"Cool-down {cooldown_id}" if cooldown_id else "Always", _RANGE: "Time range …"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state[_KEY] = chosen
        st.segmented_control(
            "Note valid",
            list(names),
            format_func=names.__getitem__,
            key=_KEY,
            on_change=_set_kind,
            args=(view,),
        )
        if chosen == _RANGE:
            draw_time_input(view, SINCE, period.since)
            draw_time_input(view, UNTIL, period.until)
    if chosen == _DEFAULT:
        return period
    if period.since is None or period.until is None or period.since >= period.until:
        st.error("Enter a start and a later end of the time range.", icon=":material/error:")
        return None
    return period


def make_period_params(note: NoteDocument) -> dict[str, str]:
    """Return the query parameters that open a note in its time range on the page of its target."""
    begin, end = note.scope_started_at, note.scope_ended_at
    if begin is None or end is None:
        return {}
    return {SINCE: format_time(begin), UNTIL: format_time(end)}


def describe_validity(view: View, note: NoteDocument) -> str:
    """Return the period of a note on a metric as text in the user's time zone; empty for other notes."""
    if note.cooldown_id is not None:
        return f"in cool-down {note.cooldown_id}"
    if note.scope_started_at is None or note.scope_ended_at is None:
        return "" if note.scope_type is None else "always"
    return f"{view.moment(note.scope_started_at)} to {view.moment(note.scope_ended_at)}"


def _set_kind(view: View) -> None:
    now = view.now().replace(second=0, microsecond=0)
    is_range = st.session_state[_KEY] == _RANGE
    since, until = (format_time(now - _DEFAULT_LENGTH), format_time(now)) if is_range else (None, None)
    view.set_params(**{SINCE: since, UNTIL: until})
