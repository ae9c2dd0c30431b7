"""Execution page: a header and four views."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.runs.operations.executions import show_execution
from qdash_builtin.runs.pages.execution_actions import is_active
from qdash_builtin.runs.pages.execution_durations import draw_durations
from qdash_builtin.runs.pages.execution_header import draw_header
from qdash_builtin.runs.pages.execution_tasks import draw_tasks
from qdash_builtin.runs.pages.log import log
from qdash_builtin.runs.pages.timeline import timeline
from qdash_core.errors import NotFoundError
from qdash_core.features.sections import SectionSubject
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

PLACE = "execution"
_VIEWS = {"tasks": "Tasks", "timeline": "Timeline", "durations": "Durations", "log": "Log"}


def render(view: View) -> None:
    """Draw the page."""
    named = view.param("execution")
    if named is None:
        st.title("Execution")
        show_empty("No execution is selected.", f"[Open one from the list]({view.link('executions')}).")
        return
    try:
        shown = view.ask(show_execution, named)
    except NotFoundError:
        st.title("Execution")
        raise
    st.title(escape_markdown(f"{shown.name} {shown.execution_id}"))
    draw_header(view, shown.execution_id)
    wanted = view.param("view")
    what = wanted if wanted in _VIEWS else "tasks"
    offered = {name: (title, view.link(PLACE, execution=named, view=name)) for name, title in _VIEWS.items()}
    draw_view_links(what, offered, label="Views of the execution")
    if what == "timeline":
        timeline(view, shown.execution_id)
    elif what == "durations":
        draw_durations(view, shown.execution_id)
    elif what == "log":
        log(view, shown.execution_id, ended=not is_active(shown))
    else:
        draw_tasks(view, shown)
    subject = SectionSubject(shown.chip_id or None, execution_id=shown.execution_id, document=shown)
    draw_sections(view, "execution", subject, at_head=False)
