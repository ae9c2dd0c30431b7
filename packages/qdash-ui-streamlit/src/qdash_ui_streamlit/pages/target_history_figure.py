"""The history of a metric as a figure of Plotly."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.models.task import Verdict
from qdash_ui_streamlit.showing.quantities import value_text
from qdash_ui_streamlit.showing.specification import limits
from qdash_ui_streamlit.showing.statuses import look

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.documents.metric_definitions import MetricDefinitionDocument
    from qdash_core.documents.metric_history import HistoryPointDocument
    from qdash_core.documents.results import ResultDocument
    from qdash_ui_streamlit.showing.specification import Scale

_SYMBOLS = {Verdict.ACCEPTED: "circle", Verdict.FLAGGED: "triangle-up", Verdict.REJECTED: "x"}
_GROUPS: tuple[tuple[Verdict | None, bool], ...] = tuple(
    (verdict, saved) for verdict in (*Verdict, None) for saved in (True, False)
)


def history_figure(
    points: Sequence[HistoryPointDocument],
    failures: Sequence[ResultDocument],
    metric: MetricDefinitionDocument | None,
    scale: Scale,
    zone: ZoneInfo,
    *,
    in_use: str | None,
    design: float | None,
) -> dict[str, Any]:
    """Return a figure: a symbol for each verdict, open for trials, a ring around the value in use, lines for limits and design.

    Parameters
    ----------
    points : sequence of HistoryPointDocument
        The values; those of which nobody knows when they were measured are left out.
    failures : sequence of ResultDocument
        Results that should have given a value, and failed: marked at the bottom.
    metric : MetricDefinitionDocument or None
        What the metrics file says of it.
    scale : Scale
        How values are shown.
    zone : ZoneInfo
        Of times.
    in_use : str or None
        The result whose value is in use.
    design : float or None
        Stored design value.
    """
    dated = [point for point in points if (point.calibrated_at or point.start_at) is not None]
    groups = [[one for one in dated if (one.verdict, one.saved) == group] for group in _GROUPS]
    data = [_trace(group, scale, zone) for group in groups if group]
    used = [point for point in dated if point.task_id == in_use]
    if used:
        data.append(_ring(used[0], scale, zone))
    ended = [result for result in failures if (result.end_at or result.start_at) is not None]
    if ended:
        data.append(_failed(ended, zone))
    title = f"{scale.title} ({scale.unit})" if scale.unit else scale.title
    marked = [
        (scale.factor * limit, metric.specification or "", "dash") for limit in limits(metric) if metric
    ]
    marked += [] if design is None else [(scale.factor * design, "design", "dot")]
    layout = {
        "height": 340,
        "margin": {"l": 60, "r": 20, "t": 30, "b": 50},
        "xaxis": {"title": {"text": f"measured ({zone.key})"}, "type": "date", **_span(dated, zone)},
        "yaxis": {"title": {"text": title}},
        "yaxis2": {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "showlegend": True,
        "clickmode": "event+select",
        "shapes": [_line(level, dash) for level, _, dash in marked],
        "annotations": [_said(level, text) for level, text, _ in marked],
    }
    return {"data": data, "layout": layout}


def _span(points: Sequence[HistoryPointDocument], zone: ZoneInfo) -> dict[str, Any]:
    """Return an hour around a single time, where Plotly would take some milliseconds."""
    shown = {_local(point, zone) for point in points}
    if len(shown) != 1:
        return {}
    at = datetime.fromisoformat(shown.pop())
    return {"range": [(at + timedelta(minutes=minutes)).isoformat() for minutes in (-30, 30)]}


def _trace(points: Sequence[HistoryPointDocument], scale: Scale, zone: ZoneInfo) -> dict[str, Any]:
    verdict, saved = points[0].verdict, points[0].saved
    colour = look(verdict or "failed").colour
    symbol = _SYMBOLS[verdict] if verdict else "x"
    shown = [scale.shown(point.value, point.error) for point in points]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{verdict or 'failed'}{'' if saved else ', trial'}",
        "x": [_local(point, zone) for point in points],
        "y": [value for value, _, _ in shown],
        "error_y": {
            "type": "data",
            "array": [error for _, error, _ in shown],
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {"color": colour, "symbol": symbol if saved else f"{symbol}-open", "size": 9},
        "customdata": [[point.task_id, _words(point, scale)] for point in points],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _ring(point: HistoryPointDocument, scale: Scale, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "in use",
        "x": [_local(point, zone)],
        "y": [scale.factor * point.value],
        "marker": {"symbol": "circle-open", "size": 18, "line": {"width": 2}, "color": "#2b83ba"},
        "customdata": [[point.task_id, _words(point, scale)]],
        "hoverinfo": "skip",
    }


def _failed(results: Sequence[ResultDocument], zone: ZoneInfo) -> dict[str, Any]:
    """Return a trace of failures, on an axis of their own: they have no value."""
    said = [
        f"<b>{escape(result.name)} failed</b><br>{escape(result.message)}<br>click: its result"
        for result in results
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed, no value",
        "yaxis": "y2",
        "x": [_clock(result.end_at or result.start_at, zone) for result in results],
        "y": [0.03] * len(results),
        "marker": {
            "color": look("failed").colour,
            "symbol": "x-thin",
            "size": 9,
            "line": {"width": 2, "color": look("failed").colour},
        },
        "customdata": [[result.task_id, words] for result, words in zip(results, said, strict=True)],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _local(point: HistoryPointDocument, zone: ZoneInfo) -> str:
    return _clock(point.calibrated_at or point.start_at, zone)


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time as the clocks of a zone showed it: Plotly knows no zones."""
    return "" if at is None else at.astimezone(zone).replace(tzinfo=None).isoformat()


def _words(point: HistoryPointDocument, scale: Scale) -> str:
    said = [
        f"<b>{value_text(*scale.shown(point.value, point.error))}</b>",
        escape(point.task),
        str(point.verdict or "failed"),
    ]
    said += ["refit"] if point.refit_of else []
    return "<br>".join([*said, *map(escape, point.reasons), "click: its result"])


def _line(level: float, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": level,
        "y1": level,
        "line": {"dash": dash, "width": 1.2, "color": "#7b858c"},
    }


def _said(level: float, text: str) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": level,
        "yanchor": "bottom",
        "text": text,
        "showarrow": False,
        "font": {"size": 11},
    }
