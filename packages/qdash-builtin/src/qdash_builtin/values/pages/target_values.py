"""Table of all parameters of a target: value, error, age, specification and origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.marks import HELP, make_mark_cell
from qdash_builtin.metrics.pages.specification import (
    OUTSIDE,
    WITHIN,
    format_specification,
    get_measurement_time,
    get_scale,
    is_within_limits,
)
from qdash_builtin.values.pages.target_value_form import draw_value_editor
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import format_value, use_unit_symbols
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_ui_streamlit.view import View

Row = dict[str, Any]

_COLUMNS = (
    Column("metric", "Parameter", link="history", help="Opens the history"),
    Column("shown", "Value", "quantity", help="In parentheses: the standard deviation of the last digits"),
    Column("marks", "Marks", "states", help=HELP),
    Column("age", "Age", "seconds"),
    Column("specification", "Specification", "status"),
    Column("limit", "Limit"),
    Column("design", "Design", help="Design value"),
    Column("task", "Task", link="task_link", help="Opens the result of the value"),
    Column("execution", "Execution", "code", link="execution_link"),
)
_FLAGGED = (
    Column("metric", "Parameter", link="history"),
    Column("verdict", "Verdict", "status"),
    Column("shown", "Value", "quantity"),
    Column("in_use", "Value in use"),
    Column("age", "Age", "seconds"),
    Column("reasons", "Reasons"),
    Column("task", "Task", link="task_link"),
    Column("execution", "Execution", "code", link="execution_link"),
)


def draw_values(view: View, data: TargetData) -> None:
    """Draw the tables of flagged and current values, and the list of missing ones."""
    now = view.now()
    links = TargetLinks(view, data)
    st.header("Parameters", anchor="parameters")
    if data.flagged:
        st.caption("Newer values that were flagged and are not in use:")
        rows = [_make_flagged_row(data, links, name, now=now) for name in data.flagged]
        table(view, _FLAGGED, rows, key="values.flagged", label="Flagged values", filtered=False)
    if data.values:
        rows = [
            {**row, "marks": make_mark_cell(view, data.values[row["name"]])}
            for row in make_value_rows(data, links, now=now)
        ]
        columns = [
            one
            for one in _COLUMNS
            if one.name not in ("design", "marks") or any(row.get(one.name) for row in rows)
        ]
        table(view, columns, rows, key="values", label="Parameters")
    else:
        show_empty(
            f"No accepted values for this {data.kind.word} yet.",
            "Run tasks on it to measure values.",
        )
    if text := describe_missing_values(data):
        st.markdown(text)
    draw_value_editor(view, data)


class TargetLinks:
    """Links of the cells of a target."""

    def __init__(self, view: View, data: TargetData) -> None:
        self._view, self._data = view, data
        self._tasks = {one.task_id: name for name, one in data.results.items()}

    def history(self, metric: str) -> str:
        """Return the URL of the history of a metric."""
        return make_target_url(self._view, self._data.chip.chip_id, self._data.target.id, metric=metric)

    def origin(self, task_id: str | None, execution_id: str | None, task: str = "") -> Row:
        """Return the cells that link to the result and the execution of a value."""
        if not task_id:
            return {}
        return {
            "task": task or self._tasks.get(task_id) or f"result {task_id[:8]}",
            "task_link": self._view.link("result", result=task_id),
            "execution": execution_id,
            "execution_link": execution_id and self._view.link("execution", execution=execution_id),
        }


def make_value_rows(data: TargetData, links: TargetLinks, *, now: datetime) -> list[Row]:
    """Return a row for each current value, the main metrics first."""
    first = [name for name in data.kind.main_metrics(data.known) if name in data.values]
    order = dict.fromkeys([*first, *(name for name in data.metrics if name in data.values), *data.values])
    return [_make_row(data, links, name, data.values[name], now=now) for name in order]


def _make_row(data: TargetData, links: TargetLinks, name: str, value: ValueDocument, *, now: datetime) -> Row:
    metric = data.metrics.get(name)
    scale = get_scale(name, metric, value.get("unit", ""))
    good = is_within_limits(metric, value["value"])
    measured = get_measurement_time(value)
    designed = (data.target.design or {}).get(name)
    return {
        "name": name,
        "metric": f"{scale.title} (simulated)" if value.get("simulated") else scale.title,
        "history": links.history(name),
        "shown": scale.shown(value["value"], value.get("error")),
        "age": None if measured is None else (now - measured).total_seconds(),
        "specification": None if good is None else WITHIN if good else OUTSIDE,
        # Unbroken, as the table makes this column as narrow as it can.
        "limit": format_specification(metric, value["value"], value.get("error")).replace(
            " ", "\N{NO-BREAK SPACE}"
        ),
        "design": None if designed is None else format_value(*scale.shown(designed.value)),
        **links.origin(value.get("task_id"), value.get("execution_id")),
    }


def _make_flagged_row(data: TargetData, links: TargetLinks, name: str, *, now: datetime) -> Row:
    value = data.flagged[name]
    row = _make_row(data, links, name, value, now=now)
    used = data.values.get(name)
    scale = get_scale(name, data.metrics.get(name), value.get("unit", ""))
    in_use = None if used is None else format_value(*scale.shown(used["value"], used.get("error")))
    return {
        **row,
        "verdict": str(value["verdict"]),
        "in_use": in_use,
        "reasons": use_unit_symbols("; ".join(value.get("reasons", []))),
    }


def describe_missing_values(data: TargetData) -> str:
    """Return the metrics without a value and the reasons, as Markdown; empty if there are none."""
    absent = [name for name in data.metrics if name not in data.values and name not in data.flagged]
    failed = [name for name in absent if name in data.failed]
    never = [name for name in absent if name not in data.failed]
    title: Callable[[str], str] = lambda name: data.metrics[name].title  # noqa: E731
    parts = []
    for task in dict.fromkeys(data.failed[name].task for name in failed):
        names = [title(name) for name in failed if data.failed[name].task == task]
        parts.append(f"**No value, {task} failed:** {', '.join(names)}.")
    if never:
        parts.append(f"**No value, never measured:** {', '.join(map(title, never))}.")
    return "\n\n".join(parts)
