"""Table of all parameters of a target: value, error, age, specification and origin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.showing.notices import show_empty
from qdash_ui_streamlit.showing.quantities import use_unit_symbols, value_text
from qdash_ui_streamlit.showing.specification import (
    OUTSIDE,
    WITHIN,
    is_stale,
    is_within_limits,
    measured_at,
    scale_of,
)
from qdash_ui_streamlit.showing.targets import target_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.documents.metrics import ValueDocument
    from qdash_ui_streamlit.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View

Row = dict[str, Any]

_COLUMNS = (
    Column("metric", "Parameter", link="history", help="Opens the history"),
    Column("shown", "Value", "quantity", help="In parentheses: the standard deviation of the last digits"),
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


def draw_values(view: View, seen: TargetData) -> None:
    """Draw the tables of flagged and current values, and the list of missing ones."""
    now = datetime.now(UTC)
    links = TargetLinks(view, seen)
    st.header("Parameters", anchor="parameters")
    if seen.flagged:
        st.caption("Newer values that were flagged and are not in use:")
        rows = [_flagged_row(seen, links, name, now=now) for name in seen.flagged]
        table(view, _FLAGGED, rows, key="values.flagged", label="Flagged values", filtered=False)
    if seen.values:
        rows = make_value_rows(seen, links, now=now)
        columns = [one for one in _COLUMNS if one.name != "design" or any(row.get("design") for row in rows)]
        table(view, columns, rows, key="values", label="Parameters")
    else:
        show_empty(
            f"No accepted values for this {seen.kind.word} yet.",
            "Run tasks on it to measure values.",
        )
    if said := describe_missing_values(seen):
        st.markdown(said)


class TargetLinks:
    """Links of the cells of a target."""

    def __init__(self, view: View, seen: TargetData) -> None:
        self._view, self._seen = view, seen
        self._tasks = {one.task_id: name for name, one in seen.results.items()}

    def history(self, metric: str) -> str:
        """Return the URL of the history of a metric."""
        return target_link(self._view, self._seen.chip.chip_id, self._seen.target.id, metric=metric)

    def origin(self, task_id: str | None, execution_id: str | None, task: str = "") -> Row:
        """Return the cells that link to the result and the execution of a value."""
        if not task_id:
            return {}
        return {
            "task": task or self._tasks.get(task_id) or f"result {task_id[:8]}",
            "task_link": self._view.link("result", result=task_id),
            "execution": execution_id,
            "execution_link": self._view.link("execution", execution=execution_id),
        }


def make_value_rows(seen: TargetData, links: TargetLinks, *, now: datetime) -> list[Row]:
    """Return a row for each current value, the main metrics first."""
    first = [name for name in seen.kind.expected(seen.known) if name in seen.values]
    order = dict.fromkeys([*first, *(name for name in seen.metrics if name in seen.values), *seen.values])
    return [_row(seen, links, name, seen.values[name], now=now) for name in order]


def _row(seen: TargetData, links: TargetLinks, name: str, value: ValueDocument, *, now: datetime) -> Row:
    metric = seen.metrics.get(name)
    scale = scale_of(name, metric, value.get("unit", ""))
    good = is_within_limits(metric, value["value"])
    measured = measured_at(value)
    designed = (seen.target.design or {}).get(name)
    stale = is_stale(metric, measured, now)
    return {
        "metric": f"{scale.title}{' (stale)' if stale else ''}",
        "history": links.history(name),
        "shown": scale.shown(value["value"], value.get("error")),
        "age": None if measured is None else (now - measured).total_seconds(),
        "specification": None if good is None else WITHIN if good else OUTSIDE,
        "limit": use_unit_symbols(metric.specification or "") if metric else None,
        "design": None if designed is None else value_text(*scale.shown(designed.value)),
        **links.origin(value.get("task_id"), value.get("execution_id")),
    }


def _flagged_row(seen: TargetData, links: TargetLinks, name: str, *, now: datetime) -> Row:
    value = seen.flagged[name]
    row = _row(seen, links, name, value, now=now)
    used = seen.values.get(name)
    scale = scale_of(name, seen.metrics.get(name), value.get("unit", ""))
    in_use = None if used is None else value_text(*scale.shown(used["value"], used.get("error")))
    return {
        **row,
        "verdict": str(value["verdict"]),
        "in_use": in_use,
        "reasons": use_unit_symbols("; ".join(value.get("reasons", []))),
    }


def describe_missing_values(seen: TargetData) -> str:
    """Return the metrics without a value and the reasons, as Markdown; empty if there are none."""
    absent = [name for name in seen.metrics if name not in seen.values and name not in seen.flagged]
    failed = [name for name in absent if name in seen.failed]
    never = [name for name in absent if name not in seen.failed]
    title: Callable[[str], str] = lambda name: seen.metrics[name].title  # noqa: E731
    said = []
    for task in dict.fromkeys(seen.failed[name].task for name in failed):
        names = [title(name) for name in failed if seen.failed[name].task == task]
        said.append(f"**No value, {task} failed:** {', '.join(names)}.")
    if never:
        said.append(f"**No value, never measured:** {', '.join(map(title, never))}.")
    return "\n\n".join(said)
