"""Table of all values of a target: value, error, age, specification and marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.marks import HELP, make_mark_cell
from qdash_builtin.metrics.pages.specification import (
    format_specification,
    get_measurement_time,
    get_scale,
    judge_value,
)
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import format_value, use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

Row = dict[str, Any]

_COLUMNS = (
    Column("metric", "Parameter", link="history", help="Shows the history"),
    Column("shown", "Value", "judged", help="In parentheses: the standard deviation of the last digits"),
    Column("age", "Age", "age"),
)
_MARKS = Column("marks", "Marks", "states", help=HELP)
_SHOWN = 12
"""Number of values that are shown at first, the main metrics before the others."""
_FLAGGED = (
    Column("metric", "Parameter", link="history"),
    Column("verdict", "Verdict", "status"),
    Column("shown", "Value", "quantity"),
    Column("in_use", "Value in use"),
    Column("reasons", "Reasons"),
    Column("task", "Task", link="task_link", help="Opens the result"),
)


def draw_values(view: View, data: TargetData) -> None:
    """Draw the tables of current and flagged values, and the list of missing ones."""
    st.header("Values", anchor="parameters")
    if data.values:
        rows = make_value_rows(view, data)
        columns = (*_COLUMNS, _MARKS) if any(row["marks"] for row in rows) else _COLUMNS
        table(view, columns, rows, key="values", label="Values", shown=_SHOWN)
    else:
        show_empty(
            f"No accepted values for this {data.kind.word} yet.",
            "Run tasks on it to measure values." if view.edits else "",
        )
    if data.flagged:
        st.caption("Newer values that were flagged and are not in use:")
        flagged = [_make_flagged_row(view, data, name) for name in data.flagged]
        table(view, _FLAGGED, flagged, key="values.flagged", label="Flagged values", filtered=False)
    failed, never = list_missing_values(data)
    for task, titles in failed.items():
        st.markdown(f"**No value of {task}:** {', '.join(titles)}.")
    if never:
        with st.expander(f"Never measured: {format_count(len(never), 'metric')}"):
            st.markdown(f"{', '.join(never)}.")


def make_value_rows(view: View, data: TargetData) -> list[Row]:
    """Return a row for each current value, the main metrics first."""
    now = view.now()
    first = [name for name in data.known.list_default_columns(data.kind.word) if name in data.values]
    order = dict.fromkeys([*first, *(name for name in data.metrics if name in data.values), *data.values])
    return [_make_row(view, data, name, data.values[name], now=now) for name in order]


def _make_row(view: View, data: TargetData, name: str, value: ValueDocument, *, now: datetime) -> Row:
    metric = data.metrics.get(name)
    scale = get_scale(name, metric, value.get("unit", ""))
    measured = get_measurement_time(value)
    number, error, unit = scale.shown(value["value"], value.get("error"))
    limit = format_specification(metric, value["value"], value.get("error"))
    return {
        "name": name,
        "metric": f"{scale.title} (simulated)" if value.get("simulated") else scale.title,
        "history": make_target_url(view, data.chip.chip_id, data.target.id, metric=name),
        "shown": [
            number,
            error,
            judge_value(metric, value),
            [],
            measured and measured.isoformat(),
            unit,
            limit,
        ],
        "age": None if measured is None else (now - measured).total_seconds(),
        "marks": make_mark_cell(view, value),
    }


def _make_flagged_row(view: View, data: TargetData, name: str) -> Row:
    value = data.flagged[name]
    used, task_id = data.values.get(name), value.get("task_id")
    scale = get_scale(name, data.metrics.get(name), value.get("unit", ""))
    tasks = {one.task_id: task for task, one in data.results.items()}
    return {
        "metric": scale.title,
        "history": make_target_url(view, data.chip.chip_id, data.target.id, metric=name),
        "verdict": str(value["verdict"]),
        "shown": scale.shown(value["value"], value.get("error")),
        "in_use": None if used is None else format_value(*scale.shown(used["value"], used.get("error"))),
        "reasons": use_unit_symbols("; ".join(value.get("reasons", []))),
        "task": task_id and (tasks.get(task_id) or f"result {task_id[:8]}"),
        "task_link": task_id and view.link("result", result=task_id),
    }


def list_missing_values(data: TargetData) -> tuple[dict[str, list[str]], list[str]]:
    """Return the titles of the metrics without a value: by the task that failed to measure them, and those never measured."""
    failed: dict[str, list[str]] = {}
    never = []
    for name, metric in data.metrics.items():
        if name in data.values or name in data.flagged:
            continue
        if name in data.failed:
            failed.setdefault(data.failed[name].task, []).append(metric.title)
        else:
            never.append(metric.title)
    return failed, never
