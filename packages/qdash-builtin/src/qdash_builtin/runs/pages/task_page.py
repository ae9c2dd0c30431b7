"""Page of one task: documentation, inputs, outputs and run parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.results.pages.task_statistics import draw_task_record
from qdash_builtin.runs.operations.tasks import show_task
from qdash_builtin.runs.pages.task_run import draw_task_run
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.quantities import format_unit, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_builtin.runs.views.tasks import InputDocument, TaskDocument
    from qdash_ui_streamlit.view import View

_INPUTS = (
    Column("name", "Input", "code"),
    Column("latest", "Latest value of", "code"),
    Column("unit", "Unit"),
    Column("required", "Required"),
    Column("producers", "Measured by", "links"),
)
_OUTPUTS = (
    Column("name", "Output", "code"),
    Column("unit", "Unit"),
    Column("description", "Description"),
    Column("range", "Range"),
)
_RUN_PARAMETERS = (
    Column("name", "Run parameter", "code"),
    Column("type", "Type"),
    Column("unit", "Unit"),
    Column("default", "Default", "code"),
    Column("range", "Range"),
    Column("description", "Description"),
)


def draw_task_page(view: View, named: str, tasks: Sequence[TaskDocument], chip_id: str | None) -> None:
    """Draw the page of a task, named by its name or an alias; `tasks` includes those that produce its inputs."""
    offered = next((one for one in tasks if named in (one.name, *one.aliases)), None)
    task = view.ask(show_task, named, backend=None if offered is None else offered.backend)
    st.title(task.name)
    st.markdown(f"[All tasks]({view.link('tasks', chip=chip_id)})")
    st.markdown(use_unit_symbols(task.description))
    st.caption(" · ".join(_list_facts(task)))
    _draw_description(task)
    draw_task_record(view, task.name, chip_id)
    why_not = None if offered is None else getattr(offered, "why_not", None)
    draw_task_run(view, task.name, chip_id, why_not)
    _draw_inputs(view, task, tasks, chip_id)
    _draw_outputs(view, task)
    _draw_run_parameters(view, task)


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
        st.markdown(use_unit_symbols(task.measures or "No description."))
    with right:
        if task.failures:
            st.header("Failure modes", divider="gray")
        for failure in task.failures or []:
            with st.expander(use_unit_symbols(failure.title)):
                st.markdown(use_unit_symbols(f"**Symptom:** {failure.seen}\n\n**Remedy:** {failure.do}"))


def _draw_inputs(view: View, task: TaskDocument, tasks: Sequence[TaskDocument], chip_id: str | None) -> None:
    st.header("Inputs", divider="gray")
    if not task.input_parameters:
        st.markdown("No inputs.")
        return
    rows = [
        {
            "name": name,
            "latest": None if one.source == name else one.source,
            "unit": format_unit(one.unit),
            "required": describe_requirement(one),
            "producers": [
                {"text": producer, "href": view.link("tasks", task=producer, chip=chip_id)}
                for producer in list_producers(tasks, one.source)
            ],
        }
        for name, one in task.input_parameters.items()
    ]
    columns = [one for one in _INPUTS if one.name != "latest" or any(row["latest"] for row in rows)]
    table(view, columns, rows, key="task.inputs", label="Inputs", filtered=False)


def describe_requirement(one: InputDocument) -> str:
    """Return whether an input is required, or its default: `required`, `default 0.5`, `optional`."""
    if one.required:
        return "required"
    return "optional" if one.default is None else f"default {one.default:.10g}"


def _draw_outputs(view: View, task: TaskDocument) -> None:
    st.header("Outputs", divider="gray")
    if not task.output_parameters:
        st.markdown("No outputs.")
        return
    rows = [
        {
            "name": name,
            "unit": format_unit(one.unit),
            "description": one.description.replace("`", ""),
            "range": describe_bounds(one.minimum, one.maximum),
        }
        for name, one in task.output_parameters.items()
    ]
    table(view, _OUTPUTS, rows, key="task.outputs", label="Outputs", filtered=False)


def _draw_run_parameters(view: View, task: TaskDocument) -> None:
    st.header("Run parameters", divider="gray")
    if not task.run_parameters:
        st.markdown("No run parameters.")
        return
    rows = [
        {
            "name": name,
            "type": one.value_type,
            "unit": format_unit(one.unit),
            "default": None if one.value is None else str(one.value),
            "range": ", ".join(map(str, one.choices or [])) or describe_bounds(one.minimum, one.maximum),
            "description": one.description.replace("`", ""),
        }
        for name, one in task.run_parameters.items()
    ]
    table(view, _RUN_PARAMETERS, rows, key="task.parameters", label="Run parameters", filtered=False)
