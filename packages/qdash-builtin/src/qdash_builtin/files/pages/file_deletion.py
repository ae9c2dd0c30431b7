"""Deletion of a file, after confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from qdash_builtin.files.pages.file_place import FilePlace
    from qdash_builtin.files.views.files import FilePreviewDocument


def draw_delete_button(place: FilePlace, preview: FilePreviewDocument) -> None:
    """Draw the button that asks before it deletes the file."""
    if st.button("Delete …", icon=":material/delete:", key="files.delete"):
        dialog("Delete the file?")(_draw_form)(place, preview.sha256)


def _draw_form(place: FilePlace, seen: str | None) -> None:
    st.markdown(f"**{escape_markdown(place.path)}** is deleted. Its history stays, and can be restored.")
    reason = st.text_input("Reason", key="files.delete.reason")
    draw_dialog_buttons(
        "Delete",
        lambda: place.delete(reason, seen=seen),
        "Deleted",
        key="files.delete.go",
        problem="Give a reason." if place.needs_reason() and not reason.strip() else "",
    )
