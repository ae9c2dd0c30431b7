"""Folder of a root: its list, new files and uploads, and the state of its git work tree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.files.operations import list_files, preview_file
from qdash_builtin.files.pages.file_place import PAGE, FilePlace
from qdash_builtin.files.pages.file_work_tree import draw_work_tree
from qdash_core.errors import ConflictError, QDashError
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_errors, show_problem
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.reruns import say
from qdash_ui_streamlit.forms.buttons import press_when_possible

if TYPE_CHECKING:
    from qdash_builtin.files.views.files import FileEntryDocument

_PAGE = 200
_LARGEST_MB = 4
_COLUMNS = (
    Column("name", "Name", link="href"),
    Column("kind", "Kind"),
    Column("size", "Size (kB)", "number"),
    Column("changed", "Changed", "time"),
)
_KINDS = {"file": "file", "folder": "folder", "other": "link or device, not opened"}


def draw_folder(place: FilePlace) -> None:
    """Draw a folder."""
    _draw_list(place)
    if place.root.writable:
        with st.container(horizontal=True):
            with st.popover("New file …", icon=":material/note_add:"):
                _draw_new_file(place)
            with st.popover("Upload …", icon=":material/upload:"):
                _draw_upload(place)
    if place.root.git and not place.path:
        with show_errors():
            draw_work_tree(place)


@fragment
def _draw_list(place: FilePlace) -> None:
    view = place.view
    rerun_on_events("files.list", ALL_BUT_TASKS)
    page = view.ask(
        list_files.paged(limit=_PAGE, after=view.param("after")), place.root.name, path=place.path
    )
    rows = [_make_row(place, one) for one in page.items]
    label = f"Files of {place.path or place.root.name}"
    table(view, _COLUMNS, rows, key="files.list", label=label, empty="The folder is empty.", shown=_PAGE)
    draw_paging(view, PAGE, ("root", "folder"), page.next, label="Pages of the folder")


def _make_row(place: FilePlace, entry: FileEntryDocument) -> dict[str, Any]:
    links = {
        "file": FilePlace(place.view, place.root, entry.path).link(),
        "folder": place.link_folder(entry.path),
    }
    return {
        "name": f"{entry.name}/" if entry.kind == "folder" else entry.name,
        "href": links.get(entry.kind),
        "kind": _KINDS[entry.kind],
        "size": None if entry.size is None or entry.kind != "file" else entry.size / 1000,
        "changed": entry.changed_at,
    }


def _draw_new_file(place: FilePlace) -> None:
    name = st.text_input(
        "Name of the file", key="files.new", help="It may begin with new folders: a/b/c.yaml"
    ).strip("/ ")
    if press_when_possible("Write it", "" if name else "Enter a name.", key="files.new.go"):
        path = "/".join(filter(None, (place.path, name)))
        place.view.go(PAGE, root=place.root.name, file=path, view="edit")


def _draw_upload(place: FilePlace) -> None:
    number = st.session_state.setdefault("files.uploads", 0)
    given = st.file_uploader("File", key=f"files.upload.{number}", max_upload_size=_LARGEST_MB)
    reason = st.text_input("Reason", key=f"files.upload.reason.{number}")
    if given is None:
        return
    target = FilePlace(place.view, place.root, "/".join(filter(None, (place.path, given.name))))
    replaced: str | None = st.session_state.get(_replaced_key(target))
    if replaced is not None:
        st.warning(
            f"{escape_markdown(target.name)} is there already. Its contents stay in its history.",
            icon=":material/sync_problem:",
        )
    if target.needs_reason() and not reason.strip():
        st.caption("The reason becomes the message of the commit.")
    st.button(
        "Upload" if replaced is None else "Replace it",
        type="primary",
        key="files.upload.go",
        disabled=target.needs_reason() and not reason.strip(),
        on_click=partial(_upload, target, given.getvalue(), reason, seen=replaced),
    )
    if (problem := st.session_state.pop("files.upload.problem", None)) is not None:
        show_problem(problem)


def _upload(target: FilePlace, contents: bytes, reason: str, *, seen: str | None) -> None:
    """Upload a file; one that is there already is replaced only at the second press."""
    key = _replaced_key(target)
    try:
        target.write(contents, reason, seen=seen)
    except ConflictError as error:
        try:
            st.session_state[key] = target.view.ask(preview_file, target.root.name, path=target.path).sha256
        except QDashError:
            st.session_state["files.upload.problem"] = error
    except QDashError as error:
        st.session_state["files.upload.problem"] = error
    else:
        st.session_state.pop(key, None)
        st.session_state["files.uploads"] += 1  # empties the form
        say("Uploaded.")


def _replaced_key(target: FilePlace) -> str:
    return f"files.upload.replaced.{target.root.name}:{target.path}"
