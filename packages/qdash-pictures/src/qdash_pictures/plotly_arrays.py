"""Arrays of Plotly figures as numbers: lists, base64 arrays of Plotly 6, names, times and logarithmic axes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.parsing.numpy_archives import make_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def to_numbers(values: Any) -> Floats:
    """Return an array of numbers, NaN where one is absent; raise TypeError or ValueError for anything else."""
    if isinstance(values, Mapping):  # as Plotly 6 writes arrays
        return make_array(b64decode(values["bdata"]), values["dtype"]).astype(np.float64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def to_grid(rows: Any) -> Floats:
    """Return the values of a map, shape (rows, columns); raise TypeError or ValueError if it has no such shape."""
    if isinstance(rows, Mapping):
        shape = [int(part) for part in str(rows["shape"]).split(",")]
        grid = to_numbers(rows).reshape(shape)
    else:
        grid = np.array([to_numbers(row) for row in rows])
    if grid.ndim != 2:
        raise ValueError("a map has rows and columns")
    return grid


def to_axis_numbers(values: Any, *, log: bool, like: Any = None) -> Floats:
    """Return positions along an axis; names and times are placed one after another, as are absent values."""
    if values is None:
        return np.arange(to_numbers(like).size, dtype=np.float64)
    try:
        numbers = to_numbers(values)
    except ValueError:
        return np.arange(len(values), dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.log10(numbers) if log else numbers


def select_finite(x: Floats, y: Floats) -> Iterable[tuple[float, float]]:
    """Return the points with two finite coordinates."""
    kept = np.isfinite(x) & np.isfinite(y)
    return zip(x[kept].tolist(), y[kept].tolist(), strict=True)


def thin_out(x: Floats, y: Floats, most: int) -> NDArray[np.intp]:
    """Return the indices of a limited number of points: the lowest and highest of each interval, so that a narrow peak stays."""
    if x.size <= most:
        return np.arange(x.size)
    stretches = most // 2
    length = -(-x.size // stretches)
    padded = np.pad(y, (0, stretches * length - x.size), constant_values=np.nan).reshape(stretches, length)
    begins = np.arange(stretches) * length
    lowest = begins + np.where(np.isfinite(padded), padded, np.inf).argmin(axis=1)
    highest = begins + np.where(np.isfinite(padded), padded, -np.inf).argmax(axis=1)
    kept = np.unique(np.concatenate([lowest, highest]))
    return kept[kept < x.size]
