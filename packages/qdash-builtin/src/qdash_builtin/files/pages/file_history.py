"""History of a file: its versions, the differences between them, and restoring one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.files.operations import compare_file_versions, list_file_versions
from qdash_builtin.files.pages.file_place import PAGE
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.differences import draw_differences
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.files.pages.file_place import FilePlace
    from qdash_builtin.files.views.files import FilePreviewDocument, FileVersionDocument

_PAGE = 50
_SHORT_COMMIT = 10
_COLUMNS = (
    Column("version", "Version", link="href", help="Shows its differences"),
    Column("change", "Change"),
    Column("by", "By"),
    Column("reason", "Reason"),
    Column("at", "Time", "time"),
    Column("size", "Size (kB)", "number"),
)
_CHANGES = {"found": "written outside QDash"}
_PRESENT = "present"
_AGAINST_PREVIOUS, _AGAINST_PRESENT = "its previous version", "the present contents"


def draw_history(place: FilePlace, preview: FilePreviewDocument | None) -> None:
    """Draw the versions of a file, and the one of the URL; `preview` is None for a deleted file."""
    view = place.view
    page = view.ask(
        list_file_versions.paged(limit=_PAGE, after=view.param("after")),
        place.root.name,
        path=place.path,
    )
    if not page.items:
        show_empty("No versions yet.", "The first change through QDash keeps the former contents, too.")
        return
    rows = [_make_row(place, one) for one in page.items]
    table(view, _COLUMNS, rows, key="files.versions", label=f"Versions of {place.name}", shown=_PAGE)
    draw_paging(view, PAGE, ("root", "file", "view"), page.next, label="Pages of versions")
    named = view.param("version")
    for number, one in enumerate(page.items):
        if one.version == named:
            _draw_version(place, preview, one, page.items[number + 1 :])


def _make_row(place: FilePlace, version: FileVersionDocument) -> dict[str, Any]:
    change = _CHANGES.get(version.change, version.change)
    return {
        "version": _shorten(version.version),
        "href": place.link(view="history", version=version.version, after=place.view.param("after")),
        "change": f"{change} from {_shorten(version.restored_from)}" if version.restored_from else change,
        "by": version.username,
        "reason": version.reason,
        "at": version.at,
        "size": None if version.size is None else version.size / 1000,
    }


def _shorten(version: str) -> str:
    return version[:_SHORT_COMMIT]


def _draw_version(
    place: FilePlace,
    preview: FilePreviewDocument | None,
    version: FileVersionDocument,
    older: Sequence[FileVersionDocument],
) -> None:
    """Draw the differences of a version, and the actions on it."""
    view = place.view
    st.header(f"Version {_shorten(version.version)}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        offered = [_AGAINST_PREVIOUS] * bool(older) + [_AGAINST_PRESENT]
        against = draw_choice(view, "against", "Differences from", offered)
        if version.change != "deleted":
            path = place.make_download_path(version.version)
            draw_download_link(view, path, "Download this version", name=place.name)
        if place.root.writable and st.button("Restore …", icon=":material/history:", key="files.restore"):
            seen = None if preview is None else preview.sha256
            dialog("Restore the version?")(_draw_restore_form)(place, version, seen)
    before, after = (
        (older[0].version, version.version) if against == _AGAINST_PREVIOUS else (version.version, _PRESENT)
    )
    try:
        found = view.ask(compare_file_versions, place.root.name, path=place.path, before=before, after=after)
    except InvalidInputError as error:
        st.info(escape_markdown(str(error)))
        return
    if found.difference:
        draw_differences(found.difference.rstrip("\n"))
    else:
        st.caption("No differences.")


def _draw_restore_form(place: FilePlace, version: FileVersionDocument, seen: str | None) -> None:
    number = _shorten(version.version)
    does = "is deleted again" if version.change == "deleted" else f"gets the contents of version {number}"
    st.markdown(f"**{escape_markdown(place.path)}** {does}. The present contents stay in its history.")
    reason = st.text_input("Reason", f"version {number} restored", key="files.restore.reason")
    draw_dialog_buttons(
        "Restore",
        lambda: place.restore(version.version, reason, seen=seen),
        "Restored",
        key="files.restore.go",
        problem="Give a reason." if place.needs_reason() and not reason.strip() else "",
    )
