"""Tables of a result: outputs, fit quality, times, inputs and run parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.quantities import format_unit, format_value
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.models.task import InputModel
    from qdash_ui_streamlit.view import View

_OUTPUTS = (
    Column("name", "Parameter", link="link"),
    Column("shown", "Value", "quantity"),
    Column("about", "Description"),
)
_INPUTS = (
    Column("name", "Parameter"),
    Column("shown", "Value", "quantity"),
    Column("from", "Source", link="link"),
    Column("declared", "Declaration"),
)
_RUN = (Column("name", "Parameter"), Column("value", "Value"), Column("about", "Description"))


def draw_outputs(view: View, result: RecordedResult) -> None:
    """Draw the outputs of a result, and the names of missing ones."""
    st.header("Values")
    titles = load_titles(view)
    rows = [
        {
            "name": titles.get(name, name),
            "link": _history_url(view, result, name),
            "shown": (one.value, one.error, one.unit),
            "about": one.description,
        }
        for name, one in result.output_parameters.items()
    ]
    columns = _OUTPUTS if any(row["about"] for row in rows) else _OUTPUTS[:2]
    table(view, columns, rows, key="outputs", label="Values", empty="No values.", filtered=False)
    absent = [
        titles.get(name, name)
        for name in result.output_parameter_names
        if name not in result.output_parameters
    ]
    if absent:
        st.caption(f"Missing outputs: {', '.join(absent)}.")


def _history_url(view: View, result: RecordedResult, metric: str) -> str | None:
    if result.task_type not in ("qubit", "coupling"):
        return None
    return make_target_url(view, result.chip_id, result.qid, metric=metric)


def draw_quality(result: RecordedResult) -> None:
    """Draw the fit quality."""
    figures = {} if result.r2 is None else {"r2": result.r2}
    figures |= result.quality
    if figures:
        parts = [f"{name_figure_of_merit(name)} **{value:.4g}**" for name, value in figures.items()]
        st.markdown(" &nbsp;·&nbsp; ".join(parts))


def name_figure_of_merit(name: str) -> str:
    """Return a figure of merit by its symbol: `R²` for r2, `reduced χ²` for reduced_chi2."""
    return "R²" if name == "r2" else name.replace("_", " ").replace("chi2", "χ²")


def draw_times(result: RecordedResult) -> None:
    """Draw the durations in wall time and laboratory time."""
    parts = []
    if result.elapsed_time is not None:
        parts.append(f"Wall time {format_duration(result.elapsed_time)}")
    if result.lab_s is not None:
        parts.append(f"laboratory time {format_duration(result.lab_s)}")
    if result.lab_start_s is not None:
        parts.append(f"started at {format_duration(result.lab_start_s)} of the run's laboratory time")
    if parts:
        st.caption(", ".join(parts) + ".")


def draw_inputs(view: View, result: RecordedResult, tasks: Mapping[str, str]) -> None:
    """Draw the inputs of a task, each with the result that it comes from; undeclared ones are marked.

    `tasks` has the task names by result id that the page knows.
    """
    st.header("Inputs")
    titles = load_titles(view)
    rows: list[dict[str, Any]] = [
        {
            "name": titles.get(name, name),
            "shown": (one.value, one.error, one.unit),
            "from": _describe_source(one, tasks),
            "link": view.link("result", result=one.task_id) if one.task_id else None,
            "declared": "undeclared" if one.undeclared else "",
        }
        for name, one in result.input_parameters.items()
    ]
    columns = _INPUTS if any(row["declared"] for row in rows) else _INPUTS[:3]
    table(view, columns, rows, key="inputs", label="Inputs", empty="No inputs.", filtered=False)
    if result.upstream_id:
        before = _name_result(result.upstream_id, tasks)
        st.markdown(f"Previous task in the run: [{before}]({view.link('result', result=result.upstream_id)})")


def _describe_source(used: InputModel, tasks: Mapping[str, str]) -> str:
    if used.from_laboratory:
        return "the laboratory's own"
    if used.from_user:
        return "given by the user of the run"
    if not used.task_id:
        return "default or backend library"
    return _name_result(used.task_id, tasks)


def _name_result(task_id: str, tasks: Mapping[str, str]) -> str:
    return tasks.get(task_id) or f"result {task_id[:8]}"


def draw_run_parameters(view: View, result: RecordedResult) -> None:
    """Draw the run parameters of a task, the analysis options of a refit, and the note that the task recorded."""
    st.header("Run parameters")
    rows = [
        {
            "name": name,
            "value": format_run_parameter(one.value, one.unit),
            "about": one.description.replace("`", ""),
        }
        for name, one in result.run_parameters.items()
    ]
    table(
        view,
        _RUN,
        rows,
        key="run_parameters",
        label="Run parameters",
        empty="No run parameters.",
        filtered=False,
    )
    if result.analysis_options:
        st.header("Analysis options")
        chosen = [
            {
                "name": name,
                "value": format_run_parameter(one.value, one.unit),
                "about": one.description.replace("`", ""),
            }
            for name, one in result.analysis_options.items()
        ]
        table(view, _RUN, chosen, key="analysis_options", label="Analysis options", filtered=False)
    if result.note:
        with st.expander("Note of the task"):
            st.json(result.note, expanded=1)


def format_run_parameter(value: Any, unit: str) -> str:
    """Return the value of a run parameter as text."""
    if value is None:
        return "chosen by the task"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        text = value if isinstance(value, str) else json.dumps(value)
        return f"{text}\N{NO-BREAK SPACE}{format_unit(unit)}" if unit else text
    return format_value(value, None, unit)
