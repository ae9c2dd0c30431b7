"""Figure of a graph of provenance: steps as columns, targets as rows, and arrows from inputs to results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import by_number
from qdash_core.tasks.colours import GREY, INK, PAPER
from qdash_core.tasks.figure_layout import quantity, titled_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.provenance_graph import ProvenanceGraph, ProvenanceLink, ProvenanceNode

_MOST_BOXES = 60
"""Number of boxes above which the results of a task on a target in a column are one box, and so are releases and changes by users."""
_MOST_COLUMNS = 4
"""Number of columns on each side of the root if results are folded."""
_COLUMN, _BOX, _LINE, _GAP = 270, 220, 15, 10
"""Pixels of a column, of the width of a box, of a line of text, and between boxes."""
_TOP, _SIDE, _BOTTOM = 90, 110, 30
_MARKS = {"accepted": "✓", "flagged": "⚑", "rejected": "✗", "failed": "✗", "cancelled": "■", "skipped": "⤼"}
_ACCEPTED, _REJECTED, _DOUBT = "#1a7f37", "#c0392b", "#b7791f"
_EDGES = {
    "accepted": _ACCEPTED,
    "completed": _ACCEPTED,
    "flagged": _DOUBT,
    "rejected": _REJECTED,
    "failed": _REJECTED,
}
_AGES = ((60.0, "s"), (60.0, "min"), (48.0, "h"), (float("inf"), "d"))
_USERS, _RELEASES = "users", "releases"

_Name = tuple[str, ...]
"""Name of a box: that of its node, or column, target and task of its nodes."""
_Place = tuple[float, float]
"""Centre of a box in pixels."""


@dataclass(frozen=True, slots=True)
class _Box:
    """One node; or the results of a task on a target, the releases, or the changes by users in a column."""

    column: int
    row: str
    lines: tuple[str, ...]
    hover: str
    colour: str
    rejected: bool
    is_root: bool


def make_provenance_figure(graph: ProvenanceGraph, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Draw a graph, folded by task and target if it has many nodes; releases and changes by users are then one box in each column.

    Columns are the steps from the root, which is in the middle: earlier ones to the left. Each box has the task, its
    outcome and its age. Dashed arrows are undeclared inputs.
    """
    if not graph.nodes:
        value = graph.value
        what = f"{value.parameter} of {value.target}" if value else "this"
        raise InvalidInputError(f"there is nothing to draw: the origin of {what} is not recorded")
    groups, furthest = _fold(graph)
    names = {one.name: name for name, nodes in groups.items() for one in nodes}
    boxes = {
        name: _make_box(nodes, graph.root, furthest, now=now, zone=zone) for name, nodes in groups.items()
    }
    columns = {column: place for place, column in enumerate(sorted({one.column for one in boxes.values()}))}
    places, bands, height = _place(boxes, columns)
    width = _COLUMN * len(columns)
    shapes = [_draw_band(low, high, number) for number, (low, high) in enumerate(bands.values())]
    shapes += [_draw_box(boxes[name], *places[name]) for name in boxes]
    annotations = [_draw_text(boxes[name], *places[name]) for name in boxes]
    annotations += [_draw_row_name(row, low, high) for row, (low, high) in bands.items()]
    annotations += [_draw_column_name(column, place, furthest) for column, place in columns.items()]
    return {
        "data": [*_draw_arrows(graph.links, names, places, boxes), _make_hover_points(boxes, places)],
        "layout": {
            **titled_layout(_make_title(graph), _describe_size(graph, names, boxes), size=16, top=14),
            "width": width + 2 * _SIDE,
            "height": height + _TOP + _BOTTOM,
            "margin": {"l": _SIDE, "r": _SIDE, "t": _TOP, "b": _BOTTOM},
            "xaxis": {"range": [0, width], "visible": False, "fixedrange": True},
            "yaxis": {"range": [height, 0], "visible": False, "fixedrange": True},
            "showlegend": False,
            "shapes": shapes,
            "annotations": annotations,
        },
    }


def _get_row(node: ProvenanceNode) -> str:
    if node.result is not None:
        return node.result.qid or "chip"
    return _RELEASES if node.name.startswith("release:") else _USERS


def _fold(graph: ProvenanceGraph) -> tuple[dict[_Name, list[ProvenanceNode]], int | None]:
    """Return the nodes by box, and the number of steps beyond which all share a column, or None if each node has its own box."""
    groups: dict[_Name, list[ProvenanceNode]] = {(node,): [one] for node, one in graph.nodes.items()}
    furthest = None
    while len(groups) > _MOST_BOXES and furthest != 1:
        furthest = _MOST_COLUMNS if furthest is None else furthest - 1
        groups = {}
        for node in graph.nodes.values():
            groups.setdefault(_get_group(node, graph.root, furthest), []).append(node)
    return groups, furthest


def _get_group(node: ProvenanceNode, root: str, furthest: int) -> _Name:
    """Return the column, row and title that the nodes of one box have in common; the root has its own box."""
    if node.name == root:
        return (node.name,)
    return str(_get_column(node, furthest)), _get_row(node), _get_common_title(node)


def _get_column(node: ProvenanceNode, furthest: int | None) -> int:
    return node.depth if furthest is None else max(-furthest, min(furthest, node.depth))


def _make_box(
    nodes: Sequence[ProvenanceNode], root: str, furthest: int | None, *, now: datetime, zone: ZoneInfo
) -> _Box:
    newest = max(nodes, key=lambda one: 0.0 if one.at is None else one.at.timestamp())
    outcomes = Counter(_get_outcome(one) for one in nodes)
    rejected = sorted({name for one in nodes for name in _list_rejected(one)})
    worst = next((one for one in ("rejected", "failed", "flagged") if outcomes[one]), next(iter(outcomes)))
    lines = [f"{_get_common_title(newest)} ({len(nodes)})" if len(nodes) > 1 else _get_title(newest)]
    age = "" if newest.at is None else f"{_format_age(newest.at, now)} ago"
    said = [
        f"{number} {_mark(one)}" if len(nodes) > 1 else _mark(one) for one, number in outcomes.items() if one
    ]
    lines.append(" · ".join([*said, *([age] if age else [])]))
    if rejected:
        lines.append(f"✗ rejected: {', '.join(rejected)}")
    elif newest.in_use and len(nodes) == 1:
        lines.append(f"in use: {', '.join(newest.in_use)}")
    if marks := dict.fromkeys(one.mark for node in nodes for some in node.marks.values() for one in some):
        lines.append(" · ".join(f"{mark.sign} {mark}" for mark in marks))
    times = [] if newest.at is None else [f"{newest.at.astimezone(zone):%Y-%m-%d %H:%M:%S} ({zone.key})"]
    return _Box(
        _get_column(newest, furthest),
        _get_row(newest),
        tuple(_shorten(line) for line in lines),
        "<br>".join(map(escape, [*lines, *times, *_list_values(newest), *_list_marks(nodes)])),
        _REJECTED if rejected else _EDGES.get(worst, GREY),
        bool(rejected),
        newest.name == root,
    )


def _get_title(node: ProvenanceNode) -> str:
    if node.result is not None:
        return node.result.name
    if node.event is not None:
        return f"{node.event.kind} by {node.event.username}"
    return (
        node.name.rpartition("/")[2]
        if node.released_at is not None
        else f"unknown {node.name.partition(':')[0]}"
    )


def _get_common_title(node: ProvenanceNode) -> str:
    """Return the title of a box with several nodes like this one."""
    if node.event is not None:
        return "changes by users"
    return "releases" if node.released_at is not None else _get_title(node)


def _get_outcome(node: ProvenanceNode) -> str:
    return "" if node.result is None else node.result.outcome


def _list_rejected(node: ProvenanceNode) -> list[str]:
    decisions = {} if node.result is None else node.result.decisions
    return [name for name, one in decisions.items() if one.verdict == "rejected"]


def _list_values(node: ProvenanceNode) -> list[str]:
    values = {} if node.result is None else node.result.output_parameters
    return [
        f"{name} {quantity(f'{one.value:.6g}' + (f' ± {one.error:.2g}' if one.error else ''), one.unit)}"
        for name, one in values.items()
    ]


def _list_marks(nodes: Sequence[ProvenanceNode]) -> list[str]:
    return [
        f"{parameter} is {one.mark}: {one.reason}"
        for node in nodes
        for parameter, marks in node.marks.items()
        for one in marks
    ]


def _mark(outcome: str) -> str:
    return f"{_MARKS.get(outcome, '·')} {outcome}"


def _format_age(at: datetime, now: datetime) -> str:
    left = max(0.0, (now - at).total_seconds())
    for size, unit in _AGES:
        if left < size:
            return f"{left:.0f} {unit}"
        left /= size if unit != "h" else 24.0
    raise AssertionError(left)  # the last unit has no limit


def _shorten(line: str) -> str:
    most = _BOX // 7 - 1
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _place(
    boxes: Mapping[_Name, _Box], columns: Mapping[int, int]
) -> tuple[dict[_Name, _Place], dict[str, tuple[float, float]], float]:
    """Return the centre of each box, the upper and lower end of each row, and the height of all."""
    rows = {one.row for one in boxes.values()}
    last = {_USERS: 1, _RELEASES: 2}
    places: dict[_Name, _Place] = {}
    bands: dict[str, tuple[float, float]] = {}
    top = 0.0
    for row in sorted(rows, key=lambda one: (last.get(one, 0), "-" in one, _sort_target(one))):
        height = 0.0
        for column, place in columns.items():
            y = top + _GAP
            # The same tasks are at similar heights in all columns.
            for name, box in sorted(boxes.items(), key=lambda one: one[1].lines):
                if box.row == row and box.column == column:
                    tall = _get_height(box)
                    places[name] = (_COLUMN * (place + 0.5), y + tall / 2)
                    y += tall + _GAP
            height = max(height, y - top)
        bands[row] = (top, top + height)
        top += height
    return places, bands, top


def _sort_target(row: str) -> Any:
    return by_number(row) if row[:1].isdigit() else by_number("0")


def _get_height(box: _Box) -> float:
    return _LINE * len(box.lines) + 10


def _draw_band(low: float, high: float, number: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": low,
        "y1": high,
        "line": {"width": 0},
        "fillcolor": "#f4f5f7" if number % 2 == 0 else PAPER,
    }


def _draw_box(box: _Box, x: float, y: float) -> dict[str, Any]:
    half = _get_height(box) / 2
    return {
        "type": "rect",
        "x0": x - _BOX / 2,
        "x1": x + _BOX / 2,
        "y0": y - half,
        "y1": y + half,
        "fillcolor": "#fdecea" if box.rejected else PAPER,
        "line": {"color": box.colour, "width": 3 if box.is_root or box.rejected else 1.5},
    }


def _draw_text(box: _Box, x: float, y: float) -> dict[str, Any]:
    first, *rest = map(escape, box.lines)
    return {
        "x": x,
        "y": y,
        "text": "<br>".join([f"<b>{first}</b>", *rest]),
        "showarrow": False,
        "font": {"size": 11, "color": INK},
    }


def _draw_arrows(
    links: Iterable[ProvenanceLink],
    names: Mapping[str, _Name],
    places: Mapping[_Name, _Place],
    boxes: Mapping[_Name, _Box],
) -> list[dict[str, Any]]:
    """Return a trace for each kind of arrow: from rejected results or others, of undeclared inputs or others.

    Arrows lead to a later column only: others would run through the boxes.
    """
    undeclared: dict[tuple[_Name, _Name], bool] = {}
    for link in links:
        pair = names[link.edge.object], names[link.edge.subject]
        hidden = bool(link.inputs) and all(one.undeclared for one in link.inputs.values())
        if _is_drawn(link, names, boxes):
            undeclared[pair] = undeclared.get(pair, True) and hidden
    kinds: dict[tuple[bool, bool], list[tuple[_Name, _Name]]] = {}
    for pair, dashed in undeclared.items():
        kinds.setdefault((boxes[pair[0]].rejected, dashed), []).append(pair)
    return [_make_arrows(*kind, pairs, places) for kind, pairs in sorted(kinds.items())]


def _is_drawn(link: ProvenanceLink, names: Mapping[str, _Name], boxes: Mapping[_Name, _Box]) -> bool:
    return boxes[names[link.edge.object]].column < boxes[names[link.edge.subject]].column


def _make_arrows(
    rejected: bool, dashed: bool, pairs: Iterable[tuple[_Name, _Name]], places: Mapping[_Name, _Place]
) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for earlier, later in pairs:
        x += [places[earlier][0] + _BOX / 2, places[later][0] - _BOX / 2 - 4, None]
        y += [places[earlier][1], places[later][1], None]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{'rejected' if rejected else 'used'}{', undeclared' if dashed else ''}",
        "x": x,
        "y": y,
        "line": {
            "color": _REJECTED if rejected else "#b3b8bf",
            "width": 2 if rejected else 1,
            "dash": "dash" if dashed else "solid",
        },
        "marker": {
            "symbol": "triangle-right",
            "size": [0, 8, 0] * (len(x) // 3),
            "color": _REJECTED if rejected else GREY,
            "opacity": 1,
        },
        "hoverinfo": "skip",
    }


def _draw_row_name(row: str, low: float, high: float) -> dict[str, Any]:
    word = row if row in (_USERS, _RELEASES, "chip") else f"{'coupling' if '-' in row else 'qubit'} {row}"
    return {
        "xref": "paper",
        "x": 0,
        "xanchor": "right",
        "xshift": -8,
        "y": (low + high) / 2,
        "text": f"<b>{escape(word)}</b>",
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }


def _draw_column_name(column: int, place: int, furthest: int | None) -> dict[str, Any]:
    more = " or more" if abs(column) == furthest else ""
    count = "1 step" if abs(column) == 1 and not more else f"{abs(column)}{more} steps"
    return {
        "x": _COLUMN * (place + 0.5),
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "text": f"{count} {'earlier' if column < 0 else 'later'}" if column else "traced",
        "showarrow": False,
        "font": {"size": 12, "color": GREY},
    }


def _make_hover_points(boxes: Mapping[_Name, _Box], places: Mapping[_Name, _Place]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [places[name][0] for name in boxes],
        "y": [places[name][1] for name in boxes],
        "text": [one.hover for one in boxes.values()],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 30, "opacity": 0},
    }


def _make_title(graph: ProvenanceGraph) -> str:
    root = graph.nodes[graph.root]
    what = f"{_get_title(root)} on {_get_row(root)}" if root.result is not None else _get_title(root)
    if graph.value is not None:
        what = f"{graph.value.parameter} of {graph.value.target}"
    return escape(f"Provenance of {what}, chip {graph.chip_id}")


def _describe_size(graph: ProvenanceGraph, names: Mapping[str, _Name], boxes: Mapping[_Name, _Box]) -> str:
    folded = f", folded by task and target to {len(boxes)} boxes" if len(boxes) < len(graph.nodes) else ""
    more = sum(one.more_earlier + one.more_later for one in graph.nodes.values())
    left_out = f"; {more} more are left out" if more else ""
    hidden = sum(not _is_drawn(link, names, boxes) for link in graph.links)
    noun, verb = ("relation", "is") if hidden == 1 else ("relations", "are")
    not_drawn = f"; {hidden} {noun} within a column or to an earlier one {verb} not drawn" if hidden else ""
    size = f"{len(graph.nodes)} results, changes and releases{folded}{left_out}{not_drawn}"
    return f"{size}.<br>Dashed: undeclared inputs. Red fill and arrows: rejected by a user"
