"""Flagged results with the data for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.value_change import ValueChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.history import HistoryPoint
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_builtin.values.review_state import ReviewState
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class ReviewedValue:
    """Value of a flagged result that has no decision, beside the value in use.

    Parameters
    ----------
    in_use : ParameterModel or None
        None if there is none.
    is_independent : bool
        Whether both were measured independently; a refit of the result in use has the same data.
    accepted : ParameterModel or None
        The value in use after an acceptance, or None if it would not change.
    is_kept : bool
        Whether the value in use was measured later, so that it would stay.
    history : sequence of HistoryPoint
        The last recorded values that count for the chip, newest first, the flagged one included.
    """

    name: str
    value: ParameterModel
    in_use: ParameterModel | None
    is_independent: bool
    accepted: ParameterModel | None
    is_kept: bool
    history: Sequence[HistoryPoint]

    @property
    def difference(self) -> float | None:
        """Flagged value minus the value in use, or None if there is none; of angles within half a turn."""
        return self._change.difference

    @property
    def sigmas(self) -> float | None:
        """Size of the difference in combined standard deviations, or None if it is unknown."""
        return self._change.sigmas if self.is_independent else None

    @property
    def _change(self) -> ValueChange:
        return ValueChange("", self.name, self.in_use, self.value)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """Flagged result with the data for a decision on it, and its values without a decision.

    Parameters
    ----------
    refusal : str
        Reason why an acceptance would be refused, or empty.
    related : sequence of ListedResult
        Newest results of tasks on the target that failed or are flagged, newest first, without this one.
    """

    result: TaskResultModel
    state: ReviewState
    values: Sequence[ReviewedValue]
    refusal: str
    related: Sequence[ListedResult]

    @property
    def names(self) -> list[str]:
        """Names of the values without a decision, on which a review decides."""
        return [one.name for one in self.values]
