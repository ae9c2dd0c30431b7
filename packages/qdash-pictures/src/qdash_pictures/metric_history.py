"""Figure of the history of a metric: values with errors by verdict, failed attempts, decisions, the value in use, and cool-downs."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.marks import format_signs
from qdash_core.tasks.colours import GREY, INK
from qdash_core.tasks.figure_layout import axis_title, quantity, titled_layout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.pictures import RecordedHistory, RecordedValue
    from qdash_core.models.task import ResultBrief

_STYLES = {
    "accepted": ("#1a7f37", "circle"),
    "flagged": ("#b7791f", "triangle-up"),
    "rejected": ("#c0392b", "x"),
}
"""Colour and symbol by outcome."""
_OTHER = ("#c0392b", "x-thin-open")
_IN_USE = "#2b83ba"
_FRAME = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
"""Axis of parts of the figure."""
_BOTTOM = 0.03
"""Height of attempts without a value, as a part of the figure."""


def make_history_figure(history: RecordedHistory, *, zone: ZoneInfo) -> dict[str, Any]:
    """Draw the values of a metric over time.

    Symbols are by outcome, those of decisions and manual values with a dark rim; values that are not the chip's
    (trials, simulations, value scopes) are open. Failed attempts without a value are crosses at the bottom, beginnings
    of cool-downs dotted lines.
    """
    dated = [point for point in history.points if point.measured_at is not None]
    if not dated:
        raise InvalidInputError(
            f"{history.target} of chip {history.chip_id} has no value of {history.metric} with a known time"
        )
    groups: dict[tuple[str, str, str], list[RecordedValue]] = {}
    for point in dated:
        groups.setdefault(_get_group(point), []).append(point)
    data = [_make_trace(group, groups[group], zone) for group in sorted(groups)]
    used = [point for point in dated if point.in_use]
    if used:
        data.append(_make_ring(used, zone))
    failures = [one for one in history.failures if one.start_at is not None]
    if failures:
        data.append(_make_failure_trace(failures, zone))
    times = [_to_local_time(point.measured_at, zone) for point in dated]
    times += [_to_local_time(_parse_time(one.start_at), zone) for one in failures]
    begins = [
        (at, one.cooldown_id)
        for one in history.cooldowns
        if min(times) <= (at := _to_local_time(one.started_at, zone)) <= max(times)
    ]
    unit = dated[0].parameter.get("unit", "")
    title = f"{history.metric} of {history.target} on {history.chip_id}"
    return {
        "data": data,
        "layout": {
            **titled_layout(title, _summarise(len(dated), len(failures)), size=16, top=16),
            "margin": {"l": 70, "r": 20, "t": 70, "b": 60},
            "xaxis": {"title": {"text": f"Measured ({zone.key})"}, "type": "date", "gridcolor": "#e6e9ec"},
            "yaxis": {"title": {"text": axis_title(history.metric, unit)}, "gridcolor": "#e6e9ec"},
            **({"yaxis2": _FRAME} if failures else {}),
            "showlegend": True,
            "shapes": [_make_line(at) for at, _ in begins],
            "annotations": [_make_annotation(at, text) for at, text in begins],
        },
    }


def _get_group(point: RecordedValue) -> tuple[str, str, str]:
    """Return the outcome of a value, how it came about, and why it is not the chip's."""
    decided = "by hand" if point.manual else "by a user" if point.decision is not None else ""
    remark = point.remark.partition(" ")[0]
    return point.outcome, decided, remark


def _make_trace(
    group: tuple[str, str, str], points: Sequence[RecordedValue], zone: ZoneInfo
) -> dict[str, Any]:
    outcome, decided, remark = group
    colour, symbol = _STYLES.get(outcome, _OTHER)
    name = ", ".join(filter(None, (f"{outcome} {decided}" if decided == "by a user" else outcome, remark)))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, by hand" if decided == "by hand" else name,
        "x": [_to_local_time(point.measured_at, zone) for point in points],
        "y": [point.parameter["value"] for point in points],
        "error_y": {
            "type": "data",
            "array": [point.parameter.get("error") for point in points],
            "thickness": 1.2,
            "width": 3,
        },
        "marker": {
            "color": colour,
            "symbol": f"{symbol}-open" if remark and symbol in ("circle", "triangle-up") else symbol,
            "size": 8,
            "line": {"width": 2 if decided else 0, "color": INK},
        },
        "text": [_describe(point) for point in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _make_ring(points: Sequence[RecordedValue], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": ", ".join(["in use", *(f"{one.mark.sign} {one.mark}" for one in points[0].marks)]),
        "x": [_to_local_time(point.measured_at, zone) for point in points],
        "y": [point.parameter["value"] for point in points],
        "marker": {"symbol": "circle-open", "size": 17, "line": {"width": 2}, "color": _IN_USE},
        "text": [format_signs(point.marks) for point in points],
        "textposition": "top right",
        "textfont": {"size": 14, "color": INK},
        "hoverinfo": "skip",
    }


def _make_failure_trace(failures: Sequence[ResultBrief], zone: ZoneInfo) -> dict[str, Any]:
    """Return the attempts without a value, at the bottom of the figure."""
    colour, _ = _STYLES["rejected"]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "failed, no value",
        "x": [_to_local_time(_parse_time(one.start_at), zone) for one in failures],
        "y": [_BOTTOM] * len(failures),
        "yaxis": "y2",
        "marker": {"color": colour, "symbol": "x-thin", "size": 10, "line": {"width": 2, "color": colour}},
        "text": [f"<b>{escape(one.name)} failed</b><br>execution {one.execution_id}" for one in failures],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _summarise(values: int, failures: int) -> str:
    return f"{values} values" + (
        f", and {failures} failed attempt{'s' * (failures > 1)} without one" if failures else ""
    )


def _parse_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _to_local_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time as local time of a zone, as Plotly does not support time zones."""
    return "" if at is None else at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="microseconds")


def _describe(point: RecordedValue) -> str:
    result, parameter, decision = point.result, point.parameter, point.decision
    error = parameter.get("error")
    number = f"{parameter['value']:.6g}" + ("" if error is None else f" ± {error:.2g}")
    lines = [f"<b>{quantity(number, parameter.get('unit', ''))}</b>", result.name]
    lines += [f"entered by {result.username}"] if point.manual else [f"{result.verdict or result.status}"]
    if decision is not None:
        reason = f": {decision['reason']}" if decision["reason"] else ""
        lines.append(f"{decision['verdict']} by {decision['username']}{reason}")
    lines += [point.remark] if point.remark else []
    lines += [f"{one.mark}: {one.reason}" for one in point.marks]
    return "<br>".join([lines[0], *map(escape, (*lines[1:], *(result.reasons or ())))])


def _make_line(at: str) -> dict[str, Any]:
    return {
        "type": "line",
        "yref": "paper",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "line": {"dash": "dot", "width": 1.2, "color": GREY},
    }


def _make_annotation(at: str, text: str) -> dict[str, Any]:
    return {
        "x": at,
        "yref": "paper",
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
        "text": escape(text),
        "showarrow": False,
        "font": {"size": 11, "color": INK},
    }
