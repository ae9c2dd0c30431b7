"""Selection of the points of a fit: windows of the swept axis, and single points that are left out."""

from __future__ import annotations

import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import unit_symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy.typing as npt

_RANGE = ".."
_AT = "@"
_INDEX = re.compile(r"\d{1,9}")
_MOST_POINTS = 10_000
_LONGEST_EXCERPT = 60
_NEAR = 1e-9


def parse_fit_window(raw: object) -> str:
    """Return a fit window in its stored form, `LOW..HIGH`; either end may be missing.

    `raw` is `LOW..HIGH`, `LOW..` or `..HIGH`, in the unit of the axis.

    Raises
    ------
    InvalidInputError
        If it is not a window.
    """
    low, high = _parse_bounds(raw)
    if low is None and high is None:
        raise InvalidInputError(
            f"{_shorten(raw)} has neither a low nor a high end: write LOW..HIGH, LOW.. or ..HIGH"
        )
    if low is not None and high is not None and not low < high:
        raise InvalidInputError(f"{_shorten(raw)} has its low end at or above the high end: write LOW..HIGH")
    return f"{_format(low)}{_RANGE}{_format(high)}"


def parse_excluded_points(raw: object) -> str:
    """Return excluded points in their stored form: ascending indices, then values of the axis, `3,17,@12.5`.

    `raw` has indices from 0 (`3,17`), ranges of them with both ends (`3..7`), and values of the axis (`@12.5`).

    Raises
    ------
    InvalidInputError
        If a part is none of these.
    """
    indices: set[int] = set()
    values: set[float] = set()
    for part in _iter_parts(raw):
        if part.startswith(_AT):
            values.add(_parse_number(part[len(_AT) :].strip(), part))
            continue
        first, dots, last = (text.strip() for text in part.partition(_RANGE))
        if not _INDEX.fullmatch(first) or (dots and not _INDEX.fullmatch(last)):
            raise InvalidInputError(
                f"{_shorten(part)} is neither an index from 0, nor a range of indices such as 3..7, nor a value of the axis such as @12.5"
            )
        start, stop = int(first), int(last) if dots else int(first)
        if stop < start or stop - start >= _MOST_POINTS:
            raise InvalidInputError(
                f"{_shorten(part)} is not an ascending range of at most {_MOST_POINTS} indices"
            )
        indices.update(range(start, stop + 1))
        if len(indices) > _MOST_POINTS:
            raise InvalidInputError(f"more than {_MOST_POINTS} points are excluded: use fit_window")
    if not indices and not values:
        raise InvalidInputError(
            "no point is named: write indices such as 3,17 or values of the axis such as @12.5"
        )
    return ",".join([*map(str, sorted(indices)), *(f"{_AT}{_format(value)}" for value in sorted(values))])


def select_points(
    axes: Mapping[str, npt.NDArray[Any]],
    *,
    window: str | None,
    excluded: str | None,
    units: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, npt.NDArray[Any]]:
    """Return which points of each axis are kept, as boolean arrays of their lengths.

    A value of the axis excludes the points nearest to it: all of them if the axis repeats a value. Indices and values
    count on every axis that has them. Each axis is of shape (n,). `window` and `excluded` are in their stored form,
    or None to keep all. Messages have the `units` of the axes.

    Raises
    ------
    InvalidInputError
        If an array is not an axis, no axis has a point, or none is left on one.
    """

    def describe(axis: str) -> str:
        return _describe_axis(axis, axes[axis], units.get(axis, ""))

    kept = {axis: _select_window(values, window, axis) for axis, values in axes.items()}
    for axis, inside in kept.items():
        if not inside.any():
            raise InvalidInputError(f"fit_window {window} contains no point: {describe(axis)}")
    for part in () if excluded is None else excluded.split(","):
        found = {axis: _find_points(values, part) for axis, values in axes.items()}
        if not any(points.any() for points in found.values()):
            raise InvalidInputError(f"exclude: there is no point {part}: {'; '.join(map(describe, axes))}")
        for axis, points in found.items():
            kept[axis] &= ~points
    for axis, points in kept.items():
        if not points.any():
            raise InvalidInputError(f"no point is left for the fit: {describe(axis)}")
    return kept


def _select_window(values: npt.NDArray[Any], window: str | None, axis: str) -> npt.NDArray[Any]:
    import numpy as np

    if values.ndim != 1 or values.dtype.kind not in "iuf" or values.size == 0:
        raise InvalidInputError(f"{axis} is not an axis of real numbers")
    if window is None:
        return np.ones(values.size, dtype=np.bool_)
    low, high = _parse_bounds(window)
    room = _NEAR * float(np.ptp(values))
    return (values >= (-math.inf if low is None else low - room)) & (
        values <= (math.inf if high is None else high + room)
    )


def _find_points(values: npt.NDArray[Any], part: str) -> npt.NDArray[Any]:
    import numpy as np

    if not part.startswith(_AT):
        return np.asarray(np.arange(values.size) == int(part))
    value, room = float(part[len(_AT) :]), _NEAR * float(np.ptp(values))
    if not values.min() - room <= value <= values.max() + room:
        return np.zeros(values.size, dtype=np.bool_)
    away = np.abs(values - value)
    return np.asarray(away <= away.min() + room)


def _describe_axis(name: str, values: npt.NDArray[Any], unit: str) -> str:
    ends = f"from {values.min():.6g} to {values.max():.6g} {unit_symbol(unit)}".rstrip()
    return f"{name} has the points 0 to {values.size - 1}, {ends}"


def _parse_bounds(raw: object) -> tuple[float | None, float | None]:
    if isinstance(raw, (list, tuple)) and len(raw) == 2:
        low, high = (None if one is None else _parse_number(one, raw) for one in raw)
        return low, high
    if not isinstance(raw, str) or raw.count(_RANGE) != 1:
        raise InvalidInputError(f"{_shorten(raw)} is not a window: write LOW..HIGH, LOW.. or ..HIGH")
    ends = (text.strip() for text in raw.split(_RANGE))
    low, high = (_parse_number(text, raw) if text else None for text in ends)
    return low, high


def _iter_parts(raw: object) -> Iterator[str]:
    parts: Iterable[object] = (
        raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, (list, tuple)) else [raw]
    )
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, (int, str)):
            raise InvalidInputError(
                f"{_shorten(part)} is neither an index nor a value of the axis such as @12.5"
            )
        if text := str(part).strip():
            yield text


def _parse_number(raw: object, whole: object) -> float:
    try:
        number = math.nan if isinstance(raw, bool) else float(raw)  # type: ignore[arg-type]  # caught below
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInputError(f"{_shorten(whole)}: {_shorten(raw)} is not a finite number")
    return number + 0.0  # without the sign of zero


def _format(number: float | None) -> str:
    if number is None:
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _shorten(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= _LONGEST_EXCERPT else f"{text[:_LONGEST_EXCERPT]}..."
