"""Time window of a page in the URL: last hour, tonight, last night, since the cool-down, or from one time to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.models.nights import find_day_of_night, find_night, get_night
from qdash_ui_streamlit.forms.time_params import draw_time_input, format_time, is_day, read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from qdash_ui_streamlit.view import View

LAST_HOUR, TONIGHT, LAST_NIGHT, COOLDOWN = "1h", "18:00", "last-night", "cooldown"
"""Starts of windows in words of the URL, of which a digest understands all but the last."""
_WORDS = {
    LAST_HOUR: "last hour",
    TONIGHT: "tonight",
    LAST_NIGHT: "last night",
    COOLDOWN: "since the cool-down",
}
_ANY, _BETWEEN = "", "between"
_KEY = "window"
_DAY = timedelta(days=1)
# The buttons show their icons; their names are for screen readers.
_STYLE = f"""<style>
:is(.st-key-{_KEY}-previous, .st-key-{_KEY}-next) button p {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
</style>"""


@dataclass(frozen=True, slots=True)
class Window:
    """Time window: start (inclusive) and end (exclusive), None for none or an end that has not come yet."""

    since: datetime | None = None
    until: datetime | None = None

    def arguments(self) -> dict[str, datetime]:
        """Return the window as the arguments `since` and `until` of an operation, without those that are None."""
        given = {"since": self.since, "until": self.until}
        return {name: moment for name, moment in given.items() if moment is not None}


def read_window(view: View, find_cooldown: Callable[[], datetime | None] = lambda: None) -> Window:
    """Return the window in the URL; raise InvalidInputError if it is invalid.

    `find_cooldown` returns the start of the current cool-down, and is called only for that window.
    """
    now, word = view.now(), view.param("since")
    match word:
        case "1h":
            return Window(now.replace(second=0, microsecond=0) - timedelta(hours=1))
        case "18:00":
            start, _ = get_night(find_day_of_night(now, view.zone), view.zone)
            return Window(start)
        case "last-night" if night := find_night(LAST_NIGHT, view.zone, now=now):
            start, end = night
            return Window(start, end if end < now else None)
        case "cooldown":
            return Window(find_cooldown())
    return Window(read_time(view, "since"), read_time(view, "until"))


def draw_window(
    view: View,
    *,
    any_text: str = "any time",
    has_cooldown: bool = False,
    clears: Sequence[str] = (),
) -> None:
    """Draw the choice of the window in the URL; a change removes the query parameters `clears`."""
    since, until = view.param("since"), view.param("until")
    words = [one for one in _WORDS if one != COOLDOWN or has_cooldown]
    night = _name_night(view)
    is_named = since in _WORDS or night is not None
    kind = (since or _ANY) if is_named or (until is None and not _is_time(since)) else _BETWEEN
    st.session_state[_KEY] = kind
    st.selectbox(
        "Time",
        list(dict.fromkeys([_ANY, *words, *([kind] if kind not in (_ANY, _BETWEEN) else []), _BETWEEN])),
        format_func=lambda one: _format_kind(one, any_text, night),
        key=_KEY,
        on_change=_set_kind,
        args=(view, clears),
        width=215,
    )
    if kind == _BETWEEN:
        for name in ("since", "until"):
            draw_time_input(view, name, read_time(view, name), clears=clears)


def draw_night_arrows(view: View) -> None:
    """Draw the buttons of the night before and of the night after that of the window."""
    tonight = find_day_of_night(view.now(), view.zone)
    shown = _find_shown_night(view) or tonight
    st.html(_STYLE)
    for name, icon, night in (("previous", "left", shown - _DAY), ("next", "right", shown + _DAY)):
        st.button(
            f"{name.capitalize()} night",
            icon=f":material/chevron_{icon}:",
            key=f"{_KEY}-{name}",
            help=f"{name.capitalize()} night",
            on_click=_set_night,
            args=(view, night, tonight),
            disabled=night > tonight and view.param("since") is None,
        )


def _find_shown_night(view: View) -> date | None:
    since = view.param("since")
    if since == LAST_NIGHT:
        return view.now().astimezone(view.zone).date() - _DAY
    begins = read_time(view, "since") if _is_time(since) else None
    return None if begins is None else find_day_of_night(begins, view.zone)


def _is_time(text: str | None) -> bool:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return False
    return moment.tzinfo is not None or is_day(text or "")


def _name_night(view: View) -> str | None:
    """Return the name of the night whose start and end are in the URL, or None for another window."""
    since, until = view.param("since"), view.param("until")
    if not _is_time(since) or not _is_time(until):
        return None
    night = find_day_of_night(datetime.fromisoformat(since or ""), view.zone)
    bounds = [format_time(one) for one in get_night(night, view.zone)]
    return f"night of {night.day} {night:%B}" if bounds == [since, until] else None


def _format_kind(kind: str, any_text: str, night: str | None) -> str:
    if kind == _ANY:
        return any_text
    return "from .. to" if kind == _BETWEEN else _WORDS.get(kind) or night or kind


def _set_kind(view: View, clears: Sequence[str]) -> None:
    kind = st.session_state[_KEY]
    if kind == _BETWEEN:
        kind = format_time((view.now() - _DAY).replace(second=0, microsecond=0))
    view.set_params(since=kind or None, until=None, **dict.fromkeys(clears))


def _set_night(view: View, night: date, tonight: date) -> None:
    """Write a night to the URL: none for the present one and later, so that the default follows the time."""
    if night >= tonight:
        view.set_params(since=None, until=None)
    else:
        start, end = get_night(night, view.zone)
        view.set_params(since=format_time(start), until=format_time(end))
