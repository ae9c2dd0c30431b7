"""Frame of the panels of a drawing: axes with ticks, numbers and titles, shapes behind the traces, and colour scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.drawing_marks import find_limits, has_middle
from qdash_pictures.drawing_text import make_text, read_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_pictures.drawing_axis import Axis

    Floats = NDArray[np.float64]

WIDTH, HEIGHT = 900, 600
LEFT, RIGHT, TOP, BOTTOM = 110, 24, 72, 72
MOST_SHAPES = 200
"""Number of shapes that a figure shows."""
_LABEL_WIDTH, _LABEL_HEIGHT = 110, 70
"""Room for the number of a tick along both axes."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Traces on one pair of axes; the axes are named as in the layout (`xaxis2`)."""

    x_name: str
    y_name: str
    traces: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Box:
    """Place of a panel in the drawing, in pixels."""

    left: float
    top: float
    width: float
    height: float


def draw_shapes(
    panel: Panel, layout: Mapping[str, Any], axes: tuple[Axis, Axis], size: tuple[float, float]
) -> Iterator[str]:
    """Yield the rectangles and lines behind the traces of this panel, which are among the first `MOST_SHAPES`."""
    names = panel.x_name.replace("axis", ""), panel.y_name.replace("axis", "")
    for shape in (layout.get("shapes") or ())[:MOST_SHAPES]:
        refs = [str(shape.get(f"{letter}ref") or letter).removesuffix(" domain") for letter in "xy"]
        if shape.get("type", "rect") not in ("rect", "line") or any(
            ref not in ("paper", name) for ref, name in zip(refs, names, strict=True)
        ):
            continue
        if refs == ["paper", "paper"]:
            continue
        a, c = (_place_end(shape, axes[0], f"x{end}", refs[0]) * size[0] for end in (0, 1))
        b, d = ((1 - _place_end(shape, axes[1], f"y{end}", refs[1])) * size[1] for end in (0, 1))
        path = f"M{a:.0f} {b:.0f}H{c:.0f}V{d:.0f}H{a:.0f}z"
        if shape.get("type") == "line":
            path = f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}"
        yield f'<path class="s{" n" if shape.get("type") == "line" else ""}" d="{path}"/>'


def _place_end(shape: Mapping[str, Any], axis: Axis, name: str, ref: str) -> float:
    value = float(shape[name])
    if ref == "paper":
        return value
    position = np.log10(value) if axis.log else value
    return float(np.clip(axis.place(np.array([position]))[0], -5, 5))


def draw_axes(
    panel: Panel,
    panels: Sequence[Panel],
    layout: Mapping[str, Any],
    axes: tuple[Axis, Axis],
    box: Box,
) -> Iterator[str]:
    """Yield frame, ticks, numbers and titles; an axis that panels share has them at the one to which it is anchored."""
    y_layout = layout.get(panel.y_name) or {}
    ticks: list[str] = []
    if _owns_axis(panel, panels, layout):
        labelled = (layout.get(panel.x_name) or {}).get("showticklabels", True) is not False
        yield from _draw_bottom(axes[0], box, ticks, labelled=labelled)
    is_right = y_layout.get("side") == "right"
    labelled = y_layout.get("showticklabels", True) is not False
    yield from _draw_side(axes[1], box, ticks, is_right=is_right, labelled=labelled)
    if not y_layout.get("overlaying"):
        ticks.append(f"M{box.left:.0f} {box.top:.0f}h{box.width:.0f}v{box.height:.0f}h-{box.width:.0f}z")
    yield f'<path class="a" d="{"".join(ticks)}"/>'


def _owns_axis(panel: Panel, panels: Sequence[Panel], layout: Mapping[str, Any]) -> bool:
    sharing = [one for one in panels if one.x_name == panel.x_name]
    anchor = f"yaxis{str((layout.get(panel.x_name) or {}).get('anchor') or 'y')[1:]}"
    anchored = [one for one in sharing if one.y_name == anchor]
    return panel is (anchored or sharing)[0]


def _draw_bottom(axis: Axis, box: Box, ticks: list[str], *, labelled: bool) -> Iterator[str]:
    bottom = box.top + box.height
    for place, label in axis.list_ticks(max(2, round(box.width / _LABEL_WIDTH))):
        x = box.left + place * box.width
        ticks.append(f"M{x:.0f} {bottom:.0f}v6")
        if labelled:
            yield make_text(label, x, bottom + 28, style="x")
    if axis.title:
        yield make_text(axis.title, box.left + box.width / 2, bottom + 60, style="h m")


def _draw_side(axis: Axis, box: Box, ticks: list[str], *, is_right: bool, labelled: bool) -> Iterator[str]:
    edge, outwards = (box.left + box.width, 1) if is_right else (box.left, -1)
    for place, label in axis.list_ticks(max(2, round(box.height / _LABEL_HEIGHT))):
        y = box.top + (1 - place) * box.height
        ticks.append(f"M{edge:.0f} {y:.0f}h{6 * outwards}")
        if labelled:
            yield make_text(label, edge + 10 * outwards, y + 8, style="l" if is_right else "y")
    if axis.title:
        x = edge + 100 if is_right else edge - LEFT + 22
        yield make_text(axis.title, x, box.top + box.height / 2, style="h m", turned=True)


def draw_scale(trace: Mapping[str, Any], grid: Floats, box: Box) -> str:
    """Return the colour scale of a map, with its least and greatest value and its title."""
    low, high = find_limits(trace, grid)
    x, step = box.left + box.width + 14, box.height / 10
    cells = "".join(
        f'<path class="c{level}" d="M{x:.0f} {box.top + box.height - (level + 1) * step:.0f}h18v{step:.1f}h-18z"/>'
        for level in range(10)
    )
    bar = trace.get("colorbar") or {}
    title = read_title(bar.get("title"))
    return "".join(
        (
            f'<g class="d">{cells}</g>' if has_middle(trace) else cells,
            make_text(f"{high:.4g}", x + 26, box.top + 16, style="l"),
            make_text(f"{low:.4g}", x + 26, box.top + box.height, style="l"),
            make_text(title, x + 46, box.top + box.height / 2, style="h m", turned=True) if title else "",
        )
    )
