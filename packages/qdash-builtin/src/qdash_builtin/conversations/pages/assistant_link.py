"""Link to a question to the assistant about the object of a page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.conversations.operations import show_assistant
from qdash_builtin.conversations.pages.question import ABOUT
from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_ui_streamlit.view import View

_KNOWN_S = 300.0
"""Time for which this process remembers whether the assistant of a host is on, in seconds."""
_known: dict[str, tuple[float, bool]] = {}
"""Time of the last request and whether the assistant was on, by the address of the host: the same for all users."""


def draw_question_link(view: View, about: Mapping[str, str]) -> None:
    """Draw the link that asks about an object, for editors if the assistant is on. One request of this process in five minutes.

    `about` has the query parameters that name the object.
    """
    if view.edits and any(name in about for name in ABOUT) and _is_ready(view):
        st.link_button("Ask the assistant", view.link("assistant", **about), icon=":material/forum:")


def _is_ready(view: View) -> bool:
    host, now = str(view.connection.base_url), time.monotonic()
    asked_at, is_ready = _known.get(host, (float("-inf"), False))
    if now - asked_at >= _KNOWN_S:
        try:
            is_ready = view.ask(show_assistant).ready
        except QDashError:  # the page is about something else
            return False
        _known[host] = now, is_ready
    return is_ready
