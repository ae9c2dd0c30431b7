"""Scales from the values of a metric to colours and short texts: linear, logarithmic, centred on zero, or of 1 − F."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.colours import BLUE_TO_RED, VIRIDIS, colour_at, make_plotly_scale
from qdash_core.tasks.figure_layout import axis_title

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WIDE = 30.0
"""Ratio of the largest to the smallest value from which a scale is logarithmic."""
_FENCE, _ENOUGH = 3.0, 8
"""Interquartile ranges beyond the quartiles at which colours end, and how many values have quartiles."""
_LEAST_ERROR = 1e-6
_MARKS = (1, 2, 5)
_ROUNDING = 1e-9
_MOST_DECIMALS, _MOST_DIGITS = 4, 5


@dataclass(frozen=True)
class ValueScale:
    """Scale from the values of a metric to positions on a colour scale.

    `level` gives the place of a value between the ends: the value, or a logarithm. `short` gives a text of a few
    characters, with a `remark`. `stops` are colours from low to high; `marks` are levels with texts for ticks that are
    not equally spaced.
    """

    title: str
    stops: Sequence[str]
    low: float
    high: float
    level: Callable[[float], float]
    short: Callable[[float], str]
    marks: Sequence[tuple[float, str]] = ()
    remark: str = ""

    def fraction(self, value: float) -> float:
        """Return the position of a value on the scale: 0 to 1, or outside."""
        return (self.level(value) - self.low) / (self.high - self.low)

    def colour(self, value: float) -> str:
        """Return the colour of a value."""
        return colour_at(self.stops, self.fraction(value))

    def count_beyond(self, values: Sequence[float]) -> int:
        """Return the number of values beyond the ends of the scale, drawn in the colour of the end."""
        return sum(not -_ROUNDING <= self.fraction(value) <= 1 + _ROUNDING for value in values)

    def as_plotly(self) -> dict[str, Any]:
        """Return the scale with its colour bar, for the `marker` of a trace."""
        bar: dict[str, Any] = {
            "title": {"text": self.title, "side": "right"},
            "thickness": 14,
            "len": 0.9,
            "outlinewidth": 0,
        }
        if self.marks:
            bar |= {
                "tickmode": "array",
                "tickvals": [level for level, _ in self.marks],
                "ticktext": [text for _, text in self.marks],
            }
        return {
            "colorscale": make_plotly_scale(self.stops),
            "cmin": self.low,
            "cmax": self.high,
            "colorbar": bar,
            "showscale": True,
        }


def make_scale(metric: str, unit: str, values: Sequence[float]) -> ValueScale:
    """Return the scale for the values of a metric, at least one.

    A fidelity F is shown as 1 − F in per cent on a logarithmic scale: 99.9 and 99.99 % differ as 99 and 99.9 % do.
    """
    if not unit and ("fidelity" in metric or metric.endswith("coherence_limit")):
        return _make_error_scale(values)
    title = axis_title(metric, unit)
    if min(values) < 0 < max(values):
        furthest = max(-_compute_low_end(values), _compute_high_end(values))
        return ValueScale(title, BLUE_TO_RED, -furthest, furthest, float, _make_formatter(furthest))
    if min(values) > 0 and max(values) > _WIDE * min(values):
        low, high = _compute_ends([math.log10(value) for value in values])
        marks = _list_decades(low, high, 1.0)
        return ValueScale(
            title, VIRIDIS, low, high, lambda value: math.log10(max(value, 1e-300)), format_short, marks
        )
    low, high = _compute_ends(values)
    return ValueScale(title, VIRIDIS, low, high, float, _make_formatter(high - low))


def format_short(value: float) -> str:
    """Return a value in about five characters: three digits, two below 1."""
    size = abs(value)
    if size >= 100_000 or 0 < size < 0.001:
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    if size >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}" if size >= 1 else f"{value:.2g}"


def _make_formatter(span: float) -> Callable[[float], str]:
    """Return the formatter for values within `span`; its decimals resolve at least a tenth of the span."""
    decimals = max(0, 1 - math.floor(math.log10(span)))
    if decimals > _MOST_DECIMALS or span >= 10.0**_MOST_DIGITS:
        return format_short
    # Adding 0 takes the sign from a zero.
    return lambda value: f"{round(value, decimals) + 0.0:.{decimals}f}"


def _make_error_scale(values: Sequence[float]) -> ValueScale:
    low, high = _compute_ends([_compute_error_level(value) for value in values])
    return ValueScale(
        title="1 − F (%)",
        stops=VIRIDIS[::-1],
        low=low,
        high=high,
        level=_compute_error_level,
        short=lambda value: f"{100 * (1 - value):.2g}",
        marks=_list_decades(low, high, 100.0),
        remark="numbers: 1 − F in %",
    )


def _compute_error_level(fidelity: float) -> float:
    # An estimate may reach 1 and more, within its error: it is as good as the scale goes.
    return math.log10(max(1 - fidelity, _LEAST_ERROR))


def _compute_ends(levels: Sequence[float]) -> tuple[float, float]:
    low, high = _compute_low_end(levels), _compute_high_end(levels)
    if high > low:
        return low, high
    around = 0.1 * abs(low) or 1.0
    return low - around, high + around


def _compute_low_end(values: Sequence[float]) -> float:
    return max(min(values), _compute_fences(values)[0])


def _compute_high_end(values: Sequence[float]) -> float:
    return min(max(values), _compute_fences(values)[1])


def _compute_fences(values: Sequence[float]) -> tuple[float, float]:
    """Return the limits of the colour scale without outliers, which would hide the differences of other values."""
    if len(values) < _ENOUGH:
        return -math.inf, math.inf
    first, _, third = quantiles(values, n=4)
    reach = _FENCE * (third - first) or math.inf
    return first - reach, third + reach


def _list_decades(low: float, high: float, factor: float) -> list[tuple[float, str]]:
    """Return levels at round numbers between the ends, with their texts, `factor` times as large."""
    round_numbers = [
        (power + math.log10(mark), f"{factor * mark * 10.0**power:.6g}")
        for power in range(math.floor(low), math.ceil(high) + 1)
        for mark in _MARKS
    ]
    inside = [(level, text) for level, text in round_numbers if low <= level <= high]
    ends = [(level, f"{factor * 10.0**level:.3g}") for level in (low, high)]
    return inside if len(inside) > 1 else ends
