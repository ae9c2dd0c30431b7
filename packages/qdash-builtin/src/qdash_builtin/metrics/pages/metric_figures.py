"""Plotly figures of the statistics of a metric: histogram, cumulative distribution, values over time, correlation."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.metrics.pages.level_lines import (
    list_near_levels,
    make_level_label,
    make_level_line,
)
from qdash_builtin.metrics.pages.specification import format_limits, get_scale
from qdash_ui_streamlit.display.quantities import format_unit, format_value, use_unit_symbols
from qdash_ui_streamlit.display.times import format_plot_time, make_time_range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.pages.specification import Scale
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
    from qdash_builtin.metrics.views.metric_statistics import (
        MetricSeriesDocument,
        MetricStatisticsDocument,
        PairDocument,
    )
    from qdash_builtin.metrics.views.trends import TrendPointDocument

Figure = dict[str, Any]
MOST_ERROR_BARS = 1500
"""Number of values above which only those of selected targets have error bars: a browser draws more of them too slowly."""


@dataclass(frozen=True, slots=True)
class SetStyle:
    """Appearance of a set of values: colour, line and symbol differ, so that it is recognizable without colour."""

    colour: str
    fill: str
    dash: str
    symbol: str
    sign: str
    """The symbol as a character."""

    @property
    def css_colour(self) -> str:
        """The colour in CSS; in the dark theme it is lighter, as figures draw it."""
        return f"light-dark({self.colour}, hsl(from {self.colour} h s max(l, 100 - l)))"


STYLES = (
    SetStyle("#0072b2", "rgba(0, 114, 178, 0.25)", "solid", "circle", "●"),
    SetStyle("#d55e00", "rgba(213, 94, 0, 0.18)", "dash", "square-open", "□"),
)
"""Colours of Okabe and Ito; light ones replace them on a dark page."""
_FEW = 6
"""Number of targets in a class below which the axis has a tick for each."""
_CROWD = 30
"""Number of series above which they are drawn lightly."""
_SELECTED = ("#009e73", "#cc79a7", "#b8860b", "#5a4fcf", "#2b83ba", "#a0522d")
"""Colours of selected targets."""
_SYMBOLS = ("diamond", "triangle-up", "star", "cross", "hexagon", "triangle-down")


def make_histogram(found: MetricStatisticsDocument, names: Sequence[str]) -> Figure:
    """Return the histogram with the limits of the specification: in numbers of targets, or of two sets in shares of the measured ones."""
    assert found.histogram is not None
    scale = get_metric_scale(found)
    edges = [scale.factor * one for one in found.histogram.edges]
    is_shared = len(found.sets) > 1
    traces = []
    for style, name, counts in zip(STYLES, names, found.histogram.counts, strict=False):
        total = sum(counts) or 1
        heights = [100 * one / total if is_shared else one for one in counts]
        words = [
            f"{format_value(_round(low, scale))} to {format_value(_round(high, scale), None, scale.unit)}: {count} of {total}"
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
        ]
        # Steps instead of bars, which a logarithmic axis would make equally wide.
        traces.append(
            {
                **_make_line_style(style, name),
                "x": [one for edge in edges for one in (edge, edge)],
                "y": [0, *(one for height in heights for one in (height, height)), 0],
                "fill": "tozeroy",
                "fillcolor": style.fill,
                "text": [words[0], *(one for word in words for one in (word, word)), words[-1]],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    title = "Share of the measured targets (%)" if is_shared else f"Number of {found.kind}s"
    # Plotly divides small numbers of targets into fractions.
    few = not is_shared and max(found.histogram.counts[0], default=0) < _FEW
    return _make_distribution(traces, found, title, **({"dtick": 1} if few else {}))


def make_cumulative(found: MetricStatisticsDocument, names: Sequence[str]) -> Figure:
    """Return the cumulative distribution with the limits of the specification."""
    scale = get_metric_scale(found)
    traces = []
    for style, name, one in zip(STYLES, names, found.sets, strict=False):
        points = one.summary.cdf
        if not points:
            continue
        traces.append(
            {
                **_make_line_style(style, name),
                "x": [scale.factor * value for value, _ in (points[0], *points)],
                "y": [0.0, *(100 * share for _, share in points)],
                "line": {"color": style.colour, "dash": style.dash, "width": 2, "shape": "hv"},
                "hovertemplate": f"%{{y:.0f}} % up to %{{x:.5g}} {escape(format_unit(scale.unit))}<extra></extra>",
            }
        )
    return _make_distribution(traces, found, f"{found.kind.capitalize()}s up to the value (%)")


def make_series_figure(
    found: MetricStatisticsDocument, names: Sequence[str], zone: ZoneInfo, *, selected: Collection[str] = ()
) -> Figure:
    """Return the values with time, those of selected targets in front with their own colours."""
    scale = get_metric_scale(found)
    traces = [
        *_make_traces_behind(found, names, scale, zone, selected),
        *_make_traces_in_front(found, names, scale, zone, selected),
    ]
    drawn = [value for trace in traces for value in trace["y"] if value is not None]
    levels = _list_near_limits(found.definition, scale, drawn)
    return {
        "data": traces,
        "layout": {
            **_make_layout(with_legend=len(traces) > 1),
            "height": 460,
            "xaxis": {
                "title": {"text": f"Measured ({zone.key})"},
                "type": "date",
                **make_time_range(at for trace in traces for at in trace["x"] if at is not None),
            },
            "yaxis": {"title": {"text": _format_axis_title(scale)}},
            "shapes": [make_level_line(level) for level in levels],
            "annotations": [make_level_label(level, _format_limit(found.definition)) for level in levels[:1]],
        },
    }


def make_correlation_figure(found: MetricStatisticsDocument, names: Sequence[str]) -> Figure:
    """Return the values of the other metric over those of the metric, a point for each target, with error bars."""
    x_scale, y_scale = get_metric_scale(found), get_other_scale(found)
    traces = [
        _make_pair_trace(one.correlation.pairs, style, name, one.chip_id, x_scale, y_scale)
        for style, name, one in zip(STYLES, names, found.sets, strict=False)
        if one.correlation is not None
    ]
    x_levels, y_levels = (
        _list_near_limits(definition, scale, [value for trace in traces for value in trace[axis]])
        for definition, scale, axis in (
            (found.definition, x_scale, "x"),
            (found.other_definition, y_scale, "y"),
        )
    )
    return {
        "data": traces,
        "layout": {
            **_make_layout(with_legend=len(traces) > 1),
            "height": 520,
            "xaxis": {"title": {"text": _format_axis_title(x_scale)}},
            "yaxis": {"title": {"text": _format_axis_title(y_scale)}},
            "shapes": [
                *(make_level_line(level, axis="x") for level in x_levels),
                *(make_level_line(level) for level in y_levels),
            ],
        },
    }


def get_metric_scale(found: MetricStatisticsDocument) -> Scale:
    """Return title and display unit of the metric."""
    return get_scale(found.metric, found.definition, found.unit)


def get_other_scale(found: MetricStatisticsDocument) -> Scale:
    """Return title and display unit of the other metric."""
    return get_scale(found.other_metric or "", found.other_definition, found.other_unit or "")


def _make_line_style(style: SetStyle, name: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(name),
        "line": {"color": style.colour, "dash": style.dash, "width": 2},
    }


def _make_distribution(
    traces: Sequence[Figure], found: MetricStatisticsDocument, title: str, **axis: Any
) -> Figure:
    assert found.histogram is not None
    scale, is_log = get_metric_scale(found), found.histogram.scale == "log"
    drawn = [value for trace in traces for value in trace["x"]]
    levels = [one for one in _list_near_limits(found.definition, scale, drawn) if one > 0 or not is_log]
    return {
        "data": list(traces),
        "layout": {
            **_make_layout(with_legend=len(traces) > 1),
            "height": 380,
            "xaxis": {"title": {"text": _format_axis_title(scale)}, "type": "log" if is_log else "linear"},
            "yaxis": {"title": {"text": title}, "rangemode": "tozero", **axis},
            "shapes": [make_level_line(level, axis="x") for level in levels],
            "annotations": [
                make_level_label(level, _format_limit(found.definition), axis="x", is_log=is_log)
                for level in levels[:1]
            ],
        },
    }


def _make_layout(*, with_legend: bool) -> Figure:
    return {
        "margin": {"l": 60, "r": 20, "t": 50, "b": 50},
        "legend": {"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0},
        "showlegend": with_legend,
    }


def _make_traces_behind(
    found: MetricStatisticsDocument,
    names: Sequence[str],
    scale: Scale,
    zone: ZoneInfo,
    selected: Collection[str],
) -> Iterator[Figure]:
    """Yield one light trace for the targets of each set that are not selected."""
    number = sum(len(one.points) for values in found.sets for one in values.series)
    is_crowded = bool(selected) or sum(len(one.series) for one in found.sets) > _CROWD
    for style, name, values in zip(STYLES, names, found.sets, strict=False):
        behind = [one for one in values.series if one.target not in selected]
        if not behind:
            continue
        label = "other targets" if selected and len(found.sets) == 1 else name
        yield {
            **_make_time_trace(behind, scale, zone, values.chip_id, with_errors=number <= MOST_ERROR_BARS),
            "name": escape(label),
            "marker": {"color": style.colour, "symbol": style.symbol, "size": 5},
            "line": {"color": style.colour, "width": 1, "dash": style.dash},
            "opacity": 0.5 if is_crowded else 0.8,
        }


def _make_traces_in_front(
    found: MetricStatisticsDocument,
    names: Sequence[str],
    scale: Scale,
    zone: ZoneInfo,
    selected: Collection[str],
) -> Iterator[Figure]:
    """Yield a trace for each selected target of each set; both sets of a target have its colour."""
    places = {target: place % len(_SELECTED) for place, target in enumerate(selected)}
    for style, name, values in zip(STYLES, names, found.sets, strict=False):
        for one in values.series:
            if one.target not in places:
                continue
            colour, symbol = _SELECTED[places[one.target]], _SYMBOLS[places[one.target]]
            label = f"{one.target} of {name}" if len(found.sets) > 1 else one.target
            yield {
                **_make_time_trace([one], scale, zone, values.chip_id, with_errors=True),
                "name": escape(label),
                "marker": {"color": colour, "symbol": symbol, "size": 8},
                "line": {"color": colour, "width": 2, "dash": style.dash},
            }


def _make_time_trace(
    series: Iterable[MetricSeriesDocument],
    scale: Scale,
    zone: ZoneInfo,
    chip_id: str,
    *,
    with_errors: bool,
) -> Figure:
    """Return a trace of series with a gap between targets."""
    x: list[str | None] = []
    y: list[float | None] = []
    errors: list[float | None] = []
    words: list[str] = []
    for one in series:
        x += [*(format_plot_time(point.at, zone) for point in one.points), None]
        y += [*(scale.factor * point.value for point in one.points), None]
        errors += [
            *(None if point.error is None else scale.factor * point.error for point in one.points),
            None,
        ]
        words += [*(_describe_point(one.target, point, scale, chip_id) for point in one.points), ""]
    trace: Figure = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": x,
        "y": y,
        "text": words,
        "hovertemplate": "%{text}<br>%{x}<extra></extra>",
    }
    if with_errors:
        trace["error_y"] = {"type": "data", "array": errors, "thickness": 1, "width": 0}
    return trace


def _describe_point(target: str, point: TrendPointDocument, scale: Scale, chip_id: str) -> str:
    return f"<b>{escape(target)}</b> of {escape(chip_id)}: {format_value(*scale.shown(point.value, point.error))}"


def _make_pair_trace(
    pairs: Sequence[PairDocument], style: SetStyle, name: str, chip_id: str, x_scale: Scale, y_scale: Scale
) -> Figure:
    def make_errors(axis: Literal["x", "y"], scale: Scale) -> Figure:
        known = [getattr(one, f"{axis}_error") for one in pairs]
        array = [None if error is None else scale.factor * error for error in known]
        return {"type": "data", "array": array, "thickness": 1, "width": 0, "color": style.colour}

    return {
        "type": "scatter",
        "mode": "markers",
        "name": escape(name),
        "x": [x_scale.factor * one.x for one in pairs],
        "y": [y_scale.factor * one.y for one in pairs],
        "error_x": make_errors("x", x_scale),
        "error_y": make_errors("y", y_scale),
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 7},
        "text": [
            f"<b>{escape(one.target)}</b> of {escape(chip_id)}<br>{format_value(*x_scale.shown(one.x, one.x_error))}"
            f"<br>{format_value(*y_scale.shown(one.y, one.y_error))}"
            for one in pairs
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _list_near_limits(
    definition: MetricDefinitionDocument | None, scale: Scale, drawn: Sequence[float]
) -> list[float]:
    """Return the limits in the display unit that are not far from what is drawn, which a far one would make tiny."""
    return list_near_levels([scale.factor * one for one in format_limits(definition)], drawn)


def _format_limit(definition: MetricDefinitionDocument | None) -> str:
    return "" if definition is None else use_unit_symbols(definition.specification or "")


def _format_axis_title(scale: Scale) -> str:
    title = escape(scale.title)
    return f"{title} ({escape(format_unit(scale.unit))})" if scale.unit else title


def _round(value: float, scale: Scale) -> float:
    return round_number(value, scale.unit)


def round_number(value: float, unit: str) -> float:
    """Return a number with five significant digits for percentages and frequencies, and four otherwise."""
    return float(f"{value:.{5 if unit in ('%', 'GHz') else 4}g}")
