"""History of a metric of a target: values with errors, verdicts and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.pages.target_history_figure import describe_point_verdict, make_history_figure
from qdash_builtin.chips.pages.target_notes import draw_metric_note
from qdash_builtin.metrics.operations.metric_histories import metric_history
from qdash_builtin.metrics.pages.annotations import (
    loading_annotations,
    make_annotation_data,
    select_annotations,
)
from qdash_builtin.metrics.pages.marks import HELP, make_mark_cell
from qdash_builtin.metrics.pages.specification import format_specification, get_scale, judge_value
from qdash_builtin.metrics.requests.histories import HistoryQuery
from qdash_builtin.provenance.pages.provenance_graph import draw_value_origin
from qdash_builtin.results.operations.results import list_results, show_result
from qdash_builtin.results.pages.result_decision import draw_decision
from qdash_builtin.runs.pages.refit_display import format_moment
from qdash_builtin.runs.pages.verdicts import describe_decision, draw_verdict
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.task import TaskStatus
from qdash_ui_streamlit.components.figure import show_figure
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import draw_lines, format_link
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import format_value, use_unit_symbols
from qdash_ui_streamlit.display.session_cache import cache_on_page
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument
    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_ui_streamlit.view import View

_PAGE = 100
_COLUMNS = (
    Column("at", "Measured", "time", link="link", help="Opens the result"),
    Column("shown", "Value", "quantity", link="select", help="Selects the value below the figure"),
    Column("verdict", "Verdict", "status"),
    Column("reasons", "Reasons"),
    Column("decision", "Decision"),
    Column("task", "Task"),
    Column("kept", "Kind"),
    Column("use", "Use", "states", help=HELP),
    Column("execution", "Execution", "execution"),
)


@dataclass
class MetricHistory:
    """Values of a metric that a page has loaded.

    Parameters
    ----------
    points : dict
        Values by result id.
    after : str or None
        Cursor of the next page, or None if all are loaded.
    """

    points: dict[str, HistoryPointDocument] = field(default_factory=dict)
    after: str | None = None

    def in_order(self) -> list[HistoryPointDocument]:
        """Return the values by time, newest first; those without a time last."""
        return sorted(self.points.values(), key=get_measurement_timestamp, reverse=True)


def get_measurement_timestamp(point: HistoryPointDocument) -> float:
    """Return the time of a measurement as a timestamp in seconds, or 0 if unknown."""
    at = point.calibrated_at or point.start_at
    return 0.0 if at is None else at.timestamp()


@fragment
def draw_history(view: View, data: TargetData) -> None:
    """Draw the history of the metric in the URL. Four requests, one for its note, and one for each older page."""
    names = [
        *dict.fromkeys(
            [*data.known.list_default_columns(data.kind.word), *data.values, *data.flagged, *data.metrics]
        )
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("History", anchor="history", width="content")
        metric = _select_metric(view, data, names) if names else None
    if metric is None:
        show_empty("The metrics file defines no metric for this target, and nothing was measured.")
        return
    if metric in data.values:
        draw_lines([_describe_value_in_use(view, data, metric)])
    with loading_annotations(view, data.chip.chip_id, target=data.target.id, metric=metric) as annotations:
        known = _load_history(view, data, metric)
        failures = _load_failures(view, data, metric, known)
    if known.points:
        _draw_points(view, data, metric, known, failures, annotations.result())
        scroll_here(view.param("metric"), key="history.scroll")
        _draw_further(view, data, metric, known)
    else:
        show_empty(
            f"No value of {get_scale(metric, data.metrics.get(metric)).title} for this {data.kind.word} yet."
        )
    draw_value_origin(view, data, metric)
    draw_metric_note(view, data, metric)


def _select_metric(view: View, data: TargetData, names: list[str]) -> str:
    """Draw the choice of the metric in the URL, or else the first with a value, and return it."""
    param = view.param("metric")
    metric = param if param in names else next((name for name in names if name in data.values), names[0])
    # The key contains the choice: a widget with a fixed key would not follow the Back button.
    key = f"metric.{data.target.id}.{metric}"
    st.selectbox(
        "Metric",
        names,
        index=names.index(metric),
        key=key,
        format_func=lambda name: get_scale(name, data.metrics.get(name)).title,
        on_change=lambda: view.set_params(metric=st.session_state[key], point=None),
        width=240,
        label_visibility="collapsed",
    )
    return metric


def _describe_value_in_use(view: View, data: TargetData, metric: str) -> list[str]:
    """Return the value in use with its specification, design value and origin, as HTML."""
    value, definition = data.values[metric], data.metrics.get(metric)
    scale = get_scale(metric, definition, value.get("unit", ""))
    parts = [f"<b>{escape(format_value(*scale.shown(value['value'], value.get('error'))))}</b>"]
    if state := judge_value(definition, value):
        limit = format_specification(definition, value["value"], value.get("error"))
        parts.append(format_status_html(state, f"{state} specification: {limit}"))
    designed = (data.target.design or {}).get(metric)
    parts += [] if designed is None else [f"design {escape(format_value(*scale.shown(designed.value)))}"]
    if task_id := value.get("task_id"):
        tasks = {one.task_id: name for name, one in data.results.items()}
        name = tasks.get(task_id) or f"result {task_id[:8]}"
        parts.append(format_link(view.link("result", result=task_id), name, title="open the result"))
    return parts


def _load_history(view: View, data: TargetData, metric: str) -> MetricHistory:
    """Return the values loaded so far, with the newest page updated."""
    place = f"history.{data.chip.chip_id}.{data.target.id}.{metric}"
    page = view.ask(metric_history.paged(limit=_PAGE), *_name_history(data, metric))
    known = cache_on_page("history.known", place, lambda: MetricHistory(after=page.next))
    known.points |= {point.task_id: point for point in page.items}
    return known


def _name_history(data: TargetData, metric: str) -> tuple[str, HistoryQuery]:
    return data.chip.chip_id, HistoryQuery(target=data.target.id, metric=metric)


def _load_older(view: View, data: TargetData, metric: str, known: MetricHistory) -> None:
    page = view.ask(metric_history.paged(limit=_PAGE, after=known.after), *_name_history(data, metric))
    known.points |= {point.task_id: point for point in page.items}
    known.after = page.next


def _draw_further(view: View, data: TargetData, metric: str, known: MetricHistory) -> None:
    """Draw the button that loads one more page, and the link to all values as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if known.after is not None:
            st.button(
                "Load older values",
                key=f"history.older.{data.target.id}.{metric}",
                on_click=partial(_load_older, view, data, metric, known),
            )
        draw_download_link(
            view,
            f"metrics/chips/{quote(data.chip.chip_id, safe='')}/history-file",
            "All values (CSV)",
            name=f"{data.chip.chip_id}-{data.target.id}-{metric}.csv",
            target=data.target.id,
            metric=metric,
        )


def _load_failures(view: View, data: TargetData, metric: str, known: MetricHistory) -> list[ResultDocument]:
    """Return the newest failures of the tasks that produce a metric, which are not part of its history."""
    tasks = {point.task for point in known.points.values()}
    tasks |= {data.failed[metric].task} if metric in data.failed else set()
    if not tasks:
        return []
    page = view.ask(
        list_results.paged(limit=_PAGE),
        chip_id=data.chip.chip_id,
        target=data.target.id,
        status=TaskStatus.FAILED,
    )
    return [result for result in page.items if result.name in tasks and not result.output_parameters]


def _draw_points(
    view: View,
    data: TargetData,
    metric: str,
    known: MetricHistory,
    failures: Sequence[ResultDocument],
    annotations: ChipAnnotationsDocument | None,
) -> None:
    points = known.in_order()
    definition = data.metrics.get(metric)
    scale = get_scale(metric, definition, points[0].unit)
    designed = (data.target.design or {}).get(metric)
    figure = make_history_figure(
        points,
        failures,
        definition,
        scale,
        view.zone,
        in_use=_find_current_result(data, metric),
        marks=data.values[metric].get("mark_reasons", []) if metric in data.values else [],
        design=designed.value if designed else None,
    )
    key = f"figure.{data.target.id}.{metric}"
    times = [at for point in points if (at := point.measured_at) is not None]
    show_figure(
        figure,
        key=key,
        label=f"History of {scale.title} of {data.kind.word} {data.target.id}; the table has the same values",
        on_select=lambda customdata: view.set_params(point=customdata[0]),
        annotations=make_annotation_data(
            view, data.chip.chip_id, select_annotations(annotations, min(times)), max(times)
        )
        if times
        else None,
    )
    _draw_selected_point(view, metric, scale)
    with st.expander("Table"):
        rows = [
            _make_row(view, data, metric, point, scale.shown(point.value, point.error)) for point in points
        ]
        table(view, _COLUMNS, rows, key=f"{key}.table", label="Values", shown=50)


def _draw_selected_point(view: View, metric: str, scale: Scale) -> None:
    """Draw the result of the point in the URL, with the buttons for a decision on it."""
    task_id = view.param("point")
    if task_id is None:
        acts = " or to use its value" if view.edits else ""
        st.caption(f"Select a point, or a value of the table, to open its result{acts}.")
        return
    with st.container(border=True, key="history.point"):
        result = view.ask(show_result, task_id)
        found = result.output_parameters.get(metric)
        value = "no value" if found is None else format_value(*scale.shown(found.value, found.error))
        link = format_link(view.link("result", result=task_id), f"open the result of {result.name}")
        draw_lines([[f"<b>{escape(scale.title)}: {value}</b>", link]])
        draw_verdict(view, result)
        draw_decision(view, result, metric=metric)


def _find_current_result(data: TargetData, metric: str) -> str | None:
    value = data.values.get(metric)
    return None if value is None else value.get("task_id")


def _make_use_cell(view: View, data: TargetData, metric: str) -> list[dict[str, Any]]:
    """Return that a value is in use, with its marks, as a table cell of kind `states`."""
    marks = make_mark_cell(view, data.values[metric]) if metric in data.values else []
    return [{"state": "active", "text": "in use"}, *marks]


def _make_row(
    view: View,
    data: TargetData,
    metric: str,
    point: HistoryPointDocument,
    shown: tuple[float, float | None, str],
) -> dict[str, Any]:
    scope = None if point.scope is None else f"scope {point.scope}"
    kept = scope or ("" if point.saved else "trial")
    return {
        "at": point.calibrated_at or point.start_at,
        "link": view.link("result", result=point.task_id),
        "select": make_target_url(
            view, data.chip.chip_id, data.target.id, metric=metric, point=point.task_id
        ),
        "shown": shown,
        "verdict": describe_point_verdict(point),
        "reasons": use_unit_symbols("; ".join(point.reasons)),
        "decision": "" if point.decision is None else describe_decision(point.decision),
        "task": f"entered by {point.username}" if point.manual else point.task,
        "kept": ", ".join(one for one in (kept, _describe_refit(view, point)) if one),
        "use": _make_use_cell(view, data, metric) if point.in_use else None,
        "execution": point.execution_id,
    }


def _describe_refit(view: View, point: HistoryPointDocument) -> str:
    if not point.refit_of:
        return ""
    return f"{name_analysis(point.analysis_model)} {format_moment(view, point.start_at)} by {point.username}"
