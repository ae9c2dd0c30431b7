"""Picture of a topology: its qubits, couplings and multiplexers, without values."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_layout import make_layout

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_builtin.chips.views.layouts import TopologyDocument

_MOST_DRAWN = 2000
"""Largest number of qubits that are drawn."""
_MOST_NAMED = 200
"""Largest number of qubits that are drawn with their names."""
_SPACING = 40.0
# Colours that have enough contrast in the light and in the dark theme.
_LINE, _DISC, _TEXT = "#7b858c", "#2f6f94", "#ffffff"


def draw_layout_picture(topology: TopologyDocument) -> None:
    """Draw the map of a topology with its numbers of qubits, couplings and multiplexers below it."""
    text = describe_topology(topology)
    if len(topology.qubits) > _MOST_DRAWN:
        st.caption(f"{text}. Maps of more than {_MOST_DRAWN} qubits are not drawn.")
        return
    picture = b64encode(make_layout_svg(make_layout(topology)).encode()).decode()
    # Streamlit's pictures have no alternative text, and its HTML no SVG.
    st.html(
        f'<figure style="margin: 0"><img src="data:image/svg+xml;base64,{picture}" alt="Map of the qubits and couplings" '
        f'style="max-width: 100%; max-height: 36rem"><figcaption><small>{escape(text)}</small></figcaption></figure>'
    )


def describe_topology(topology: TopologyDocument) -> str:
    """Return the numbers of qubits, couplings and multiplexers of a topology in words."""
    muxes = {one.mux for one in topology.qubits if one.mux is not None}
    counts = (
        (len(topology.qubits), "qubit", "qubits"),
        (len(topology.couplings), "coupling", "couplings"),
        *(((len(muxes), "multiplexer", "multiplexers"),) if muxes else ()),
    )
    text = ", ".join(f"{number} {one if number == 1 else several}" for number, one, several in counts)
    placed = all(one.row is not None and one.col is not None for one in topology.qubits)
    return text if placed else f"{text}; the file has no positions, so they are computed"


def make_layout_svg(layout: ChipLayout) -> str:
    """Return the map of a layout as SVG."""
    places = {qid: (x * _SPACING, y * _SPACING) for qid, x, y in layout.qubits}
    left = min(x for x, _ in places.values()) - _SPACING / 2
    top = min(y for _, y in places.values()) - _SPACING / 2
    width = max(x for x, _ in places.values()) + _SPACING / 2 - left
    height = max(y for _, y in places.values()) + _SPACING / 2 - top
    lines = "".join(_make_line(places, coupling) for coupling in layout.couplings)
    discs = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13"/>' for x, y in places.values())
    names = "".join(f'<text x="{x:.1f}" y="{y + 4:.1f}">{qid}</text>' for qid, (x, y) in places.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" '
        f'width="{width:.0f}" height="{height:.0f}">'
        f'<g stroke="{_LINE}" stroke-width="3">{lines}</g><g fill="{_DISC}">{discs}</g>'
        f'<g fill="{_TEXT}" font-family="sans-serif" font-size="11" text-anchor="middle">'
        f"{names if len(places) <= _MOST_NAMED else ''}</g></svg>"
    )


def _make_line(places: dict[str, tuple[float, float]], coupling: str) -> str:
    first, second = coupling.split("-")
    (x1, y1), (x2, y2) = places[first], places[second]
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
