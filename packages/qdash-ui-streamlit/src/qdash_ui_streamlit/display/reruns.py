"""Repeated drawing of a page."""

from __future__ import annotations

from typing import Literal, NoReturn

import streamlit as st

_SAID = "said"


def rerun(scope: Literal["app", "fragment"] = "app") -> NoReturn:
    """Draw the page or the fragment again, unless the user has gone to another address meanwhile: then draw that."""
    # `st.rerun` would repeat the old address. Whenever its state is read, Streamlit performs a waiting request of the
    # browser. An element would do so, too, but take the place of a container, whose late contents leave a blank page.
    st.session_state.get(_SAID)
    st.rerun(scope=scope)  # noqa: TID251


def say(text: str) -> None:
    """Show a message of success in a corner of the page, long enough to be read and to follow its links.

    It is drawn when the page or fragment is complete, or by the rerun: what is drawn before that may be discarded.
    """
    st.session_state.setdefault(_SAID, []).append(text)


def draw_said() -> None:
    """Draw the messages of `say`, once."""
    for text in st.session_state.pop(_SAID, ()):
        st.toast(text, icon=":material/check:", duration="long")
