"""Comparison of two states of a chip, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from qdash_core.models.estimates import subtract
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.chip import ParameterModel, TargetStatus


class TargetState(Protocol):
    """Values and status of a qubit or coupling."""

    @property
    def data(self) -> Mapping[str, ParameterModel]:
        """Its values by parameter."""

    @property
    def status(self) -> TargetStatus | None:
        """Its status, or None if unknown."""


class Change(StrEnum):
    """Kind of a change of a value between two states."""

    CHANGED = "changed"
    APPEARED = "appeared"
    """Only the later state has a value."""
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Value of a target that differs between two states.

    Parameters
    ----------
    target, parameter : str
        Target and name of the value.
    before, after : ParameterModel or None
        The value in each state, or None if there was none.
    """

    target: str
    parameter: str
    before: ParameterModel | None
    after: ParameterModel | None

    @property
    def change(self) -> Change:
        """Kind of the change."""
        if self.before is None:
            return Change.APPEARED
        return Change.VANISHED if self.after is None else Change.CHANGED

    @property
    def difference(self) -> float | None:
        """Second value minus the first one, or None if one is missing or their units differ; of angles within half a turn."""
        if self.before is None or self.after is None or self.before.unit != self.after.unit:
            return None
        return subtract(self.after.value, self.before.value, unit=self.after.unit)

    @property
    def error(self) -> float | None:
        """Standard deviation of the difference, or None unless there is one and both errors are known."""
        if self.difference is None or self.before is None or self.after is None:
            return None
        if self.before.error is None or self.after.error is None:
            return None
        return math.hypot(self.before.error, self.after.error)

    @property
    def sigmas(self) -> float | None:
        """Size of the difference in units of its standard deviation, or None if this is unknown or 0."""
        return abs(self.difference) / self.error if self.difference is not None and self.error else None

    @property
    def signed_sigmas(self) -> float | None:
        """`sigmas` with the sign of the difference."""
        if self.difference is None or self.sigmas is None:
            return None
        return math.copysign(self.sigmas, self.difference)


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Status of a target that differs between two states.

    Parameters
    ----------
    target : str
        The target.
    before, after : TargetStatus or None
        The status in each state, or None if it is unknown.
    """

    target: str
    before: TargetStatus | None
    after: TargetStatus | None


@dataclass(frozen=True, slots=True)
class StateComparison:
    """Differences between two states of a chip, by target.

    Parameters
    ----------
    values : tuple of ValueChange
        The values that differ.
    statuses : tuple of StatusChange
        The statuses that differ.
    unchanged : int
        Number of equal values.
    """

    values: tuple[ValueChange, ...]
    statuses: tuple[StatusChange, ...]
    unchanged: int


def compare_states(
    before: Mapping[str, TargetState],
    after: Mapping[str, TargetState],
) -> StateComparison:
    """Return the differences between two states of the targets of a chip.

    A value differs if its number, its error or its unit does; the time and the task of its measurement do not count.
    """
    pairs = [
        (target, before.get(target), after.get(target))
        for target in sorted({*before, *after}, key=lambda one: ("-" in one, by_number(one)))
    ]
    values = [one for pair in pairs for one in _iter_values(*pair)]
    changed = tuple(one for one in values if _describe(one.before) != _describe(one.after))
    statuses = (
        StatusChange(
            target, None if first is None else first.status, None if second is None else second.status
        )
        for target, first, second in pairs
    )
    return StateComparison(
        changed, tuple(one for one in statuses if one.before != one.after), len(values) - len(changed)
    )


def _iter_values(
    target: str,
    before: TargetState | None,
    after: TargetState | None,
) -> Iterator[ValueChange]:
    first, second = ({} if one is None else one.data for one in (before, after))
    for name in sorted({*first, *second}):
        yield ValueChange(target, name, first.get(name), second.get(name))


def _describe(known: ParameterModel | None) -> tuple[float, float | None, str] | None:
    return None if known is None else (known.value, known.error, known.unit)
