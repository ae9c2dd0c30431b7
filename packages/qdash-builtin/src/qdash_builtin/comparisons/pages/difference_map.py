"""Map of a chip with the differences between two states of its values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from qdash_builtin.values.pages.value_changes import format_value_or_none
from qdash_core.models.targets import split_coupling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_builtin.comparisons.views.comparisons import ComparedValueDocument, SharedChangeDocument

_STRONG = 20.0
"""Difference in combined errors at which a triangle is largest."""
# Colours of Okabe and Ito, legible on light and dark; shape, size and text say the same.
_ROSE, _FELL, _OTHER, _SAME = "#2b83ba", "#d1490f", "#9a6a94", "#8a8f98"
_WHOLE_CHIP = "whole chip"
_DASHES = ("solid", "dash", "dot", "dashdot")
LEGEND = (
    "▲ rose, ▼ fell: moved beyond its usual scatter, larger for more combined errors (σ). ■ without a known error, appeared or vanished. "
    "● changed less. ○ no difference. Frames join the targets of a shared change, except of the whole chip. "
    "Without room for a text, point at its mark."
)
"""Meaning of the marks."""


class Mark(NamedTuple):
    """Mark of a target on the map.

    Parameters
    ----------
    symbol, colour : str
        Plotly symbol and colour.
    size : float
        Size in units of that of an unchanged target.
    text : str
        The difference in combined errors, or empty if it did not move.
    """

    symbol: str
    colour: str
    size: float
    text: str = ""


def make_difference_map(
    layout: ChipLayout,
    changes: Sequence[ComparedValueDocument],
    shared: Sequence[SharedChangeDocument],
    get_title: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Return a Plotly figure with the most significant change of each target, and frames around shared changes.

    Parameters
    ----------
    changes : sequence of ComparedValueDocument
        The differences, the most significant first.
    shared : sequence of SharedChangeDocument
        The shared changes. Those of the whole chip have no frames.
    get_title : callable
        Returns the title of a parameter.
    """
    framed = [one for one in shared if one.resource != _WHOLE_CHIP]
    by_target: dict[str, list[ComparedValueDocument]] = {}
    for change in changes:
        by_target.setdefault(change.target, []).append(change)
    qubits = {qid: (x, y) for qid, x, y in layout.qubits}
    couplings = {one: _find_middle(one, qubits) for one in layout.couplings}
    widths, heights = [x for x, _ in qubits.values()], [y for _, y in qubits.values()]
    rows = len({round(y, 1) for y in heights})
    return {
        "data": [
            _make_lines(layout.couplings, qubits),
            *_make_frames(framed, {**qubits, **couplings}, get_title),
            _make_trace("couplings", couplings, by_target, get_title, size=7),
            _make_trace("qubits", qubits, by_target, get_title, size=12),
        ],
        "layout": {
            "showlegend": bool(framed),
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
            # With room for the texts of the last column.
            "xaxis": {
                "visible": False,
                "range": [min(widths, default=0.0) - 0.5, max(widths, default=0.0) + 0.9],
            },
            # On a narrow page the map is less high than the figure.
            "yaxis": {
                "visible": False,
                # Down, with room for the texts below the lowest qubits.
                "range": [max(heights, default=0.0) + 0.8, min(heights, default=0.0) - 0.5],
                "scaleanchor": "x",
                "constrain": "domain",
                "constraintoward": "top",
            },
            "margin": {"l": 10, "r": 30, "t": 10, "b": 10},
            "height": min(max(320, 100 * rows), 1100),
        },
    }


def choose_mark(changes: Sequence[ComparedValueDocument]) -> Mark:
    """Return the mark of the most significant change of a target, the first one."""
    if not changes:
        return Mark("circle-open", _SAME, 1.0)
    first = changes[0]
    sigmas = first.signed_sigmas
    if sigmas is None:
        return Mark("square", _OTHER, 1.0)
    if not first.moved:
        return Mark("circle", _SAME, 1.0)
    size = 1.2 + min(abs(sigmas) / _STRONG, 1.0)
    symbol, colour = ("triangle-up", _ROSE) if sigmas > 0 else ("triangle-down", _FELL)
    return Mark(symbol, colour, size, first.describe_difference())


def _find_middle(coupling: str, qubits: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    (ax, ay), (bx, by) = (qubits[qid] for qid in split_coupling(coupling))
    return (ax + bx) / 2, (ay + by) / 2


def _make_lines(couplings: Iterable[str], places: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for coupling in couplings:
        first, second = (places[qid] for qid in split_coupling(coupling))
        x += [first[0], second[0], None]
        y += [first[1], second[1], None]
    line = {"color": _SAME, "width": 1}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "line": line,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _make_frames(
    shared: Sequence[SharedChangeDocument],
    places: Mapping[str, tuple[float, float]],
    get_title: Callable[[str], str],
) -> list[dict[str, Any]]:
    """Return a frame around each target of the shared changes with its text, in a line style for each change."""
    frames = []
    for number, one in enumerate(shared):
        wide, low, high = (0.13, 0.13, 0.2) if "-" in one.targets[0] else (0.46, 0.4, 0.47)
        x: list[float | None] = []
        y: list[float | None] = []
        for left, top in (places[target] for target in one.targets if target in places):
            x += [left - wide, left + wide, left + wide, left - wide, left - wide, None]
            y += [top - low, top - low, top + high, top + high, top - low, None]
        frames.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": f"{one.resource}: {get_title(one.parameter)} {'rose' if one.rose else 'fell'}",
                "x": x,
                "y": y,
                "hoverinfo": "skip",
                "line": {
                    "color": _ROSE if one.rose else _FELL,
                    "width": 2,
                    "dash": _DASHES[number % len(_DASHES)],
                },
            }
        )
    return frames


def _make_trace(
    name: str,
    places: Mapping[str, tuple[float, float]],
    by_target: Mapping[str, Sequence[ComparedValueDocument]],
    get_title: Callable[[str], str],
    *,
    size: int,
) -> dict[str, Any]:
    """Return the marks of the qubits or couplings, and the texts beside them."""
    known = {target: choose_mark(by_target.get(target, [])) for target in places}
    # The largest changes first: their texts stay where there is no room for all.
    targets = sorted(known, key=lambda target: -known[target].size)
    marks = [known[target] for target in targets]
    names = targets if name == "qubits" else [""] * len(targets)
    return {
        "type": "scatter",
        "showlegend": False,
        "mode": "markers+text",
        "name": name,
        "x": [places[target][0] for target in targets],
        "y": [places[target][1] for target in targets],
        "text": [f"{one} {mark.text}".strip() for one, mark in zip(names, marks, strict=True)],
        # Beside the lines to the neighbours, which are to the right and below.
        "textposition": "bottom right",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertext": [_describe(target, by_target.get(target, []), get_title) for target in targets],
        "hoverinfo": "text",
        "marker": {
            "symbol": [one.symbol for one in marks],
            "size": [size * one.size for one in marks],
            "color": [one.colour for one in marks],
            "opacity": 1,
        },
    }


def _describe(target: str, changes: Sequence[ComparedValueDocument], get_title: Callable[[str], str]) -> str:
    lines = [f"<b>{escape(target)}</b>"]
    for one in changes:
        values = f"{format_value_or_none(one.before)} → {format_value_or_none(one.after)}"
        also = f", shared by {escape(one.shared)}" if one.shared else ""
        lines.append(f"{escape(get_title(one.parameter))}: {values} ({one.describe_difference()}{also})")
    return "<br>".join(lines) if changes else f"{lines[0]}: no difference"
