"""Drawing of a figure as SVG: axes with numbers and titles, legend and traces, with classes instead of colours.

It holds numbers, fixed tags and escaped text only, and no ids, so a page may hold thousands of drawings. Classes are
`p` for points, `e` for their error bars, `f` for lines, `b` for bars, each with `k0` to `k5` for the traces; `c0` to
`c9` for the cells of a map, in a group `d` if its scale has a middle; `s` for shapes behind the traces, `a` for axes,
with `x` and `y` for its numbers, `h` for titles, `l` for the legend. Points are strokes of no length, which a round
`stroke-linecap` makes visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_pictures.drawing_frame import HEIGHT, LEFT, MOST_SHAPES, RIGHT, TOP, WIDTH
from qdash_pictures.drawing_panel import draw_panels, find_panels
from qdash_pictures.drawing_text import make_text, read_text, read_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_pictures.drawing_panel import Styles

_LETTER = 12
"""Mean width of a letter of the legend."""
_MOST_ENTRIES = 8
_MOST_PANELS = 16


def draw_figure(figure: Mapping[str, Any]) -> str | None:
    """Return the drawing of Plotly JSON, or None if it holds nothing that can be drawn.

    Drawn are points with error bars, lines, bars and maps on linear, logarithmic and named axes, in several panels, and
    rectangles and lines behind them. The title begins with the numbers of panels and shapes beyond the limits; many
    points and bars are thinned out.

    Raises TypeError, ValueError, LookupError or AttributeError if a trace or the layout is not what Plotly takes.
    """
    layout = figure.get("layout") or {}
    traces = [one for one in figure.get("data", ()) if one.get("visible", True) is True]
    styles = choose_styles(traces)
    panels = find_panels(traces, layout)
    drawn = draw_panels(panels[:_MOST_PANELS], layout, styles)
    if not drawn:
        return None
    shapes = len(layout.get("shapes") or ())
    note = _describe_omitted(panels=len(panels) - _MOST_PANELS, shapes=shapes - MOST_SHAPES)
    title = make_text(note + read_title(layout.get("title")), LEFT, 28, style="h t")
    body = "".join((title, *_draw_legend(traces, layout, styles), *drawn))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{body}</svg>'


def _describe_omitted(**numbers: int) -> str:
    omitted = [f"{number} {name}" for name, number in numbers.items() if number > 0]
    return f"({' and '.join(omitted)} left out) " if omitted else ""


def choose_styles(traces: Iterable[Mapping[str, Any]]) -> Styles:
    """Return the class of each trace, by its identity: traces of one kind and colour share a class."""
    known: dict[str, dict[object, int]] = {"lines": {}, "markers": {}}
    styles = {}
    for trace in traces:
        kind = "lines" if _is_line(trace) else "markers"
        colour = (trace.get("line" if kind == "lines" else "marker") or {}).get("color")
        key = colour if isinstance(colour, str) else id(trace)
        styles[id(trace)] = f"k{known[kind].setdefault(key, len(known[kind])) % 6}"
    return styles


def _is_line(trace: Mapping[str, Any]) -> bool:
    return trace.get("type", "scatter") != "bar" and "markers" not in str(trace.get("mode", "lines"))


def _draw_legend(
    traces: Iterable[Mapping[str, Any]], layout: Mapping[str, Any], styles: Styles
) -> Iterable[str]:
    """Yield the entries of the legend in a row below the title, as many as there is room for."""
    entries = [
        (name, one)
        for one in traces
        if one.get("type", "scatter") not in ("heatmap", "contour")
        and one.get("showlegend", True)
        and (name := read_text(one.get("name"))[:30])
    ]
    if len(entries) < 2 or layout.get("showlegend") is False:
        return
    x = LEFT
    for name, trace in entries[:_MOST_ENTRIES]:
        if x + 34 + _LETTER * len(name) > WIDTH - RIGHT:
            return
        style = styles[id(trace)]
        mark = f'class="f l {style}" d="M{x} {TOP - 15}h24"'
        if not _is_line(trace):
            mark = f'class="p l {style}" d="M{x + 12} {TOP - 15}h0"'
        yield f"<path {mark}/>"
        yield make_text(name, x + 32, TOP - 8, style="l")
        x += 52 + _LETTER * len(name)
