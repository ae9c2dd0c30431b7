"""Tasks page: the catalogue, or one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.operations.tasks import list_tasks
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_builtin.runs.pages.task_page import draw_task_page
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.query_params import draw_select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.views.tasks import TaskDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200


def render(view: View) -> None:
    """Draw the catalogue, or the task in the URL."""
    chip_id = view.chip_id()
    tasks = _load_tasks(view, chip_id)
    named = view.param("task")
    if named is not None:
        draw_task_page(view, named, tasks, chip_id)
        return
    st.title("Tasks")
    if not tasks:
        show_empty(
            "No task is installed.",
            "Install a distribution with tasks: `qdash-tasks` has the standard ones.",
        )
        return
    _draw_catalogue(view, tasks, chip_id)


def _load_tasks(view: View, chip_id: str | None) -> Sequence[TaskDocument]:
    """Return the installed tasks, with their availability on the chip if one is selected."""
    if chip_id is None:
        return list(view.every(list_tasks.paged(limit=_PAGE)))
    return load_chip_tasks(view, chip_id)


def _draw_catalogue(view: View, tasks: Sequence[TaskDocument], chip_id: str | None) -> None:
    shown = _filter_tasks(view, tasks)
    rows = [make_row(view, task, chip_id) for task in shown]
    columns = [
        Column("name", "Task", link="page"),
        Column("type", "Type"),
        Column("description", "Description"),
    ]
    if any(one["backend"] for one in rows):
        columns.append(Column("backend", "Backend", help="–: any"))
    if any(one["why_not"] for one in rows):
        columns.append(Column("why_not", f"Not available on {chip_id}", help="–: available"))
    table(view, columns, rows, key="tasks", label="Tasks", empty="No tasks match the filters.", shown=100)


def _filter_tasks(view: View, tasks: Sequence[TaskDocument]) -> list[TaskDocument]:
    """Draw the filters of the catalogue, and return the tasks that match them."""
    made = sorted({parameter for task in tasks for parameter in task.output_parameters})
    backends = sorted({one.backend for one in tasks if one.backend is not None})
    with st.container(horizontal=True):
        kind = draw_select(
            view, "type", "Type", sorted({one.task_type for one in tasks}), any_text="any type"
        )
        makes = draw_select(view, "makes", "Output", made, any_text="any output")
        backend = (
            draw_select(view, "backend", "Backend", backends, any_text="any backend") if backends else None
        )
    return [
        one
        for one in tasks
        if kind in (None, one.task_type)
        and backend in (None, one.backend)
        and (makes is None or makes in one.output_parameters)
    ]


def make_row(view: View, task: TaskDocument, chip_id: str | None) -> dict[str, Any]:
    """Return a task as a row of the catalogue."""
    return {
        "name": task.name,
        "page": view.link("tasks", task=task.name, chip=chip_id),
        "type": task.task_type,
        "description": task.description,
        "backend": task.backend,
        "why_not": getattr(task, "why_not", None),
    }
