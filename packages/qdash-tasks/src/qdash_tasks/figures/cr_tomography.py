"""Figure of a cross-resonance tomography: the target's Bloch vector in time, for both control states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.tasks.colours import DISTINCT, GREY, PALE, PAPER
from qdash_core.tasks.figure_layout import titled_layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Drawn = dict[str, Any]

_COMPONENTS = ("X", "Y", "Z")
_COLOURS = (DISTINCT[0], DISTINCT[3])
"""Colours for control in 0 and control in 1."""
_SYMBOLS = ("circle", "diamond")
_PLANES = ((1, 2), (0, 1))
"""Horizontal and vertical components: the plane of a rotation about X, and the plane that it should leave
alone.
"""
_TRACES = ((0.70, 1.0), (0.36, 0.66), (0.02, 0.32))
_DISCS = ((0.56, 1.0), (0.02, 0.46))
_LEFT_OF, _RIGHT_OF = (0.0, 0.62), (0.70, 1.0)
"""Domains of the panels: traces on the left, projections of the Bloch sphere on the right."""
_REACH = 1.15


def draw_cr_tomography(
    x_ns: ArrayLike,
    y: ArrayLike,
    *,
    title: str,
    sigma: ArrayLike | None = None,
    fitted_x_ns: ArrayLike | None = None,
    fitted: ArrayLike | None = None,
    rates: str = "",
) -> dict[str, Any]:
    """Draw the six traces with their fit and, beside them, the paths of the Bloch vector, as Plotly JSON.

    Parameters
    ----------
    x_ns : array of shape (n,)
        Lengths of the tone in ns.
    y : array of shape (6, n)
        Expectation values of the target's X, Y and Z with the control in 0, then in 1.
    sigma : array that broadcasts to (6, n), or None
        Standard deviations.
    fitted_x_ns, fitted : arrays of shape (m,) and (6, m), or None
        The fitted model.
    rates : str
        Fitted rates for the title, lines separated by `<br>`.
    """
    import numpy as np

    times, measured = np.asarray(x_ns, dtype=np.float64), np.asarray(y, dtype=np.float64)
    bars = None if sigma is None else np.broadcast_to(np.asarray(sigma, dtype=np.float64), measured.shape)
    data: list[Drawn] = []
    for row in range(len(measured)):
        control, component = divmod(row, len(_COMPONENTS))
        axis = _number_axis(component)
        data.append(_draw_points(times, measured[row], None if bars is None else bars[row], control, axis))
        data[-1]["showlegend"] = component == 0
    if fitted is not None and fitted_x_ns is not None:
        fine, model = np.asarray(fitted_x_ns, dtype=np.float64), np.asarray(fitted, dtype=np.float64)
        data += [_draw_line(fine, model[row], row // 3, _number_axis(row % 3)) for row in range(len(model))]
        data += _draw_paths(model)
    data += _draw_measured_vectors(measured)
    return {"data": data, "layout": _make_layout(title, rates)}


def _number_axis(panel: int) -> str:
    """Return the number of a panel's axes as Plotly writes it: `""`, `"2"`, ..."""
    return "" if panel == 0 else str(panel + 1)


def _draw_points(
    x: NDArray[np.float64], y: NDArray[np.float64], sigma: NDArray[np.float64] | None, control: int, axis: str
) -> Drawn:
    bars = (
        {}
        if sigma is None
        else {
            "error_y": {
                "type": "data",
                "array": _round_values(sigma),
                "visible": True,
                "thickness": 1,
                "width": 0,
            }
        }
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"Control in |{control}⟩",
        "legendgroup": f"control {control}",
        "x": _round_values(x),
        "y": _round_values(y),
        "marker": {"color": _COLOURS[control], "size": 5, "symbol": _SYMBOLS[control]},
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        **bars,
    }


def _draw_line(x: NDArray[np.float64], y: NDArray[np.float64], control: int, axis: str) -> Drawn:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"Fit, control in |{control}⟩",
        "legendgroup": f"control {control}",
        "x": _round_values(x),
        "y": _round_values(y),
        "line": {"color": _COLOURS[control], "width": 1.5},
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "showlegend": False,
    }


def _draw_paths(model: NDArray[np.float64]) -> list[Drawn]:
    """Return the fitted paths in each projection."""
    return [
        _draw_line(model[3 * control + across], model[3 * control + up], control, _number_axis(3 + plane))
        for plane, (across, up) in enumerate(_PLANES)
        for control in (0, 1)
    ]


def _draw_measured_vectors(measured: NDArray[np.float64]) -> list[Drawn]:
    """Return the measured Bloch vectors in each projection, with the shortest tone circled."""
    drawn = []
    for plane, (across, up) in enumerate(_PLANES):
        for control in (0, 1):
            x, y = measured[3 * control + across], measured[3 * control + up]
            trace = _draw_points(x, y, None, control, _number_axis(3 + plane))
            trace["marker"]["size"] = 4
            trace["showlegend"] = False
            first = {
                "marker": {"color": PAPER, "size": 9, "line": {"color": _COLOURS[control], "width": 2}},
                "x": trace["x"][:1],
                "y": trace["y"][:1],
            }
            drawn += [trace, {**trace, **first}]
    return drawn


def _make_layout(title: str, rates: str) -> Drawn:
    lines = rates.count("<br>") + bool(rates)
    layout: Drawn = {
        **titled_layout(title, rates, size=16, top=22),
        "width": 1000,
        "height": 640,
        "margin": {"l": 60, "r": 30, "t": 76 + 16 * lines, "b": 56},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        "shapes": [_draw_outline(_number_axis(3 + plane)) for plane in range(len(_PLANES))],
    }
    for panel, component in enumerate(_COMPONENTS):
        layout |= _make_trace_axes(panel, component)
    for plane, (across, up) in enumerate(_PLANES):
        layout |= _make_plane_axes(plane, _COMPONENTS[across], _COMPONENTS[up])
    return layout


def _make_trace_axes(panel: int, component: str) -> Drawn:
    number, lowest = _number_axis(panel), panel == len(_COMPONENTS) - 1
    return {
        f"xaxis{number}": {
            "domain": list(_LEFT_OF),
            "anchor": f"y{number}",
            "matches": "x" if number else None,
            "showticklabels": lowest,
            "gridcolor": PALE,
            "zeroline": False,
            **({"title": {"text": "Tone length (ns)", "font": {"size": 12}}} if lowest else {}),
        },
        f"yaxis{number}": {
            "domain": list(_TRACES[panel]),
            "anchor": f"x{number}",
            "range": [-_REACH, _REACH],
            "tickvals": [-1, 0, 1],
            "gridcolor": PALE,
            "zeroline": False,
            "title": {"text": f"⟨{component}⟩", "font": {"size": 13}, "standoff": 4},
        },
    }


def _make_plane_axes(plane: int, across: str, up: str) -> Drawn:
    number = _number_axis(3 + plane)
    shared = {"range": [-_REACH, _REACH], "tickvals": [-1, 0, 1], "zerolinecolor": PALE, "showgrid": False}
    return {
        f"xaxis{number}": {
            **shared,
            "domain": list(_RIGHT_OF),
            "anchor": f"y{number}",
            "constrain": "domain",
            "title": {"text": f"⟨{across}⟩", "font": {"size": 12}, "standoff": 2},
        },
        f"yaxis{number}": {
            **shared,
            "domain": list(_DISCS[plane]),
            "anchor": f"x{number}",
            "scaleanchor": f"x{number}",
            "constrain": "domain",
            "title": {"text": f"⟨{up}⟩", "font": {"size": 12}, "standoff": 2},
        },
    }


def _draw_outline(number: str) -> Drawn:
    """Return the outline of the Bloch sphere."""
    corners = {"x0": -1, "y0": -1, "x1": 1, "y1": 1}
    line = {"color": GREY, "width": 1}
    return {"type": "circle", "xref": f"x{number}", "yref": f"y{number}", **corners, "line": line}


def _round_values(values: Sequence[float] | NDArray[np.float64]) -> list[float]:
    """Round values to the digits that a figure can show, as JSON numbers."""
    return [float(f"{value:.9g}") for value in values]
