"""File of a root: its contents, its editor and its history, as views."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.files.operations import preview_file
from qdash_builtin.files.pages.file_contents import draw_contents
from qdash_builtin.files.pages.file_deletion import draw_delete_button
from qdash_builtin.files.pages.file_editor import can_be_edited, draw_file_editor
from qdash_builtin.files.pages.file_history import draw_history
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.file_sizes import format_size
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.views import draw_view_links

if TYPE_CHECKING:
    from qdash_builtin.files.pages.file_place import FilePlace
    from qdash_builtin.files.views.files import FilePreviewDocument

_VIEWS = {"contents": "Contents", "edit": "Edit", "history": "History"}


def draw_file(place: FilePlace) -> None:
    """Draw a file, or what is left of a deleted one."""
    st.header(escape_markdown(place.name), anchor=False)
    try:
        preview = place.view.ask(preview_file, place.root.name, path=place.path)
    except NotFoundError as error:
        _draw_absent(place, error)
        return
    draw_facts({"Size": format_size(preview.size), "SHA-256": _format_checksum(preview)})
    offered = ["contents"]
    if can_be_edited(place, preview):
        offered.append("edit")
    if place.has_history:
        offered.append("history")
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_download_link(place.view, place.make_download_path(), "Download", name=place.name)
        if preview.writable:
            draw_delete_button(place, preview)
    shown = _draw_views(place, offered)
    if shown == "edit":
        draw_file_editor(place, preview)
    elif shown == "history":
        draw_history(place, preview)
    else:
        draw_contents(place, preview)


def _draw_absent(place: FilePlace, error: NotFoundError) -> None:
    """Draw the editor of a new file, or the history of a deleted one."""
    if place.root.writable and place.view.param("view") == "edit":
        draw_file_editor(place, None)
        return
    show_problem(error)
    if place.has_history:
        with suppress(NotFoundError):  # it was never there
            draw_history(place, None)


def _draw_views(place: FilePlace, offered: list[str]) -> str:
    wanted = place.view.param("view")
    shown = wanted if wanted in offered else offered[0]
    if len(offered) == 1:
        return shown
    links = {name: (_VIEWS[name], place.link(view=name)) for name in offered}
    draw_view_links(shown, links, label="Views of the file")
    return shown


def _format_checksum(preview: FilePreviewDocument) -> str | None:
    if preview.sha256 is None:
        return None
    return f'<code title="{escape(preview.sha256)}">{escape(preview.sha256[:12])}</code>'
