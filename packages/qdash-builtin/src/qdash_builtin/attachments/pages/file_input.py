"""Input of files for a text field: chosen, dropped or pasted, attached at once, and named in the text."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.file_markdown import make_file_markdown, make_free_name
from qdash_builtin.attachments.pages.file_drop import join_drop_to_uploader
from qdash_builtin.attachments.pages.file_links import STYLE
from qdash_core.errors import QDashError
from qdash_ui_streamlit.display.file_sizes import format_size
from qdash_ui_streamlit.display.notices import show_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qdash_builtin.attachments.pages.file_links import FileLink

_HELP = (
    "You can also drop files on the text above, or paste a picture into it. Pictures, PDF, CSV, text, NPZ, HDF5 and ZIP files, "
    f"each up to {format_size(TEXT_FILES.size)}, {TEXT_FILES.number} in all."
)


def draw_file_input(
    place: str,
    *,
    text_key: str,
    list_names: Callable[[], Iterable[str]],
    attach: Callable[[str, bytes], str],
) -> None:
    """Draw the input below the form of a text. The text in the form is kept; the Markdown of each file is inserted at its cursor.

    Parameters
    ----------
    place : str
        Unique key on the page.
    list_names : callable
        Returns the names of the files that the record has now: others may have attached some since the page was drawn.
    attach : callable
        Attaches contents under a name, and returns their media type.
    """
    state = st.session_state
    number = state.setdefault(f"{place}.uploads", 0)
    uploader_key = f"{place}.uploader.{number}"

    def receive() -> None:
        inserts, problems = [], []
        for one in state[uploader_key]:
            try:
                name = make_free_name(one.name, {*list_names()})
                inserts.append(make_file_markdown(name, attach(name, one.getvalue())))
            except QDashError as error:
                problems.append(error)
        state[f"{place}.problems"] = problems
        state[f"{place}.inserts"] = inserts
        state[f"{place}.uploads"] = number + 1  # empties the uploader

    with st.container(key=f"{place}.files", gap="small"):
        st.file_uploader(
            "Attach files",
            type=TEXT_FILES.suffixes,
            accept_multiple_files=True,
            key=uploader_key,
            help=_HELP,
            max_upload_size=ceil(TEXT_FILES.size / 2**20),
            on_change=receive,
        )
    for problem in state.pop(f"{place}.problems", ()):
        show_problem(problem)
    join_drop_to_uploader(
        place,
        text_key=text_key,
        uploader_key=f"{place}.files",
        inserts=state.get(f"{place}.inserts", ()),
        number=number,
    )


def draw_file_list(
    place: str, links: Iterable[FileLink], *, remove: Callable[[FileLink], None] | None = None
) -> None:
    """Draw files with thumbnails, names and sizes, each with a button that removes it.

    Parameters
    ----------
    place : str
        Unique key on the page.
    remove : callable or None
        Called when the button of a file is pressed, before the page is drawn if the file is not stored yet, or None for no buttons.
    """
    for one in links:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            thumbnail = one.format() if one.thumbnail else ""
            st.html(f'{STYLE}<div class="files">{thumbnail}{one.format_name()}</div>', width="content")
            if remove is None:
                continue
            # One that is not stored yet is removed without a question.
            pressed = st.button(
                "Remove …" if one.address else "Remove",
                key=f"{place}.remove.{one.name}",
                help=f"Remove the file {one.name}",
                type="tertiary",
                on_click=None if one.address else partial(remove, one),
            )
            if pressed and one.address:
                remove(one)
