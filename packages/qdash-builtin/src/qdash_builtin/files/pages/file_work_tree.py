"""State of a root that is a git work tree, with commit, pull and push."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.files.operations import commit_files, pull_files, push_files, show_work_tree
from qdash_builtin.files.pages.file_place import FilePlace
from qdash_builtin.files.requests import CommitRequest
from qdash_core.errors import LoginError, QDashError
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from qdash_builtin.files.views.files import WorkTreeDocument

_COLUMNS = (Column("path", "Uncommitted file", link="href"), Column("change", "Change"))
_NAMED = 5


def draw_work_tree(place: FilePlace) -> None:
    """Draw the branch of a root, its uncommitted files, and the buttons that the user may use."""
    view, root = place.view, place.root
    tree = view.ask(show_work_tree, root.name)
    st.header("Git", divider="gray")
    if (done := st.session_state.pop("files.git.done", None)) is not None:
        st.success(done, icon=":material/check:")
    draw_facts(
        {
            "Branch": escape(tree.branch),
            "Newest commit": escape(tree.commit[:10]) if tree.commit else "none yet",
            "Uncommitted files": str(len(tree.changed)),
            "Commits to push": _describe_unpushed(tree) if root.remote else "no remote is configured",
        }
    )
    if tree.changed:
        rows = [
            {"path": one.path, "change": one.change, "href": FilePlace(view, root, one.path).link()}
            for one in tree.changed
        ]
        table(view, _COLUMNS, rows, key="files.changed", label="Uncommitted files", shown=20)
    with st.container(horizontal=True):
        if root.writable and tree.changed and st.button("Commit all …", icon=":material/commit:"):
            dialog("Commit all changed files")(_draw_commit_form)(place, len(tree.changed))
        pressed = _draw_remote_buttons() if view.administers and root.remote else None
    if pressed is not None:
        _synchronise(place, pressed)


def _describe_unpushed(tree: WorkTreeDocument) -> str:
    return "unknown before the first pull or push" if tree.unpushed is None else str(tree.unpushed)


def _draw_commit_form(place: FilePlace, number: int) -> None:
    st.markdown(f"{number} {'file' if number == 1 else 'files'} of root {place.root.name}, in your name.")
    RequestForm(
        view=place.view,
        model=CommitRequest,
        send=lambda body: place.view.ask(commit_files, place.root.name, body=body),
        place="files.commit",
        label="Commit",
        success="Committed.",
        fields=("reason",),
        in_dialog=True,
    ).draw()


def _draw_remote_buttons() -> str | None:
    """Draw the buttons of the remote, and return the label of the pressed one, or None."""
    icons = {"Pull": "cloud_download", "Push": "cloud_upload"}
    pressed = [
        label
        for label, icon in icons.items()
        if st.button(label, icon=f":material/{icon}:", key=f"files.{label}")
    ]
    return pressed[0] if pressed else None


def _synchronise(place: FilePlace, label: str) -> None:
    try:
        update = place.view.ask(pull_files if label == "Pull" else push_files, place.root.name)
    except LoginError:
        raise
    except QDashError as error:
        show_problem(error)
        return
    named = (
        escape_markdown(summarize_names(update.files, _NAMED)) if update.files else "nothing was to be done"
    )
    st.session_state["files.git.done"] = f"{label}: {named}."
    rerun()
