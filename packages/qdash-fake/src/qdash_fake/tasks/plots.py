"""Plotly figures as plain JSON: points with error bars, fitted lines, labelled axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from qdash_core.tasks.base import RawData
    from qdash_fake.tasks.projection import Signal


def points(name: str, signal: Signal, *, scale: float = 1.0) -> dict[str, Any]:
    """Return measured points with their 1-sigma bars; `scale` turns x into the unit of the axis."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": (signal.x * scale).tolist(),
        "y": signal.y.tolist(),
        "error_y": {"type": "data", "array": signal.sigma.tolist(), "visible": True},
    }


def scatter(name: str, x: ArrayLike, y: ArrayLike, **style: Any) -> dict[str, Any]:
    """Return points without error bars."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": np.asarray(x).tolist(),
        "y": np.asarray(y).tolist(),
        **style,
    }


def curve(
    name: str,
    predict: Callable[[NDArray[np.float64]], NDArray[Any]],
    x: NDArray[np.float64],
    *,
    scale: float = 1.0,
) -> dict[str, Any]:
    """Return a fitted model over the range of `x`, drawn finely."""
    fine = np.linspace(x.min(), x.max(), max(400, 4 * x.size))
    line = {"type": "scatter", "mode": "lines", "name": name}
    return {**line, "x": (fine * scale).tolist(), "y": np.asarray(predict(fine)).real.tolist()}


def unanalysed(raw: RawData, *, x_name: str, x_unit: str) -> dict[str, Any]:
    """Return both quadratures of every sweep, for data in which the analysis found nothing."""
    data = [
        scatter(f"{sweep} {quadrature}", raw[f"{sweep}_{x_name}"], part(raw[f"{sweep}_iq"]))
        for sweep in (name.removesuffix("_iq") for name in raw.arrays if name.endswith("_iq"))
        for quadrature, part in (("I", np.real), ("Q", np.imag))
    ]
    return figure("no result: the data as measured", f"{x_name} ({x_unit})", "I, Q (a.u.)", data)


def figure(title: str, x_title: str, y_title: str, data: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the whole figure."""
    return {
        "data": data,
        "layout": {
            "title": {"text": title},
            "xaxis": {"title": {"text": x_title}},
            "yaxis": {"title": {"text": y_title}},
        },
    }
