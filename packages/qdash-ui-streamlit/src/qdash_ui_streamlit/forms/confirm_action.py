"""Actions of buttons, with confirmation if they cannot be undone, and with a report of the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import format_sentence
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.forms.buttons import press_when_possible
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Callable


def perform_action(act: Callable[[], Any], success: str) -> bool:
    """Perform an action that may raise a `QDashError`, report its outcome, and return whether it succeeded."""
    try:
        act()
    except QDashError as error:
        if isinstance(
            error, LoginError
        ):  # wrong password, or expired login: in that case the page asks for it when it is drawn next
            refresh_user()
        st.error(format_sentence(str(error)), icon=":material/error:")
        return False
    say(success)
    return True


def draw_dialog_buttons(
    label: str,
    act: Callable[[], Any],
    success: str,
    *,
    key: str,
    back_label: str = "Go back",
    problem: str = "",
    then: Callable[[], object] = rerun,
) -> None:
    """Draw the buttons of a dialog: one performs its action and closes it, the other only closes it.

    After a refusal the dialog stays, with the message of the host. `problem` is as in `press_when_possible`; `then` is
    called after the action, to draw the page again or go to another one.
    """
    pressed = press_when_possible(label, problem, key=key, width="stretch")
    if pressed and perform_action(act, success):
        then()
    if st.button(back_label, width="stretch", key=f"{key}.back"):
        rerun()


def confirm_action(
    title: str,
    impact: str,
    *,
    label: str,
    act: Callable[[], Any],
    success: str,
    back_label: str = "Go back",
) -> None:
    """Ask for confirmation of an action that cannot be undone.

    `impact` states the consequences as Markdown.
    """

    @dialog(title)
    def draw() -> None:
        st.markdown(impact)
        draw_dialog_buttons(label, act, success, key="confirm.go", back_label=back_label)

    draw()
