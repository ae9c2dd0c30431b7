"""Link to a question to the assistant about the object of a page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.conversations import show_assistant
from qdash_core.errors import QDashError
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.question import ABOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_ui_streamlit.view import View

_KNOWN_S = 300
"""Time for which a session remembers whether the assistant is on, in seconds."""


def draw_question_link(view: View, about: Mapping[str, str]) -> None:
    """Draw the link that asks about an object, for editors if the assistant is on. One request per session, seldom more.

    Parameters
    ----------
    view : View
        View of the user.
    about : mapping
        Query parameters that name the object.
    """
    if view.edits and any(name in about for name in ABOUT) and _is_ready(view):
        st.link_button("Ask the assistant", view.link("assistant", **about), icon=":material/forum:")


def _is_ready(view: View) -> bool:
    now = int(time.monotonic() / _KNOWN_S)
    return cache_in_session("qdash.assistant", (view.project_id, now), lambda: _ask(view))


def _ask(view: View) -> bool:
    try:
        return view.ask(show_assistant).ready
    except QDashError:  # the page is about something else
        return False
