"""Small plot of a series as SVG: values with error bars, change points and drift; flagged values are hollow."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.models.quantities import round_to_error
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.times import format_plot_time

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.trends import ChangePointDocument, TrendDocument, TrendPointDocument

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 300, 136, 8, 8, 20, 20
_DAY_S = 86400.0
_RESOLUTION = 50
"""Parts of the range of a plot that its labels resolve."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Ranges of time and value of a plot."""

    start: datetime
    end: datetime
    span_s: float
    low: float
    high: float

    @classmethod
    def from_trend(cls, trend: TrendDocument) -> _Frame:
        """Return the ranges of a series and its flagged values with their error bars."""
        drawn = [*trend.points, *trend.flagged]
        start, end = drawn[0].at, drawn[-1].at
        low = min(one.value - (one.error or 0.0) for one in drawn)
        high = max(one.value + (one.error or 0.0) for one in drawn)
        if low == high:
            low, high = low - 1.0, high + 1.0
        return cls(start, end, max((end - start).total_seconds(), 1.0), low, high)

    def x(self, at: datetime) -> float:
        """Return the horizontal place of a time."""
        share = (at - self.start).total_seconds() / self.span_s
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Return the vertical place of a value, at most at an edge of the plot."""
        share = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def draw_plot(trend: TrendDocument, scale: Scale, zone: ZoneInfo) -> str:
    """Return the plot of a series as SVG; texts beside it say the same."""
    frame = _Frame.from_trend(trend)
    parts = [
        *_draw_axes(frame, scale, zone),
        *(_draw_point(frame, one, "point") for one in trend.points),
        *(_draw_point(frame, one, "flagged") for one in trend.flagged),
        *(_draw_change(frame, one, f"{one.deviations:.1f} noise sd") for one in trend.change_points),
    ]
    if trend.unconfirmed is not None:
        parts.append(_draw_change(frame, trend.unconfirmed, "unconfirmed"))
    if trend.drift is not None and trend.drift.significant:
        parts.append(_draw_drift(trend, frame))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{trend.n} values">{"".join(parts)}</svg>'


def make_frame(trend: TrendDocument, zone: ZoneInfo) -> dict[str, Any]:
    """Return the place of the values in a plot, in its units, and the times at its left and its right end, for annotations."""
    frame = _Frame.from_trend(trend)
    return {
        "left": _LEFT,
        "top": _TOP,
        "width": _WIDTH - _LEFT - _RIGHT,
        "height": _HEIGHT - _TOP - _BOTTOM,
        "whole": _WIDTH,
        "start": format_plot_time(frame.start, zone),
        "end": format_plot_time(frame.end, zone),
    }


def _draw_axes(frame: _Frame, scale: Scale, zone: ZoneInfo) -> list[str]:
    bottom = _HEIGHT - _BOTTOM
    first, last = (f"{at.astimezone(zone):%m-%d}" for at in (frame.start, frame.end))
    low, high = (
        round_to_error((frame.high - frame.low) * scale.factor / _RESOLUTION, end * scale.factor)
        for end in (frame.low, frame.high)
    )
    covered = escape(f"{low} to {high} {format_unit(scale.unit)}".rstrip())
    return [
        f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{_WIDTH - _RIGHT}" y2="{bottom}"/>',
        f'<text x="{_LEFT}" y="{_TOP - 5}">{covered}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 5}">{first}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 5}" text-anchor="end">{last}</text>',
    ]


def _draw_point(frame: _Frame, point: TrendPointDocument, kind: str) -> str:
    x = f"{frame.x(point.at):.1f}"
    bar = ""
    if point.error is not None:
        low, high = (frame.y(point.value + sign * point.error) for sign in (-1, 1))
        bar = f'<line class="bar" x1="{x}" y1="{low:.1f}" x2="{x}" y2="{high:.1f}"/>'
    return f'{bar}<circle class="{kind}" cx="{x}" cy="{frame.y(point.value):.1f}" r="2"/>'


def _draw_change(frame: _Frame, change: ChangePointDocument, words: str) -> str:
    x = (frame.x(change.before) + frame.x(change.after)) / 2
    anchor, shift = ("end", -3) if x > _WIDTH / 2 else ("start", 3)
    return (
        f'<line class="change" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text x="{x + shift:.1f}" y="{_TOP + 8}" class="mark" text-anchor="{anchor}">{words}</text>'
    )


def _draw_drift(trend: TrendDocument, frame: _Frame) -> str:
    """Return a line with the slope of the drift through the mean of the values after the last change point."""
    assert trend.drift is not None
    begin = trend.change_points[-1].after if trend.change_points else trend.points[0].at
    kept = [one for one in trend.points if one.at >= begin]
    days = [(one.at - begin).total_seconds() / _DAY_S for one in kept]
    middle, level = sum(days) / len(kept), sum(one.value for one in kept) / len(kept)
    ends = [
        (frame.x(one.at), frame.y(level + trend.drift.per_day * (day - middle)))
        for one, day in ((kept[0], days[0]), (kept[-1], days[-1]))
    ]
    (x1, y1), (x2, y2) = ends
    return f'<line class="drift" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
