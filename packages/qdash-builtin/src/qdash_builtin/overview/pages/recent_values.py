"""Median and yield of the gate fidelity in the last weeks as small lines."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.annotations import select_annotations
from qdash_builtin.metrics.pages.metric_figures import round_number
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.display.quantities import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.views.annotations import AnnotationDocument, ChipAnnotationsDocument
    from qdash_builtin.metrics.views.metric_statistics import DayStatisticsDocument, MetricStatisticsDocument
    from qdash_ui_streamlit.view import View

RECENT = timedelta(weeks=4)
RECENT_METRIC = "average_gate_fidelity"
_DAY = timedelta(days=1)
_WIDTH, _HEIGHT, _EDGE = 96, 30, 4
_BOTTOM = 8
"""Height below the line for the symbols of annotations."""
_NEAREST = 4.0
"""Distance in pixels below which two annotations are drawn as one."""
_COLOUR, _MARK_COLOUR = "#3f7fb0", "#80868c"
"""Colours with enough contrast in the light and in the dark theme."""
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Line:
    """Values of a small line with a name in front, one for the end of each day, the last one for now.

    `low` and `high` are the ends of the vertical axis.
    """

    name: str
    values: Sequence[float]
    texts: Sequence[str]
    low: float
    high: float


def format_recent(
    view: View, found: MetricStatisticsDocument | None, annotations: ChipAnnotationsDocument | None
) -> str:
    """Return the lines as HTML with links to the values over time, empty if nothing was measured in these weeks."""
    if found is None or not (days := found.sets[0].days):
        return ""
    events = select_annotations(annotations, days[0].at - _DAY)
    address = escape(view.link("metrics", chip=found.sets[0].chip_id, metric=found.metric, view="time"))
    return "".join(
        f'<a href="{address}" title="{(description := escape(_describe(view, line, events)))}"><span>{escape(line.name)}</span> '
        f"{_draw(line, description, [_place(one, view.now(), len(days)) for one in events])} <b>{escape(line.texts[-1])}</b></a>"
        for line in _make_lines(found, days)
    )


def _make_lines(
    found: MetricStatisticsDocument, days: Sequence[DayStatisticsDocument]
) -> tuple[_Line, _Line]:
    """Return the median, on an axis that fits it, and the number of good targets, on an axis of all targets."""
    how, targets = found.definition, sum(len(part) for part in (found.sets[0].values, found.sets[0].missing))
    title, scale, unit = (found.metric, 1.0, found.unit) if how is None else (how.title, how.scale, how.unit)
    medians = [day.median * scale for day in days]
    good = [day.n if day.within is None else day.within for day in days]
    what = "In specification" if how is not None and how.specification else "Measured"
    return (
        _Line(
            f"{title}, median",
            medians,
            [format_value(round_number(one, unit), None, unit) for one in medians],
            min(medians),
            max(medians),
        ),
        _Line(
            what,
            [float(one) for one in good],
            [f"{one} of {targets}" for one in good],
            0.0,
            float(max(targets, *good)),
        ),
    )


def _describe(view: View, line: _Line, events: Sequence[AnnotationDocument]) -> str:
    """Return what a line shows as text: its ends, its extremes, and the annotations."""
    number = len(line.values)
    if number == 1:
        parts = [f"{line.name}: {line.texts[0]}, first measured in the last 24 h"]
    else:
        begin = (view.now() - (number - 1) * _DAY).astimezone(view.zone)
        least, most = (pick(range(number), key=line.values.__getitem__) for pick in (min, max))
        parts = [
            f"{line.name}, values measured in the last 4 weeks: {line.texts[0]} on {begin:%Y-%m-%d}, {line.texts[-1]} now",
            f"lowest {line.texts[least]}, highest {line.texts[most]}",
        ]
    if events:
        listed = [f"{one.at.astimezone(view.zone):%m-%d} {one.text}" for one in reversed(events)]
        parts.append(f"annotations: {summarize_names(listed, _MOST_NAMED)}")
    return "; ".join(parts)


def _place(one: AnnotationDocument, now: datetime, days: int) -> float:
    """Return the horizontal place of an annotation on a line that ends now with this number of days."""
    step = (_WIDTH - 2 * _EDGE) / max(days - 1, 1)
    return max(float(_EDGE), _WIDTH - _EDGE - step * ((now - one.at) / _DAY))


def _draw(line: _Line, description: str, marks: Sequence[float]) -> str:
    """Return a line from the left to the right as a picture, whose newest value is a dot, with marks of annotations."""
    bottom = _HEIGHT - _BOTTOM
    span = line.high - line.low
    step = (_WIDTH - 2 * _EDGE) / max(len(line.values) - 1, 1)
    places = [
        (
            _WIDTH - _EDGE - step * (len(line.values) - 1 - number),
            bottom - (bottom - _EDGE) * ((one - line.low) / span if span else 0.5),
        )
        for number, one in enumerate(line.values)
    ]
    drawn: list[float] = []
    for x in sorted(marks):
        if not drawn or x - drawn[-1] >= _NEAREST:
            drawn.append(x)
    below = "".join(
        f'<path d="M{x:.1f} 2V{bottom + 2}" stroke="{_MARK_COLOUR}" stroke-width="1" stroke-dasharray="2 2"/>'
        f'<path d="M{x - 2.5:.1f} {_HEIGHT - 1}h5l-2.5 -5z" fill="{_MARK_COLOUR}" stroke="none"/>'
        for x in drawn
    )
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="{_COLOUR}" '
        f'stroke-width="1.5">{below}<polyline points="{points}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_COLOUR}"/></svg>'
    )
    # Streamlit's HTML has no SVG.
    data = b64encode(picture.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{description}" width="{_WIDTH}" height="{_HEIGHT}">'
