"""Files page: the roots, a folder, or a file with its contents, editor and history; the URL says which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.files.models.file_root import EXECUTIONS
from qdash_builtin.files.operations import list_file_roots
from qdash_builtin.files.pages.file_folder import draw_folder
from qdash_builtin.files.pages.file_place import PAGE, FilePlace
from qdash_builtin.files.pages.file_view import draw_file
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.breadcrumbs import draw_breadcrumbs
from qdash_ui_streamlit.display.notices import show_empty, show_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.files.views.files import FileRootDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (Column("name", "Root", link="href"), Column("kind", "Contents"), Column("access", "Access"))


def render(view: View) -> None:
    """Draw the page."""
    st.title("Files")
    roots = list(view.every(list_file_roots))
    named = view.param("root")
    root = next((one for one in roots if one.name == named), None)
    if root is None:
        if named is not None:
            show_problem(NotFoundError(f"there is no root {named!r} in project {view.project_id}"))
        _draw_roots(view, roots)
        return
    file = view.param("file")
    place = FilePlace(view, root, (file or view.param("folder") or "").strip("/"))
    _draw_path(place)
    if not root.available:
        show_empty(f"The folder of root {root.name} is missing.", "Check that its disk is mounted.")
    elif file is not None:
        draw_file(place)
    else:
        draw_folder(place)


def _draw_roots(view: View, roots: Sequence[FileRootDocument]) -> None:
    if all(one.name == EXECUTIONS for one in roots):
        show_empty(
            "No folder is configured for this project.",
            "An administrator names folders in `[file_roots.NAME]` of `qdash.toml`. "
            "Raw data and exports of executions are below.",
        )
    rows = [
        {
            "name": one.name,
            "href": view.link(PAGE, root=one.name),
            "kind": _describe_root(one),
            "access": "read and write" if one.writable else "read",
        }
        for one in roots
    ]
    table(view, _COLUMNS, rows, key="files.roots", label="Roots", filtered=False)


def _describe_root(root: FileRootDocument) -> str:
    if root.name == EXECUTIONS:
        return "raw data and exports"
    kind = "git work tree" if root.git else "folder"
    return kind if root.available else f"{kind}, missing"


def _draw_path(place: FilePlace) -> None:
    """Draw the links to the folders above the place."""
    names = [place.root.name, *filter(None, place.path.split("/"))]
    folders = ["/".join(names[1:length]) for length in range(1, len(names))]
    links = [(name, place.link_folder(path)) for name, path in zip(names, folders, strict=False)]
    draw_breadcrumbs([("Files", place.view.link(PAGE)), *links], names[-1], label="Folders")
