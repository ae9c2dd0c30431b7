"""Plausible changes: how far a value may be from the one in use before it is evidence of a fault or of a mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qdash_core.models.units import convert
from qdash_core.values.gate import SIGMAS

if TYPE_CHECKING:
    from collections.abc import Iterable


class ChangeDeclaration(Protocol):
    """Declared plausible change of a parameter: see `OutputParameter`."""

    @property
    def unit(self) -> str:
        """Unit of `ideal` and `negligible`."""

    @property
    def jump(self) -> float | None:
        """Largest plausible change as a fraction, or None if it is not declared."""

    @property
    def ideal(self) -> float | None:
        """Value of a perfect operation, or None if there is none."""

    @property
    def negligible(self) -> float:
        """Smallest value, or distance from the ideal one, to which the fraction applies."""


@dataclass(frozen=True, slots=True)
class PlausibleChange:
    """Largest plausible change of a parameter between two measurements.

    `jump` is the change as a fraction of the larger of both values, so that a fall and the return from it are judged
    alike; with 1 or more, which every fall is within, of the reference. `ideal` is the value of a perfect operation,
    such as 1 of a fidelity, or None: the distance from it then counts instead of the value, and only a growing one is
    a change. The fraction applies to a value, or a distance, of at least `negligible`.
    """

    jump: float
    ideal: float | None = None
    negligible: float = 0.0

    def is_exceeded(self, value: float, reference: float, *, error: float) -> bool:
        """Return whether the change from a reference to a value exceeds the plausible one by more than three errors.

        `error` is one standard deviation of the difference.
        """
        if self.ideal is None:
            return self.are_far_apart(value, reference, error=error)
        grown = abs(value - self.ideal) - abs(reference - self.ideal)
        return grown > self._find_limit(value, reference) + SIGMAS * error

    def are_far_apart(self, value: float, reference: float, *, error: float) -> bool:
        """Return whether two values differ, in any direction, by more than the plausible change and three errors."""
        return abs(value - reference) > self._find_limit(value, reference) + SIGMAS * error

    def _find_limit(self, value: float, reference: float) -> float:
        found, known = (abs(one - (self.ideal or 0.0)) for one in (value, reference))
        return self.jump * max(known if self.jump >= 1 else max(found, known), self.negligible)


def find_plausible_change(declared: Iterable[ChangeDeclaration | None], unit: str) -> PlausibleChange | None:
    """Return the plausible change of the first of these declarations that has one, for values in a unit, or None."""
    for one in declared:
        if one is not None and one.jump is not None:
            ideal = None if one.ideal is None else convert(one.ideal, one.unit, unit)
            return PlausibleChange(one.jump, ideal, convert(one.negligible, one.unit, unit))
    return None
