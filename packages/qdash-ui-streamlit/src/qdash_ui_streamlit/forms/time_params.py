"""Times in query parameters of the URL, and their inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_ui_streamlit.view import View


EARLIEST, LATEST = datetime(1970, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001  Streamlit takes local times
"""Bounds of the inputs of dates and times; the default of Streamlit is ten years around the present of this machine."""


def format_time(moment: datetime) -> str:
    """Return a time in the format of URLs."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def is_day(text: str) -> bool:
    """Return whether a valid time is a day only."""
    return len(text) == len("2026-11-21")


def read_time(view: View, name: str) -> datetime | None:
    """Return the time in a query parameter of the URL, or None; raise InvalidInputError if it is invalid.

    A day is its start in the user's time zone, or its end if the parameter's name ends with `until`.
    """
    text = view.param(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and is_day(text):
        moment = moment.replace(tzinfo=view.zone) + timedelta(days=name.endswith("until"))
    if moment is None or moment.tzinfo is None:
        raise InvalidInputError(
            f"invalid {name}={text} in the URL: write a time such as 2026-11-21T06:14:25Z"
        )
    return moment.astimezone(UTC)


def draw_time_input(view: View, name: str, moment: datetime | None, *, clears: Sequence[str] = ()) -> None:
    """Draw the input of a time in the URL, under the name of its query parameter; a change removes those of `clears`."""
    key = f"range.{name}"
    # The widget shows neither time zone nor seconds: its time is in the user's time zone.
    shown = None if moment is None else moment.astimezone(view.zone)
    st.session_state[key] = None if shown is None else shown.replace(second=0, microsecond=0, tzinfo=None)
    st.datetime_input(
        "From" if name.endswith("since") else "To",
        None,
        EARLIEST,
        LATEST,
        key=key,
        step=60,
        on_change=_set_time,
        args=(view, key, name, clears),
        width=200,
        help=f"Time zone: {view.zone.key}",
    )


def _set_time(view: View, key: str, name: str, clears: Sequence[str]) -> None:
    text: datetime | None = st.session_state[key]
    moment = None if text is None else format_time(text.replace(tzinfo=view.zone))
    view.set_params(**{name: moment}, **dict.fromkeys(clears))
