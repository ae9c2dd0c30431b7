"""Values and statuses that differ between two states of a chip."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.estimates import subtract

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel, TargetStatus


class Change(StrEnum):
    """Kind of a change of a value between two states."""

    CHANGED = "changed"
    APPEARED = "appeared"
    """Only the later state has a value."""
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Value of a target that differs between two states; None for no value."""

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
    """Status of a target that differs between two states; None for an unknown one."""

    target: str
    before: TargetStatus | None
    after: TargetStatus | None
