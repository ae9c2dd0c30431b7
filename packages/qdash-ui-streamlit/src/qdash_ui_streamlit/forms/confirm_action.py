"""Actions of buttons, with confirmation if they cannot be undone, and with a report of the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.session import refresh_user
from qdash_ui_streamlit.showing.fragments import dialog

if TYPE_CHECKING:
    from collections.abc import Callable


def perform(act: Callable[[], Any], said: str) -> bool:
    """Perform an action, report its outcome, and return whether it succeeded.

    Parameters
    ----------
    act : callable
        Performs it; raises a `QDashError` if the host refuses.
    said : str
        Message of success.
    """
    try:
        act()
    except QDashError as error:
        if isinstance(
            error, LoginError
        ):  # wrong password, or expired login: in that case the page asks for it when it is drawn next
            refresh_user()
        st.error(str(error), icon=":material/error:")
        return False
    st.toast(said, icon=":material/check:")
    return True


def confirm(
    title: str,
    impact: str,
    *,
    do: str,
    act: Callable[[], Any],
    said: str,
    leave: str = "Go back",
) -> None:
    """Ask for confirmation of an action that cannot be undone.

    Parameters
    ----------
    title : str
        Question.
    impact : str
        Consequences, as Markdown.
    do, leave : str
        Labels of the buttons.
    act, said
        As in `perform`.
    """

    @dialog(title)
    def asked() -> None:
        st.markdown(impact)
        if st.button(do, type="primary", width="stretch") and perform(act, said):
            st.rerun()
        if st.button(leave, width="stretch"):
            st.rerun()

    asked()
