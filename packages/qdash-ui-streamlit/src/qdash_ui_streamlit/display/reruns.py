"""Repeated drawing of a page."""

from __future__ import annotations

from typing import Literal, NoReturn

import streamlit as st


def rerun(scope: Literal["app", "fragment"] = "app") -> NoReturn:
    """Draw the page or the fragment again, unless the user has gone to another address meanwhile: then draw that."""
    # `st.rerun` would repeat the old address. Before an element is drawn, Streamlit performs a waiting request of the browser.
    st.empty()
    st.rerun(scope=scope)  # noqa: TID251


def say(text: str) -> None:
    """Show a message of success in a corner of the page, long enough to be read and to follow its links."""
    st.toast(text, icon=":material/check:", duration="long")


def rerun_saying(place: str, text: str, scope: Literal["app", "fragment"] = "app") -> NoReturn:
    """Draw the page or the fragment again; `draw_said` of the same place then shows a message, which the rerun could discard before."""
    st.session_state[f"{place}.said"] = text
    rerun(scope)


def draw_said(place: str) -> None:
    """Show the message of `rerun_saying`, once."""
    if (said := st.session_state.pop(f"{place}.said", None)) is not None:
        say(said)
