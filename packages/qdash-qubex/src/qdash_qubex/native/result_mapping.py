"""Results of the library for one target, in QDash's names and units, with objections to them.

The library raises no exception if a fit failed: a target is missing, a number is NaN, a placeholder (1.0, 0.0), or
plausible with a low R2. Each case becomes an objection here, which fails the task.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import RawData
from qdash_qubex.native.figures import plain_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

FOUND, R2, QUALITY, COMPLAINTS, FIGURES = "found", "r2", "quality", "complaints", "figures"
"""Attributes of the raw data."""


@dataclass(frozen=True, slots=True)
class LibraryValue:
    """Number returned by the library.

    Parameters
    ----------
    within : tuple of float or None
        Ends of the sweep in the same unit: a number at or beyond them was not observed. None if it is not on the swept
        axis.
    """

    value: float
    error: float | None = None
    unit: str = ""
    within: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryResult:
    """Result of the library for one target.

    Parameters
    ----------
    arrays : mapping of str to (array, str)
        Measured arrays with their units.
    quality : mapping of str to float
        Its other numbers. Those with names that begin with `library_` differ in definition from QDash's parameters of
        similar names.
    """

    values: Mapping[str, LibraryValue]
    arrays: Mapping[str, tuple[npt.ArrayLike, str]]
    r2: float | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    figures: Sequence[Any] = ()
    said: Sequence[str] = ()

    def list_objections(self, minimum_r2: float) -> list[str]:
        """Return the objections to the result, one sentence each; empty if there are none."""
        reasons = list(self.said)
        numbers = {name: found.value for name, found in self.values.items()} | dict(self.quality)
        if lost := [name for name, number in numbers.items() if not math.isfinite(number)]:
            reasons.append(f"the library's fit failed: no number for {', '.join(lost)}")
        for name, found in self.values.items():
            reasons += _describe_value(name, found)
        for name, (array, _) in self.arrays.items():
            if count := np.count_nonzero(~np.isfinite(np.asarray(array))):
                reasons.append(f"{count} of {np.size(array)} numbers of {name} are not finite")
        if self.r2 is not None and not self.r2 >= minimum_r2:
            reasons.append(f"R2 of the library's fit is {self.r2:.3g}, below {minimum_r2:g}")
        return reasons

    def to_raw_data(self, minimum_r2: float) -> RawData:
        """Return the result as raw data, which determine the task's output without the library."""
        return RawData(
            self.arrays,
            {
                FOUND: {
                    name: [_to_json(found.value), _to_json(found.error), found.unit]
                    for name, found in self.values.items()
                },
                R2: _to_json(self.r2),
                QUALITY: {name: _to_json(number) for name, number in self.quality.items()},
                COMPLAINTS: self.list_objections(minimum_r2),
                FIGURES: [plain_figure(figure) for figure in self.figures if figure is not None],
            },
        )


def get_sweep_ends(points: npt.ArrayLike) -> tuple[float, float]:
    """Return the first and the last point of a sweep."""
    return float(np.min(points)), float(np.max(points))


def _describe_value(name: str, found: LibraryValue) -> list[str]:
    unit = f" {found.unit}" if found.unit else ""
    if not math.isfinite(found.value):
        return []
    reasons = []
    if found.error is not None and not math.isfinite(found.error):
        reasons.append(f"the error of {name} is {found.error}")
    if found.within is not None and not found.within[0] < found.value < found.within[1]:
        lowest, highest = found.within
        reasons.append(
            f"{name} = {found.value:.6g}{unit} is not within the sweep, {lowest:.6g} to {highest:.6g}{unit}"
        )
    return reasons


def _to_json(number: float | None) -> float | None:
    """Return a finite number; None for others, which the objections report."""
    return float(number) if number is not None and math.isfinite(number) else None
