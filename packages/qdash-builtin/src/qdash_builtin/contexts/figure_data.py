"""Data of the figure of a result: its raw arrays, reduced to a few points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil, floor, isfinite, log10, nan
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.parameters import find_declared_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.parameters import ArrayDeclaration

MOST_POINTS = 100
"""Maximum number of points of an array."""
MOST_ARRAYS = 24
"""Maximum number of arrays of a figure."""
_DIGITS = 4
"""Significant digits of a number, and of the span of an array in which each of its numbers is rounded: the finer of both."""

_MOST_DIGITS = 17
_LARGEST_INTEGER = 2**53


@dataclass(frozen=True, slots=True)
class ArrayData:
    """Reduced array.

    Parameters
    ----------
    name, unit : str
        Name and unit. The quadratures of a complex array are two arrays, `NAME I` and `NAME Q`.
    shape : tuple of int
        Shape of the whole array.
    description : str
        Meaning of the numbers, as the task declares it, or empty.
    values : number, None or nested lists of them
        None for errors and covariances of other arrays; otherwise one level for each axis, None for a number that is not finite. The numbers are selected evenly, not averaged, always with the first
        and the last one of an axis. Arrays with axes of the same length have the same points.
    minimum, maximum : float or None
        Extremes of the whole array, or None if it has no finite number.
    """

    name: str
    unit: str
    shape: tuple[int, ...]
    description: str
    values: Any
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, slots=True)
class FigureData:
    """Data of the figure of a result.

    Parameters
    ----------
    arrays : sequence of ArrayData
        Its arrays, at most `MOST_ARRAYS`; errors and covariances of others last.
    n_arrays : int
        Number of all arrays.
    reason : str
        The reason if the raw data cannot be read, else empty.
    """

    result: TaskResultModel
    arrays: Sequence[ArrayData] = ()
    n_arrays: int = 0
    reason: str = ""


def reduce_arrays(
    raw: RawData, declared: Mapping[str, ArrayDeclaration] | None = None, *, most: int = MOST_POINTS
) -> tuple[list[ArrayData], int]:
    """Return the first arrays of raw data, each with at most `most` points, and the number of all arrays.

    `declared` are the arrays that the task declares, by name or pattern; None if it is not installed.
    """
    arrays = [one for one in _iter_real_arrays(raw, declared or {}) if one.values.size]
    arrays.sort(key=lambda one: one.noise)
    chosen = arrays[:MOST_ARRAYS]
    points = choose_points((one.values.shape for one in chosen if not one.noise), most)
    return [_reduce(one, points) for one in chosen], len(arrays)


def choose_points(shapes: Iterable[tuple[int, ...]], most: int) -> dict[int, list[int]]:
    """Return the indices to keep of axes by their length, such that no array has more than `most` points.

    An axis of an array with one dimension keeps as many points as the same axis of arrays with more.
    """
    kept: dict[int, int] = {}
    for shape in shapes:
        for length, number in zip(shape, _share(shape, most), strict=True):
            kept[length] = min(number, kept.get(length, number))
    return {length: _space_evenly(length, number) for length, number in kept.items()}


def _share(shape: tuple[int, ...], most: int) -> list[int]:
    """Return the number of points of each axis: short axes stay whole, and long ones share the rest equally."""
    numbers, left, axes = dict[int, int](), float(most), len(shape)
    for axis in sorted(range(len(shape)), key=lambda one: shape[one]):
        numbers[axis] = max(1, min(shape[axis], floor(left ** (1 / axes) + 1e-9)))
        left, axes = left / numbers[axis], axes - 1
    return [numbers[axis] for axis in range(len(shape))]


def _space_evenly(length: int, number: int) -> list[int]:
    if number >= length:
        return list(range(length))
    if number == 1:
        return [0]
    return [round(place * (length - 1) / (number - 1)) for place in range(number)]


@dataclass(frozen=True, slots=True, eq=False)
class _RealArray:
    """Array of real numbers with its declaration."""

    name: str
    unit: str
    values: NDArray[Any]
    description: str
    noise: bool


def _iter_real_arrays(raw: RawData, declared: Mapping[str, ArrayDeclaration]) -> Iterator[_RealArray]:
    for name, (_, unit) in raw.arrays.items():
        values, found = raw[name], find_declared_array(declared, name)
        about = ("", False) if found is None else (found.description, found.noise)
        if values.dtype.kind == "c":
            yield _RealArray(f"{name} I", unit, values.real, *about)
            yield _RealArray(f"{name} Q", unit, values.imag, *about)
        elif values.dtype.kind in "biuf":
            yield _RealArray(name, unit, values, *about)


def _reduce(array: _RealArray, points: Mapping[int, Sequence[int]]) -> ArrayData:
    import numpy as np

    values = array.values
    finite = values[np.isfinite(values)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (nan, nan)
    round_number = partial(_round_number, span=most - least)
    shown = None
    if not array.noise:
        selected = values[np.ix_(*(points[length] for length in values.shape))] if values.shape else values
        shown = _round(selected.tolist(), round_number)
    return ArrayData(
        array.name,
        array.unit,
        values.shape,
        array.description,
        shown,
        round_number(least),
        round_number(most),
    )


def _round(values: Any, round_number: Callable[[float], float | int | None]) -> Any:
    if isinstance(values, list):
        return [_round(one, round_number) for one in values]
    return round_number(values)


def _round_number(value: float, *, span: float) -> float | int | None:
    """Return a rounded number, as an integer if it is one, or None if it is not finite."""
    if not isfinite(value):
        return None
    further = ceil(log10(abs(value) / span)) if value and span and abs(value) > span else 0
    rounded = float(f"{value:.{min(_DIGITS + further, _MOST_DIGITS)}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < _LARGEST_INTEGER else rounded
