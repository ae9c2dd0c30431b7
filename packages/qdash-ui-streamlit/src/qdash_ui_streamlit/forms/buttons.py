"""Buttons that say why their action is not possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping


def press_when_possible(
    label: str,
    problem: str,
    *,
    key: str,
    kind: Literal["primary", "secondary"] = "primary",
    width: Literal["content", "stretch"] = "content",
) -> bool:
    """Draw the button of a form, and return whether it was pressed and its action is possible; otherwise show the problem.

    The button is never greyed: a user presses it while the page does not yet know the text that was typed last.
    """
    pressed = st.button(label, type=kind, width=width, key=key)
    if pressed and problem:
        st.error(problem, icon=":material/error:")
    return pressed and not problem


def draw_toolbar(buttons: Mapping[str, tuple[str, str]], *, key: str) -> str | None:
    """Draw buttons in a row, and return the label of the pressed one, or None.

    The icon of each button has a reason why it is greyed, or an empty one, which is a tooltip and stands beside the
    buttons for keyboard and screen readers.
    """
    pressed = None
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, (icon, why_not) in buttons.items():
            if st.button(
                label,
                icon=f":material/{icon}:",
                key=f"{key}.{label}",
                disabled=bool(why_not),
                help=why_not or None,
            ):
                pressed = label
        if reasons := dict.fromkeys(why_not for _, why_not in buttons.values() if why_not):
            st.caption(" ".join(reasons), width="content")
    return pressed
