"""Plotly figure of the history of a metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from qdash_builtin.metrics.pages.level_lines import (
    list_near_levels,
    make_level_arrows,
    make_level_label,
    make_level_line,
    make_value_range,
)
from qdash_builtin.metrics.pages.marks import WORDS
from qdash_builtin.metrics.pages.specification import format_limits
from qdash_builtin.runs.pages.verdicts import describe_decision
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.task import Verdict
from qdash_ui_streamlit.display.quantities import format_unit, format_value, use_unit_symbols
from qdash_ui_streamlit.display.statuses import get_status_style
from qdash_ui_streamlit.display.times import format_plot_time, make_time_range

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_core.models.marks import ValueMark

_SYMBOLS = {Verdict.ACCEPTED: "circle", Verdict.FLAGGED: "triangle-up", Verdict.REJECTED: "x"}
_OPEN = {"": "", "trial": "-open", "in a value scope": "-open-dot", "simulated": "-open"}
"""Ends of the symbols by the kind of a value."""
_GROUPS: tuple[tuple[Verdict | None, bool, str], ...] = tuple(
    (verdict, decided, kind) for verdict in (*Verdict, None) for decided in (False, True) for kind in _OPEN
)


def make_history_figure(
    points: Sequence[HistoryPointDocument],
    failures: Sequence[ResultDocument],
    metric: MetricDefinitionDocument | None,
    scale: Scale,
    zone: ZoneInfo,
    *,
    in_use: str | None,
    marks: Sequence[ValueMark] = (),
    design: float | None,
) -> dict[str, Any]:
    """Return a figure with symbols by verdict, a ring around the current value, and lines for limits and the design value.

    Symbols of trials, simulated values and values of scopes are open. The axis fits the values; limits and a design value far
    from them are arrows at its ends.

    Parameters
    ----------
    points : sequence of HistoryPointDocument
        Values; those without a known time are omitted.
    failures : sequence of ResultDocument
        Failed results without a value, marked at the bottom.
    scale : Scale
        Display unit of the values.
    in_use : str or None
        Result of the current value.
    marks : sequence of ValueMark
        Marks of the current value, named beside its ring.
    """
    dated = [point for point in points if (point.calibrated_at or point.start_at) is not None]
    groups = [[one for one in dated if _get_group(one) == group] for group in _GROUPS]
    data = [_make_trace(group, scale, zone) for group in groups if group]
    used = [point for point in dated if point.task_id == in_use]
    if used:
        newest = max((_measured_at(one, zone) for one in dated), default=None)
        is_last = len(dated) > 1 and _measured_at(used[0], zone) == newest
        data.append(_make_ring(used[0], marks, scale, zone, is_last=is_last))
    ended = [result for result in failures if _get_end(result) is not None]
    if ended:
        data.append(_make_failure_trace(ended, zone))
    title = f"{scale.title} ({format_unit(scale.unit)})" if scale.unit else scale.title
    limit = use_unit_symbols((metric.specification if metric else None) or "")
    levels = dict.fromkeys([scale.factor * one for one in format_limits(metric)], (limit, "dash"))
    levels |= {} if design is None else {scale.factor * design: ("design", "dot")}
    drawn = [scale.factor * one.value for one in dated]
    spread = _get_spread(dated, scale)
    near = list_near_levels([*levels], drawn, spread=2 * spread)
    axis = make_value_range(drawn, near, spread=spread) if drawn else []
    layout = {
        "height": 300,
        "margin": {"l": 60, "r": 20, "t": 30, "b": 50},
        "xaxis": {
            "title": {"text": f"Measured ({zone.key})"},
            "type": "date",
            **make_time_range(_measured_at(one, zone) for one in dated),
        },
        "yaxis": {"title": {"text": title}, **({"range": axis} if axis else {})},
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "showlegend": True,
        "clickmode": "event+select",
        "shapes": [make_level_line(level, dash=levels[level][1]) for level in near],
        "annotations": [
            *(make_level_label(level, levels[level][0]) for level in near),
            *make_level_arrows(
                [(one, text) for one, (text, _) in levels.items() if one not in near], axis, scale.unit
            ),
        ],
    }
    return {"data": data, "layout": layout}


def _get_spread(points: Sequence[HistoryPointDocument], scale: Scale) -> float:
    """Return the largest error in the display unit, at most the distance between the values if there are several."""
    values = [scale.factor * one.value for one in points]
    errors = [abs(scale.factor) * one.error for one in points if one.error is not None]
    largest = max(errors, default=0.0)
    return min(largest, (max(values) - min(values)) or largest) if values else largest


def _make_trace(points: Sequence[HistoryPointDocument], scale: Scale, zone: ZoneInfo) -> dict[str, Any]:
    verdict, decided, kind = _get_group(points[0])
    colour = get_status_style(verdict or "failed").colour
    symbol = _SYMBOLS[verdict] if verdict else "x"
    shown = [scale.shown(point.value, point.error) for point in points]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{verdict or 'failed'}{' by a user' if decided else ''}{f', {kind}' if kind else ''}",
        "x": [_measured_at(point, zone) for point in points],
        "y": [value for value, _, _ in shown],
        "error_y": {
            "type": "data",
            "array": [error for _, error, _ in shown],
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {"color": colour, "symbol": f"{symbol}{_OPEN[kind]}", "size": 9},
        "customdata": [[point.task_id, _describe_point(point, scale)] for point in points],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _get_group(point: HistoryPointDocument) -> tuple[Verdict | None, bool, str]:
    """Return the decision of a user or else the verdict, whether it is a decision, and the kind."""
    verdict = point.verdict if point.decision is None else Verdict(point.decision.verdict)
    return verdict, point.decision is not None, _name_kind(point)


def _name_kind(point: HistoryPointDocument) -> str:
    """Return the kind of a result whose values are not the chip's, else an empty text."""
    if point.simulated:
        return "simulated"
    if point.scope is not None:
        return "in a value scope"
    return "" if point.saved else "trial"


def _make_ring(
    point: HistoryPointDocument,
    marks: Sequence[ValueMark],
    scale: Scale,
    zone: ZoneInfo,
    *,
    is_last: bool,
) -> dict[str, Any]:
    """Return a ring around the current value, with the words of its marks: to the left of a value at the right edge."""
    reasons = [escape(f"{WORDS[one.mark]}: {use_unit_symbols(one.reason)}") for one in marks]
    words = ", ".join(f"{get_status_style(one.mark).shape} {WORDS[one.mark]}" for one in marks)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"in use ({words})" if words else "in use",
        "text": [words],
        "textposition": "top left" if is_last else "top center",
        "textfont": {"size": 12},
        "x": [_measured_at(point, zone)],
        "y": [scale.factor * point.value],
        "marker": {"symbol": "circle-open", "size": 18, "line": {"width": 2}, "color": "#2b83ba"},
        "customdata": [[point.task_id, "<br>".join([_describe_point(point, scale), *reasons])]],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _make_failure_trace(results: Sequence[ResultDocument], zone: ZoneInfo) -> dict[str, Any]:
    """Return a trace of failures on an axis of its own, as they have no value."""
    parts = [
        f"<b>{escape(result.name)} failed</b><br>{escape(result.message)}<br>click to select"
        for result in results
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed, no value",
        "yaxis": "y2",
        "x": [format_plot_time(_get_end(result), zone) for result in results],
        "y": [0.03] * len(results),
        "marker": {
            "color": get_status_style("failed").colour,
            "symbol": "x-thin",
            "size": 9,
            "line": {"width": 2, "color": get_status_style("failed").colour},
        },
        "customdata": [[result.task_id, words] for result, words in zip(results, parts, strict=True)],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _get_end(result: ResultDocument) -> datetime | None:
    measured = result.measurement
    return measured.end_at or measured.start_at


def _measured_at(point: HistoryPointDocument, zone: ZoneInfo) -> str:
    return format_plot_time(point.calibrated_at or point.start_at, zone)


def describe_point_verdict(point: HistoryPointDocument) -> str | None:
    """Return the verdict in force on a value of a history: of a user, or else of the validation; None if there is none."""
    verdict = point.verdict if point.decision is None else point.decision.verdict
    return None if verdict is None else str(verdict)


def _describe_point(point: HistoryPointDocument, scale: Scale) -> str:
    parts = [
        f"<b>{format_value(*scale.shown(point.value, point.error))}</b>",
        escape(point.task),
        describe_point_verdict(point) or "failed",
    ]
    parts += [escape(f"entered by {point.username}")] if point.manual else []
    parts += [escape(describe_decision(point.decision))] if point.decision is not None else []
    parts += [escape(f"in value scope {point.scope}")] if point.scope is not None else []
    parts += [escape(f"{name_analysis(point.analysis_model)} by {point.username}")] if point.refit_of else []
    return "<br>".join(
        [*parts, *(escape(use_unit_symbols(reason)) for reason in point.reasons), "click to select"]
    )
