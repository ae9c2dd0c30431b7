"""Map of a chip with the differences between two states of its values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.display.value_changes import format_value_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.documents.chip_days import ValueChangeDocument
    from qdash_ui_streamlit.display.chip_layout import ChipLayout

_STRONG = 5.0
"""Difference in standard deviations at which the colour scale ends."""
_SAME, _UNKNOWN = "#8a8f98", "#b07aa1"


def make_difference_map(layout: ChipLayout, changes: Sequence[ValueChangeDocument]) -> dict[str, Any]:
    """Return a Plotly figure in which the colour of a target is its largest difference in standard deviations.

    A target whose errors are unknown, or whose values appeared or vanished, has a colour of its own; the rest is grey.

    Parameters
    ----------
    layout : ChipLayout
        Positions of the qubits.
    changes : sequence of ValueChangeDocument
        The differences.
    """
    by_target: dict[str, list[ValueChangeDocument]] = {}
    for change in changes:
        by_target.setdefault(change.target, []).append(change)
    places = {qid: (x, y) for qid, x, y in layout.qubits}
    middles = {
        coupling: tuple(
            (a + b) / 2 for a, b in zip(*(places[qid] for qid in coupling.split("-")), strict=True)
        )
        for coupling in layout.couplings
    }
    return {
        "data": [
            _make_lines(layout.couplings, places),
            _make_trace("couplings", middles, by_target, symbol="diamond", size=9),
            _make_trace("qubits", places, by_target, symbol="circle", size=20),
        ],
        "layout": {
            "showlegend": False,
            "xaxis": {"visible": False},
            "yaxis": {"visible": False, "autorange": "reversed", "scaleanchor": "x"},
            "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
            "height": 420,
        },
    }


def _make_lines(couplings: Iterable[str], places: dict[str, tuple[float, float]]) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for coupling in couplings:
        first, second = (places[qid] for qid in coupling.split("-"))
        x += [first[0], second[0], None]
        y += [first[1], second[1], None]
    line = {"color": _SAME, "width": 1}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}


def _make_trace(
    name: str,
    places: dict[str, Any],
    by_target: dict[str, list[ValueChangeDocument]],
    *,
    symbol: str,
    size: int,
) -> dict[str, Any]:
    targets = list(places)
    colours = [_choose_colour(by_target.get(target, [])) for target in targets]
    return {
        "type": "scatter",
        "mode": "markers+text" if name == "qubits" else "markers",
        "name": name,
        "x": [places[target][0] for target in targets],
        "y": [places[target][1] for target in targets],
        "text": targets if name == "qubits" else None,
        "hovertext": [_describe(target, by_target.get(target, [])) for target in targets],
        "hoverinfo": "text",
        "textposition": "top right",
        "marker": {"symbol": symbol, "size": size, "color": colours},
    }


def _choose_colour(changes: Sequence[ValueChangeDocument]) -> str:
    if not changes:
        return _SAME
    sigmas = [one.sigmas for one in changes if one.sigmas is not None]
    if not sigmas:
        return _UNKNOWN
    share = min(max(sigmas) / _STRONG, 1.0)
    # From the light to the dark end of one hue, so that the order is seen in grey, too.
    light, dark = (253, 208, 162), (166, 54, 3)
    parts = (round(a + share * (b - a)) for a, b in zip(light, dark, strict=True))
    return f"rgb({','.join(str(part) for part in parts)})"


def _describe(target: str, changes: Sequence[ValueChangeDocument]) -> str:
    lines = [f"<b>{escape(target)}</b>"]
    for one in changes:
        sigmas = "" if one.sigmas is None else f" ({one.sigmas:.1f} σ)"
        values = f"{format_value_or_none(one.before)} → {format_value_or_none(one.after)}"
        lines.append(f"{escape(one.parameter)}: {values}{sigmas}")
    return "<br>".join(lines) if changes else f"{lines[0]}: no difference"
