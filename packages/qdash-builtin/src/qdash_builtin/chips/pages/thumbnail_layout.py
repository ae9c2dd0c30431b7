"""Positions of the thumbnails of a chip: arranged as its qubits and couplings, in rows without overlap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qdash_builtin.chips.pages.chip_layout import make_topology
from qdash_builtin.figures.positions import compute_positions
from qdash_core.models.targets import split_coupling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.chips.views.layouts import TopologyDocument
    from qdash_builtin.figures.positions import Place
    from qdash_builtin.results.pages.thumbnails import Placed


def place_qubits(topology: TopologyDocument) -> list[Placed]:
    """Return the position of the thumbnail of each qubit."""
    return place_in_rows(compute_positions(make_topology(topology)))


def place_couplings(topology: TopologyDocument) -> list[Placed]:
    """Return the position of the thumbnail of each coupling: between its qubits."""
    layout = make_topology(topology)
    places = compute_positions(layout)
    middles = {}
    for coupling in layout.couplings:
        (ax, ay), (bx, by) = (places[qid] for qid in split_coupling(coupling))
        middles[coupling] = ((ax + bx) / 2, (ay + by) / 2)
    return place_in_rows(middles)


def place_in_rows(places: Mapping[str, Place]) -> list[Placed]:
    """Return thumbnails in rows, one for each y position; if these would overlap, in a square.

    `places` are positions (x, y) by target, in units of about one coupling; y points down.
    """
    left = min((x for x, _ in places.values()), default=0.0)
    heights = sorted({round(y, 1) for _, y in places.values()})
    placed = [(target, x - left, heights.index(round(y, 1))) for target, (x, y) in places.items()]
    rows: dict[int, list[float]] = {}
    for _, x, row in placed:
        rows.setdefault(row, []).append(x)
    near = (b - a for xs in rows.values() for a, b in zip(sorted(xs), sorted(xs)[1:], strict=False))
    # A layout without regular rows would become a column of rows with one thumbnail each.
    if any(gap < 0.999 for gap in near) or len(heights) > 4 * math.sqrt(len(places)) + 4:
        return _place_in_square(places)
    return placed


def _place_in_square(places: Mapping[str, Place]) -> list[Placed]:
    columns = max(1, math.ceil(math.sqrt(1.5 * len(places))))
    return [(target, float(number % columns), number // columns) for number, target in enumerate(places)]
