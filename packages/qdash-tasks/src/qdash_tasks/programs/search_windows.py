"""Search windows of a line: around its design value or, without one, the whole instrument range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import are_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ranges = tuple[tuple[float, float], ...]

_WIDEST_GHZ = 4.0
"""Largest range that is searched without a design value: more would take an hour."""


def search_windows(design_ghz: float | None, offsets_ghz: Floats, ranges: Ranges) -> list[Floats]:
    """Return the search windows (GHz): one around the design, otherwise several that cover the ranges.

    `offsets_ghz` is a window relative to its middle, ascending; what lies beyond `ranges` (lowest, highest, GHz) is
    omitted.

    Raises `InvalidInputError` if the design lies beyond the ranges, or there is none and they are too wide.
    """
    middles = _list_middles(offsets_ghz, ranges) if design_ghz is None else [design_ghz]
    windows = [limit_window(middle + offsets_ghz, ranges) for middle in middles]
    return [window for window in windows if window.size > 1]


def limit_window(window_ghz: Floats, ranges: Ranges) -> Floats:
    """Limit a window (GHz) to the reach of the instruments, or raise `InvalidInputError` if nothing is left."""
    reachable = select_reachable(window_ghz, ranges)
    if not reachable.size:
        raise InvalidInputError(
            f"{window_ghz[0]:.6g} to {window_ghz[-1]:.6g}\N{NO-BREAK SPACE}GHz is out of range: the instruments cover {_format_ranges(ranges)}"
        )
    return reachable


def select_reachable(window_ghz: Floats, ranges: Ranges) -> Floats:
    """Return the part of a window (GHz) within the reach of the instruments, which may be empty."""
    return window_ghz[are_within(ranges, window_ghz)]


def _list_middles(offsets_ghz: Floats, ranges: Ranges) -> list[float]:
    """Return the middles of adjacent windows that cover the ranges."""
    if sum(highest - lowest for lowest, highest in ranges) > _WIDEST_GHZ:
        raise InvalidInputError(
            f"no search window is known; the instruments cover {_format_ranges(ranges)}: set a design for the chip (`qdash chip design`) or `frequency_range` for this task"
        )
    span = float(offsets_ghz[-1] - offsets_ghz[0])
    return [
        middle
        for lowest, highest in ranges
        for middle in np.arange(lowest + span / 2, highest + span / 2, span).tolist()
    ]


def _format_ranges(ranges: Ranges) -> str:
    return ", ".join(f"{lowest:g} to {highest:g}\N{NO-BREAK SPACE}GHz" for lowest, highest in ranges)
