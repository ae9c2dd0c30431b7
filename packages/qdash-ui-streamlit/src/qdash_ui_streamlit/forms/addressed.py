"""Fields that say what the address says, and change it: Back, Forward and a link from a colleague find them as they were.

A field by itself keeps its value when the address changes under it; so the address is written to it before it is drawn.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_ui_streamlit.view import View


def choice(
    view: View,
    name: str,
    label: str,
    options: Sequence[str],
    *,
    any_text: str,
    shown: Callable[[str], str] = str,
    forgets: Sequence[str] = (),
) -> str | None:
    """Return what the address says of a field with options; None: any of them.

    Parameters
    ----------
    view : View
        Whose address.
    name, label : str
        Of the parameter of the address, and as people see it.
    options : sequence of str
        What there is; what the address says is one of them anyway.
    any_text : str
        What stands for any of them.
    shown : callable
        Tells how an option is written.
    forgets : sequence of str
        Parameters of the address that a change removes.
    """
    said = view.param(name)
    found = ["", *dict.fromkeys((*options, said) if said else options)]
    key = _key(name)
    st.session_state[key] = said or ""
    st.selectbox(
        label,
        found,
        format_func=lambda one: shown(one) if one else any_text,
        key=key,
        on_change=_write,
        args=(view, name, forgets),
        width=145,
    )
    return said


def words(
    view: View, name: str, label: str, *, placeholder: str = "", forgets: Sequence[str] = ()
) -> str | None:
    """Return what the address says of a field of text; None: nothing. Parameters as of `choice`."""
    key = _key(name)
    st.session_state[key] = view.param(name) or ""
    st.text_input(
        label, key=key, on_change=_write, args=(view, name, forgets), placeholder=placeholder, width=145
    )
    return view.param(name)


def day(view: View, name: str, label: str, *, forgets: Sequence[str] = ()) -> date | None:
    """Return the day that the address says, as 2026-11-21; None: none, or what is no day. Parameters as of `choice`."""
    key = _key(name)
    said = _date(view.param(name))
    st.session_state[key] = said
    st.date_input(
        label,
        value=None,
        key=key,
        format="YYYY-MM-DD",
        on_change=_write,
        args=(view, name, forgets),
        width=165,
    )
    return said


def _write(view: View, name: str, forgets: Sequence[str]) -> None:
    value: Any = st.session_state[_key(name)]
    text = value.strip() if isinstance(value, str) else value and value.isoformat()
    view.set_params(**{name: text or None}, **dict.fromkeys(forgets))


def _key(name: str) -> str:
    return f"address.{name}"


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
