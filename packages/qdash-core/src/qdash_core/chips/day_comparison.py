"""Comparison of two states of a chip, of two days or releases, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.estimates import subtract
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel, TargetStatus


class Change(StrEnum):
    """Kind of a change of a value between two days."""

    CHANGED = "changed"
    APPEARED = "appeared"
    """Only the later state has a value."""
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Value of a target that differs between two days.

    Parameters
    ----------
    target, parameter : str
        Target and name of the value.
    before, after : ParameterModel or None
        The value on the first and on the second day, or None if there was none.
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


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Status of a target that differs between two days.

    Parameters
    ----------
    target : str
        The target.
    before, after : TargetStatus or None
        The status on each day, or None if it is not on record.
    """

    target: str
    before: TargetStatus | None
    after: TargetStatus | None


@dataclass(frozen=True, slots=True)
class DayComparison:
    """Differences between a chip on two days, by target.

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


def compare_days(
    before: Mapping[str, QubitModel | CouplingModel],
    after: Mapping[str, QubitModel | CouplingModel],
) -> DayComparison:
    """Return the differences between the targets of a chip on two days.

    A value differs if its number, its error or its unit does; the time and the task of its measurement may be others.
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
    return DayComparison(
        changed, tuple(one for one in statuses if one.before != one.after), len(values) - len(changed)
    )


def _iter_values(
    target: str,
    before: QubitModel | CouplingModel | None,
    after: QubitModel | CouplingModel | None,
) -> Iterator[ValueChange]:
    first, second = ({} if one is None else one.data for one in (before, after))
    for name in sorted({*first, *second}):
        yield ValueChange(target, name, first.get(name), second.get(name))


def _describe(known: ParameterModel | None) -> tuple[float, float | None, str] | None:
    return None if known is None else (known.value, known.error, known.unit)
