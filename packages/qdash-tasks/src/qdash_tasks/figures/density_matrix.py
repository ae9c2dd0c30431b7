"""Figure of a density matrix: its real and imaginary parts as heat maps with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.tasks.colours import BLUE_TO_RED, INK, choose_text_colour, colour_at, make_plotly_scale
from qdash_core.tasks.figure_layout import titled_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_LEFT_OF, _RIGHT_OF = (0.0, 0.47), (0.53, 1.0)
_WHOLE = 0.5
"""Absolute value at which the colour scale ends, unless an element is larger: that of the four elements of a
Bell state.
"""


def draw_density_matrix(rho: ArrayLike, *, title: str, found: str = "") -> dict[str, Any]:
    """Draw a density matrix as Plotly JSON.

    `rho` has shape (2**n, 2**n) with basis states in numerical order, the first qubit the most significant. Lines of
    `found`, results for the title, are separated by `<br>`.
    """
    import numpy as np

    matrix = np.asarray(rho, dtype=np.complex128)
    width = (len(matrix) - 1).bit_length()
    states = [f"{number:0{width}b}" for number in range(len(matrix))]
    furthest = max(_WHOLE, float(np.abs([matrix.real, matrix.imag]).max()))
    parts = (("Re ρ", matrix.real, ""), ("Im ρ", matrix.imag, "2"))
    data = [_draw_heat_map(name, part, states, axis, furthest) for name, part, axis in parts]
    notes = [note for _, part, axis in parts for note in _write_numbers(part, states, axis, furthest)]
    headings = [_write_heading(name, axis) for name, _, axis in parts]
    return {"data": data, "layout": _make_layout(title, found) | {"annotations": [*headings, *notes]}}


def _draw_heat_map(
    name: str, part: NDArray[np.float64], states: Sequence[str], axis: str, furthest: float
) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "name": name,
        "x": [f"⟨{state}|" for state in states],
        "y": [f"|{state}⟩" for state in states],
        "z": [[round(value, 6) for value in row] for row in part.tolist()],
        "zmin": -furthest,
        "zmax": furthest,
        "colorscale": make_plotly_scale(BLUE_TO_RED),
        "xgap": 2,
        "ygap": 2,
        "showscale": bool(axis),
        "colorbar": {"thickness": 14, "outlinewidth": 0},
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _write_numbers(
    part: NDArray[np.float64], states: Sequence[str], axis: str, furthest: float
) -> list[dict[str, Any]]:
    return [
        {
            "x": f"⟨{states[column]}|",
            "y": f"|{states[row]}⟩",
            "xref": f"x{axis}",
            "yref": f"y{axis}",
            "text": f"{round(value, 3) + 0.0:.3f}",
            "showarrow": False,
            "font": {
                "size": 12,
                "color": choose_text_colour(colour_at(BLUE_TO_RED, (value / furthest + 1) / 2)),
            },
        }
        for row, values in enumerate(part.tolist())
        for column, value in enumerate(values)
    ]


def _write_heading(name: str, axis: str) -> dict[str, Any]:
    return {
        "text": name,
        "x": sum(_RIGHT_OF if axis else _LEFT_OF) / 2,
        "xref": "paper",
        "xanchor": "center",
        "y": 1.0,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 14, "color": INK},
    }


def _make_layout(title: str, found: str) -> dict[str, Any]:
    shared = {"showgrid": False, "ticks": ""}
    return {
        **titled_layout(title, found, size=16, top=22),
        "xaxis": {**shared, "domain": list(_LEFT_OF)},
        "yaxis": {**shared, "autorange": "reversed"},
        "xaxis2": {**shared, "domain": list(_RIGHT_OF), "anchor": "y2"},
        "yaxis2": {**shared, "autorange": "reversed", "anchor": "x2", "showticklabels": False},
        "width": 860,
        "height": 480,
        "margin": {"l": 60, "r": 30, "t": 88 + 16 * found.count("<br>"), "b": 40},
    }
