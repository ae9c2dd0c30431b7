"""Targets on the map of a chip: qubits as discs, couplings as bars, hollow if there is no value."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING, Any

from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import format_signs
from qdash_core.models.targets import split_coupling
from qdash_core.tasks.colours import GREY, INK, PALE, PAPER, choose_text_colour, colour_at
from qdash_core.tasks.figure_layout import quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.marks import ValueMark
    from qdash_pictures.value_scale import ValueScale

Drawn = dict[str, Any]
Place = tuple[float, float]
"""(x, y) in units of about one coupling; y grows downwards."""

NO_VALUE = "no accepted value"
_DISC, _NUMBERED, _BAR = 0.56, 0.38, 0.2
"""Sizes as parts of the cell."""
_BESIDE = 0.27
"""Distance of the number above and left of the middle of its disc, as a part of the cell."""
_RING, _DIAMOND, _BADGE = 0.66, 0.42, 0.22
"""Sizes of the signs of failed and marked targets, as parts of the cell."""
_BADGE_PX = 15
"""Smallest size of a badge with text, in pixels."""
_BADGE_ASIDE = 0.2
"""Distance of a badge from the middle of its coupling, as a part of the cell."""
FAILED_COLOUR = "#c0392b"
BADGE: Drawn = {"symbol": "square", "color": PAPER, "line": {"color": INK, "width": 1.2}}
"""Marker of a badge."""
_LEVELS = 48
"""Maximum number of distinct colours of bars; each is a trace."""


@dataclass(frozen=True)
class Sheet:
    """Common attributes of all parts of a map: positions of qubits, scale of values, pixels between neighbours."""

    places: Mapping[str, Place]
    scale: ValueScale
    cell: float
    labelled: bool


@dataclass(frozen=True)
class Spot:
    """Target on the map, with the position of its centre, its data and the marks of its value."""

    target: str
    place: Place
    status: TargetStatus
    known: ParameterModel | None
    marks: Sequence[ValueMark] = ()

    @property
    def value(self) -> float | None:
        """Displayed value; None if the target is set aside."""
        return None if self.known is None or self.status.set_aside else float(self.known.value)

    @property
    def symbol(self) -> str:
        """Marker symbol without a value; crossed if the target is set aside."""
        shape = "square" if "-" in self.target else "circle"
        return f"{shape}-x" if self.status.set_aside else shape

    @property
    def failed_symbol(self) -> str:
        """Marker symbol of the sign of a failed target."""
        return "diamond-open" if "-" in self.target else "circle-open"

    @property
    def outline(self) -> str:
        """Outline colour without a value; that of a dead target is light, on a dark ground."""
        return PAPER if self.status is TargetStatus.DEAD else GREY

    @property
    def ground(self) -> str:
        """Fill colour without a value."""
        return INK if self.status is TargetStatus.DEAD else PAPER


def draw_discs(qubits: Sequence[Spot], sheet: Sheet) -> list[Drawn]:
    """Return discs for qubits with a metric, hollow without a value, with their numbers beside them."""
    size = _DISC * sheet.cell
    valued, hollow = _split_by_value(qubits)
    drawn = [_make_coloured_marker(valued, sheet.scale, size=size)] if valued else []
    drawn += [_make_hollow_marker(hollow, size=size)] if hollow else []
    if not sheet.labelled:
        return drawn
    if valued:
        drawn[0] |= _draw_texts_inside(valued, sheet.scale)
    return [*drawn, _draw_numbers_beside(qubits)]


def draw_numbered_qubits(qubits: Sequence[Spot], sheet: Sheet) -> Drawn:
    """Return small, numbered qubits, for a map of a metric of couplings."""
    dead = [spot.status is TargetStatus.DEAD for spot in qubits]
    drawn = _draw_points(qubits) | {
        "hovertext": [f"{spot.target}<br>{spot.status}" for spot in qubits],
        "marker": {
            "size": _NUMBERED * sheet.cell,
            "color": [INK if one else "#eef0f2" for one in dead],
            "line": {"color": GREY, "width": 1},
        },
    }
    if sheet.labelled:
        font = {"size": 11, "color": [PAPER if one else INK for one in dead]}
        drawn |= {"mode": "markers+text", "text": [spot.target for spot in qubits], "textfont": font}
    return drawn


def draw_bars(couplings: Sequence[Spot], sheet: Sheet) -> list[Drawn]:
    """Return bars for couplings with a metric, coloured by value, hollow without one, with hover texts."""
    width = _BAR * sheet.cell
    valued, hollow = _split_by_value(couplings)
    by_colour = _group_by_colour(valued, sheet.scale)
    drawn = [
        draw_lines(targets, sheet.places, colour, width) for colour, targets in sorted(by_colour.items())
    ]
    if valued:
        # A bar has neither a scale nor anything to point at; a small mark in its middle has both.
        drawn.insert(0, draw_lines([spot.target for spot in valued], sheet.places, INK, width + 1.2))
        drawn.append(_make_coloured_marker(valued, sheet.scale, size=0.5 * width))
        drawn[-1]["marker"]["line"]["width"] = 0
    if hollow:
        outlines = ((GREY, width), (PAPER, max(width - 3, 1)))
        names = [spot.target for spot in hollow]
        dead = [spot.target for spot in hollow if spot.status is TargetStatus.DEAD]
        lines = [draw_lines(names, sheet.places, colour, wide) for colour, wide in outlines]
        lines += [draw_lines(dead, sheet.places, INK, width)] if dead else []
        drawn = [*lines, *drawn]
        drawn.append(_make_hollow_marker(hollow, size=1.2 * width))
        drawn[-1]["marker"] |= {
            "symbol": "x-thin",
            "opacity": [float(spot.status.set_aside) for spot in hollow],
        }
    return drawn


def draw_bar_texts(couplings: Sequence[Spot], sheet: Sheet) -> list[Drawn]:
    """Return the texts of values along the bars."""
    return [
        {
            "x": spot.place[0],
            "y": spot.place[1],
            "text": sheet.scale.short(spot.value),
            "textangle": _compute_slope(*(sheet.places[qid] for qid in split_coupling(spot.target))),
            "showarrow": False,
            "font": {"size": 10, "color": choose_text_colour(sheet.scale.colour(spot.value))},
        }
        for spot in couplings
        if spot.value is not None
    ]


def draw_failed(spots: Sequence[Spot], sheet: Sheet) -> list[Drawn]:
    """Return a ring around each failed qubit, and a diamond around the middle of each failed coupling."""
    failed = [spot for spot in spots if spot.status is TargetStatus.FAILED]
    if not failed:
        return []
    sizes = [(_DIAMOND if "-" in spot.target else _RING) * sheet.cell for spot in failed]
    return [
        _draw_points(failed)
        | {
            "hoverinfo": "skip",
            "marker": {
                "size": sizes,
                "symbol": [spot.failed_symbol for spot in failed],
                "color": FAILED_COLOUR,
                "opacity": 1,
                "line": {"width": 3},
            },
        }
    ]


def draw_marks(spots: Sequence[Spot], sheet: Sheet) -> list[Drawn]:
    """Return a badge beside each marked value, with the signs of its marks where there is room for texts."""
    marked = [spot for spot in spots if spot.marks and spot.value is not None]
    if not marked:
        return []
    places = [_place_badge(spot, sheet) for spot in marked]
    drawn = _draw_points(marked) | {
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "marker": {**BADGE, "size": max(_BADGE_PX if sheet.labelled else 0, _BADGE * sheet.cell)},
    }
    if sheet.labelled:
        font = {"size": 11, "color": INK}
        texts = [f"<b>{escape(format_signs(spot.marks))}</b>" for spot in marked]
        drawn |= {"mode": "markers+text", "text": texts, "textfont": font}
    return [drawn]


def _place_badge(spot: Spot, sheet: Sheet) -> Place:
    """Return the centre of a badge: above and right of a qubit, beside the middle of a coupling."""
    x, y = spot.place
    if "-" not in spot.target:
        return x + _BESIDE, y - _BESIDE
    (x1, y1), (x2, y2) = (sheet.places[qid] for qid in split_coupling(spot.target))
    length = hypot(x2 - x1, y2 - y1) or 1.0
    return x + _BADGE_ASIDE * (y2 - y1) / length, y - _BADGE_ASIDE * (x2 - x1) / length


def draw_plain_lines(couplings: Collection[str], sheet: Sheet) -> Drawn:
    """Return plain couplings, for a map of a metric of qubits."""
    return draw_lines(couplings, sheet.places, PALE, min(3.0, 0.1 * sheet.cell))


def draw_lines(couplings: Collection[str], places: Mapping[str, Place], colour: str, width: float) -> Drawn:
    """Return straight lines between coupled qubits."""
    ends = [[places[qid] for qid in split_coupling(coupling)] for coupling in couplings]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for (x1, _), (x2, _) in ends for x in (x1, x2, None)],
        "y": [y for (_, y1), (_, y2) in ends for y in (y1, y2, None)],
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _split_by_value(spots: Sequence[Spot]) -> tuple[list[Spot], list[Spot]]:
    """Return targets with a value, and targets without one."""
    return [s for s in spots if s.value is not None], [s for s in spots if s.value is None]


def _draw_points(spots: Sequence[Spot]) -> Drawn:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [spot.place[0] for spot in spots],
        "y": [spot.place[1] for spot in spots],
        "ids": [spot.target for spot in spots],
        "hovertext": [_format_hover_text(spot) for spot in spots],
        "hoverinfo": "text",
        "showlegend": False,
        "cliponaxis": False,
    }


def _make_coloured_marker(spots: Sequence[Spot], scale: ValueScale, *, size: float) -> Drawn:
    levels = [scale.level(spot.value) for spot in spots if spot.value is not None]
    line = {"color": INK, "width": 0.6}
    return _draw_points(spots) | {
        "marker": {"size": size, "color": levels, "line": line, **scale.as_plotly()}
    }


def _make_hollow_marker(spots: Sequence[Spot], *, size: float) -> Drawn:
    line = {"color": [spot.outline for spot in spots], "width": 2}
    symbols, grounds = [spot.symbol for spot in spots], [spot.ground for spot in spots]
    return _draw_points(spots) | {"marker": {"size": size, "symbol": symbols, "color": grounds, "line": line}}


def _draw_texts_inside(spots: Sequence[Spot], scale: ValueScale) -> Drawn:
    values = [spot.value for spot in spots if spot.value is not None]
    return {
        "mode": "markers+text",
        "text": [scale.short(value) for value in values],
        "textfont": {"size": 11, "color": [choose_text_colour(scale.colour(value)) for value in values]},
    }


def _draw_numbers_beside(qubits: Sequence[Spot]) -> Drawn:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [spot.place[0] - _BESIDE for spot in qubits],
        "y": [spot.place[1] - _BESIDE for spot in qubits],
        "text": [spot.target for spot in qubits],
        "textfont": {"size": 9, "color": "#5a5f68"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _group_by_colour(spots: Sequence[Spot], scale: ValueScale) -> dict[str, list[str]]:
    """Return bars grouped by similar colour."""
    found: dict[str, list[str]] = defaultdict(list)
    for spot in spots:
        if spot.value is not None:
            level = round(scale.fraction(spot.value) * _LEVELS) / _LEVELS
            found[colour_at(scale.stops, level)].append(spot.target)
    return found


def _compute_slope(first: Place, second: Place) -> float:
    """Return the angle of a bar in degrees, so that its text is never upside down."""
    angle = degrees(atan2(second[1] - first[1], second[0] - first[0]))
    return round((angle + 90) % 180 - 90, 1)


def _format_hover_text(spot: Spot) -> str:
    """Return the hover text of a target: `3<br>81.5 ± 1.3 µs<br>calibrated`."""
    if spot.known is None:
        return f"{spot.target}<br>{NO_VALUE}<br>{spot.status}"
    error = "" if spot.known.error is None else f" ± {spot.known.error:.2g}"
    when = spot.known.calibrated_at
    measured = "" if when is None else f"<br>{when:%Y-%m-%d %H:%M} UTC"
    value = quantity(f"{spot.known.value:.7g}{error}", spot.known.unit)
    marks = "".join(f"<br>{one.mark}: {escape(one.reason)}" for one in spot.marks)
    return f"{spot.target}<br>{value}<br>{spot.status}{measured}{marks}"
