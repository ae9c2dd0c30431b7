"""What somebody does by a button: asked about where it cannot be undone, done by the host, and told how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.session import look_again
from qdash_ui_streamlit.showing.parts import dialog

if TYPE_CHECKING:
    from collections.abc import Callable


def done(act: Callable[[], Any], said: str) -> bool:
    """Do something at the host, say that it is done or why not, and return which.

    Parameters
    ----------
    act : callable
        Does it; raises a `QDashError` where the host refuses.
    said : str
        What is said when it is done.
    """
    try:
        act()
    except QDashError as error:
        if isinstance(
            error, LoginError
        ):  # of a password, or of who looks: then the page asks for it when it is drawn next
            look_again()
        st.error(str(error), icon=":material/error:")
        return False
    st.toast(said, icon=":material/check:")
    return True


def question(
    title: str,
    impact: str,
    *,
    do: str,
    act: Callable[[], Any],
    said: str,
    leave: str = "Leave it as it is",
) -> None:
    """Ask before something is done that cannot be undone.

    Parameters
    ----------
    title : str
        What is to be done, as a question.
    impact : str
        What comes of it, as Markdown.
    do, leave : str
        What the buttons say.
    act, said
        As of `done`.
    """

    @dialog(title)
    def asked() -> None:
        st.markdown(impact)
        if st.button(do, type="primary", width="stretch") and done(act, said):
            st.rerun()
        if st.button(leave, width="stretch"):
            st.rerun()

    asked()
