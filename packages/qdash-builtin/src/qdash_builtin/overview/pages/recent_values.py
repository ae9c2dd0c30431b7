"""Median and yield of the gate fidelity in the last weeks as small lines."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from html import escape
from statistics import median
from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.specification import is_within_limits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_builtin.metrics.views.metric_statistics import MetricStatisticsDocument
    from qdash_ui_streamlit.view import View

RECENT = timedelta(weeks=4)
RECENT_METRIC = "average_gate_fidelity"
_DAY = timedelta(days=1)
_WIDTH, _HEIGHT = 96, 26
_COLOUR = "#3f7fb0"
"""Colour with enough contrast in the light and in the dark theme."""


def format_recent(view: View, found: MetricStatisticsDocument | None) -> str:
    """Return the lines as HTML with links to the values over time, empty if nothing was measured in these weeks."""
    days = [] if found is None else list_days(found, view.now())
    if found is None or not days:
        return ""
    how, targets = found.definition, sum(len(part) for part in (found.sets[0].values, found.sets[0].missing))
    title, scale, unit = (found.metric, 1.0, found.unit) if how is None else (how.title, how.scale, how.unit)
    medians = [median(day) * scale for day in days]
    judged = how is not None and bool(how.specification)
    good = [sum(is_within_limits(how, one) is not False for one in day) for day in days]
    what = "in specification" if judged else "measured"
    lines = (
        (f"{title}, median", medians, f"{medians[-1]:.4g} {unit}".rstrip()),
        (what.capitalize(), [float(one) for one in good], f"{good[-1]} of {targets}"),
    )
    address = escape(view.link("metrics", chip=found.sets[0].chip_id, metric=found.metric, view="time"))
    return "".join(
        f'<a href="{address}"><span>{escape(name)}</span> {_format_line(values, f"{title}, {name}: the last 4 weeks")} '
        f"<b>{escape(shown)}</b></a>"
        for name, values, shown in lines
    )


def list_days(found: MetricStatisticsDocument, now: datetime) -> list[list[float]]:
    """Return for each of the last days, from the first value on, the newest value of each target at its end."""
    points = sorted(
        (
            (point.at, series.target, point.value)
            for series in found.sets[0].series
            for point in series.points
        ),
        reverse=True,
    )
    days: list[list[float]] = []
    known: dict[str, float] = {}
    end = now - RECENT
    for _ in range(RECENT // _DAY):
        end += _DAY
        while points and points[-1][0] <= end:
            _, target, value = points.pop()
            known[target] = value
        if known:
            days.append([*known.values()])
    return days


def _format_line(values: Sequence[float], text: str) -> str:
    """Return a line from the left to the right as a picture, whose newest value is a dot; empty for a single day."""
    if len(values) == 1:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (_WIDTH - 8) / max(len(values) - 1, 1)
    places = [
        (_WIDTH - 4 - step * (len(values) - 1 - number), _HEIGHT - 4 - (_HEIGHT - 8) * (one - low) / span)
        for number, one in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="{_COLOUR}" '
        f'stroke-width="1.5"><polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_COLOUR}"/></svg>'
    )
    # Streamlit's HTML has no SVG.
    data = b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(text)}" width="{_WIDTH}" height="{_HEIGHT}">'
