"""Widgets bound to query parameters of the URL, so that Back, Forward and shared links restore them.

The value of the URL is written to a widget before it is drawn, since a widget alone keeps its value when the URL changes.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_core.models.task import Outcome, parse_choice
from qdash_ui_streamlit.display.session_cache import cache_on_page
from qdash_ui_streamlit.forms.time_params import EARLIEST, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_ui_streamlit.view import View


def draw_select(
    view: View,
    name: str,
    label: str,
    options: Sequence[str],
    *,
    any_text: str,
    format_option: Callable[[str], str] = str,
    clears: Sequence[str] = (),
    width: int = 145,
) -> str | None:
    """Draw a select box, and return the value in the URL, or None for any.

    The value in the URL is added to the options; a change removes the query parameters `clears`. The width is in pixels.
    """
    text = view.param(name)
    found = ["", *dict.fromkeys((*options, text) if text else options)]
    key = _widget_key(name)
    st.session_state[key] = text or ""
    st.selectbox(
        label,
        found,
        format_func=lambda one: format_option(one) if one else any_text,
        key=key,
        on_change=_write_param,
        args=(view, name, clears),
        width=width,
    )
    return text


def draw_choice(
    view: View,
    name: str,
    label: str,
    options: Sequence[str],
    *,
    format_option: Callable[[str], str] = str,
    clears: Sequence[str] = (),
    width: int = 240,
    accepts_new: bool = False,
    help: str | None = None,  # noqa: A002  as Streamlit calls it
) -> str:
    """Draw a select box without an empty option, and return the value in the URL, or the first option.

    Parameters as of `draw_select`; if it accepts new options, users may type others.
    """
    text = view.param(name)
    chosen = text if text is not None and (accepts_new or text in options) else options[0]
    key = _widget_key(name)
    st.session_state[key] = chosen
    st.selectbox(
        label,
        options if chosen in options else [*options, chosen],
        format_func=format_option,
        key=key,
        on_change=_write_param,
        args=(view, name, clears),
        width=width,
        accept_new_options=accepts_new,
        help=help,
    )
    return chosen


def draw_pills(
    view: View,
    name: str,
    label: str,
    options: Sequence[str],
    *,
    default: Sequence[str],
    most: int,
    format_option: Callable[[str], str] = str,
) -> list[str]:
    """Draw a choice of several options, and return those in the URL, separated by commas, or else the default ones.

    Parameters as of `draw_select`; if more than `most` are selected, the first ones stay.
    """
    text = view.param(name)
    chosen = [one for one in (text.split(",") if text else default) if one in options][:most]
    key = _widget_key(name)
    st.session_state[key] = chosen

    def write() -> None:
        selected = st.session_state[key]
        kept = [*(one for one in chosen if one in selected), *(one for one in selected if one not in chosen)]
        view.set_params(**{name: ",".join(kept[:most]) or None})

    st.pills(label, options, format_func=format_option, selection_mode="multi", key=key, on_change=write)
    return chosen


def draw_toggle(view: View, name: str, label: str, *, default: bool = False) -> bool:
    """Draw a switch, and return whether it is on in the URL, or `default` if absent. Other parameters as in `draw_select`."""
    key = _widget_key(name)
    on = (view.param(name) is not None) is not default
    changed = "off" if default else "on"
    st.session_state[key] = on
    st.toggle(
        label,
        key=key,
        on_change=lambda: view.set_params(**{name: None if st.session_state[key] is default else changed}),
    )
    return on


def draw_text_field(
    view: View,
    name: str,
    label: str,
    *,
    placeholder: str = "",
    clears: Sequence[str] = (),
    width: int = 145,
) -> str | None:
    """Draw a text field, and return the value in the URL, or None. Parameters as of `draw_select`."""
    key = _widget_key(name)
    st.session_state[key] = view.param(name) or ""
    st.text_input(
        label,
        key=key,
        on_change=_write_param,
        args=(view, name, clears),
        placeholder=placeholder,
        width=width,
    )
    return view.param(name)


def keep_params(view: View, page: str, *names: str) -> None:
    """Keep query parameters of a page in the session: if the page is opened without any of them, they are those of its last visit.

    Call it before they are read.
    """
    place = f"qdash.kept.{view.project_id}.{page}"

    def restore() -> bool:
        if not any(map(view.param, names)):
            view.set_params(**st.session_state.get(place, {}))
        return True

    cache_on_page(place, names, restore)
    st.session_state[place] = {name: view.param(name) for name in names}


def read_outcome(view: View) -> dict[str, Outcome]:
    """Return the outcome of results in the URL as the query of a list, empty if there is none.

    Raises InvalidInputError if it is unknown.
    """
    text = view.param("outcome")
    return {} if text is None else {"outcome": Outcome(parse_choice(Outcome, "outcome", text))}


def draw_date_field(view: View, name: str, label: str, *, clears: Sequence[str] = ()) -> date | None:
    """Draw a date field, and return the date in the URL, or None if absent. Parameters as of `draw_select`."""
    key = _widget_key(name)
    text = _parse_date(view.param(name))
    st.session_state[key] = text
    st.date_input(
        label,
        None,
        EARLIEST,
        LATEST,
        key=key,
        format="YYYY-MM-DD",
        on_change=_write_param,
        args=(view, name, clears),
        width=165,
    )
    return text


def _write_param(view: View, name: str, clears: Sequence[str]) -> None:
    value: Any = st.session_state[_widget_key(name)]
    text = value.strip() if isinstance(value, str) else value and value.isoformat()
    view.set_params(**{name: text or None}, **dict.fromkeys(clears))


def _widget_key(name: str) -> str:
    return f"address.{name}"


def _parse_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
