"""Page of one task: documentation, inputs, outputs and run parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.tasks import show_task
from qdash_ui_streamlit.display.grids import draw_grid, format_code
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.pages.task_run import draw_task_run
from qdash_ui_streamlit.pages.task_statistics import draw_task_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.documents.tasks import InputDocument, TaskDocument
    from qdash_ui_streamlit.view import View


def draw_task_page(view: View, named: str, tasks: Sequence[TaskDocument], chip_id: str | None) -> None:
    """Draw the page of a task.

    Parameters
    ----------
    view : View
        View of the user.
    named : str
        Its name, or an alias.
    tasks : sequence of TaskDocument
        All tasks, including those that produce its inputs.
    chip_id : str or None
        Selected chip.
    """
    offered = next((one for one in tasks if named in (one.name, *one.aliases)), None)
    task = view.ask(show_task, named, **_make_backend_query(offered))
    st.title(task.name)
    st.markdown(f"[All tasks]({view.link('tasks', chip=chip_id)})")
    st.markdown(task.description)
    st.caption(" · ".join(_list_facts(task)))
    _draw_description(task)
    draw_task_record(view, task.name, chip_id)
    why_not = None if offered is None else getattr(offered, "why_not", None)
    draw_task_run(view, task.name, chip_id, why_not)
    _draw_inputs(view, task, tasks, chip_id)
    _draw_outputs(task)
    _draw_run_parameters(task)


def list_producers(tasks: Iterable[TaskDocument], parameter: str) -> list[str]:
    """Return the names of the tasks that produce a parameter."""
    return sorted({task.name for task in tasks if parameter in task.output_parameters})


def describe_bounds(lowest: float | None, highest: float | None, unit: str = "") -> str:
    """Return the valid range of a value as text: `16 to 1000000 ns`, `at least 0`; empty for any value."""
    behind = f"\N{NO-BREAK SPACE}{format_unit(unit)}" if unit else ""
    if lowest is not None and highest is not None:
        return f"{lowest:.10g} to {highest:.10g}{behind}"
    if lowest is not None:
        return f"at least {lowest:.10g}{behind}"
    return "" if highest is None else f"at most {highest:.10g}{behind}"


def _make_backend_query(offered: TaskDocument | None) -> dict[str, Any]:
    return {} if offered is None or offered.backend is None else {"backend": offered.backend}


def _list_facts(task: TaskDocument) -> list[str]:
    facts = [f"type {task.task_type}", f"backend {task.backend or 'any'}"]
    if task.aliases:
        facts.append(f"also called {', '.join(task.aliases)}")
    if task.requires:
        facts.append(f"requires {', '.join(task.requires)}")
    return facts


def _draw_description(task: TaskDocument) -> None:
    for replacement in task.replacements or ():
        st.info(escape_markdown(replacement.text), icon=":material/swap_horiz:")
    left, right = st.columns([3, 2], gap="large") if task.failures else (st.container(), st.container())
    with left:
        st.header("What it measures", divider="gray")
        if task.text_error is not None:
            st.warning(f"The description cannot be read: {task.text_error}", icon=":material/error:")
        st.markdown(task.measures or "No description.")
    with right:
        if task.failures:
            st.header("Failure modes", divider="gray")
        for failure in task.failures or []:
            with st.expander(failure.title):
                st.markdown(f"**Symptom:** {failure.seen}\n\n**Remedy:** {failure.do}")


def _draw_inputs(view: View, task: TaskDocument, tasks: Sequence[TaskDocument], chip_id: str | None) -> None:
    st.header("Inputs", divider="gray")
    if not task.input_parameters:
        st.markdown("No inputs.")
        return
    rows = []
    for name, one in task.input_parameters.items():
        links = [
            f"[{maker}]({view.link('tasks', task=maker, chip=chip_id)})"
            for maker in list_producers(tasks, one.source)
        ]
        latest = "" if one.source == name else f" from {format_code(one.source)}"
        rows.append(
            [
                f"{format_code(name)}{latest}",
                format_unit(one.unit),
                describe_requirement(one),
                ", ".join(links),
            ]
        )
    draw_grid(["Input", "Unit", "Required", "Measured by"], rows)


def describe_requirement(one: InputDocument) -> str:
    """Return whether an input is required, or its default: `required`, `default 0.5`, `optional`."""
    if one.required:
        return "required"
    return "optional" if one.default is None else f"default {one.default:.10g}"


def _draw_outputs(task: TaskDocument) -> None:
    st.header("Outputs", divider="gray")
    if not task.output_parameters:
        st.markdown("No outputs.")
        return
    draw_grid(
        ["Output", "Unit", "Description", "Range"],
        [
            [
                format_code(name),
                format_unit(one.unit),
                one.description,
                describe_bounds(one.minimum, one.maximum),
            ]
            for name, one in task.output_parameters.items()
        ],
    )


def _draw_run_parameters(task: TaskDocument) -> None:
    st.header("Run parameters", divider="gray")
    if not task.run_parameters:
        st.markdown("No run parameters.")
        return
    rows = []
    for name, one in task.run_parameters.items():
        possible = ", ".join(format_code(choice) for choice in one.choices or [])
        default = format_code(one.value) if one.value is not None else ""
        rows.append(
            [
                format_code(name),
                one.value_type,
                format_unit(one.unit),
                default,
                possible or describe_bounds(one.minimum, one.maximum),
                one.description,
            ]
        )
    draw_grid(["Run parameter", "Type", "Unit", "Default", "Range", "Description"], rows)
