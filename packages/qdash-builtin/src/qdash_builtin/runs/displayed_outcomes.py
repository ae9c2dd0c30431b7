"""Outcomes of results that a run has left running: it has ended, or its process has died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.models.task import (
    JudgedResult,
    Outcome,
    ResultOutcome,
    get_outcome,
    get_verdict_in_force,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class _LeftResult(JudgedResult, Protocol):
    @property
    def interrupted(self) -> bool | None:
        """True if its run has left it running."""
        ...


class DisplayedOutcome(ResultOutcome):
    """Outcome of a result that has `interrupted`: whether its run has left it running."""

    @property
    def outcome_in_force(self: _LeftResult) -> str:
        """Verdict in force if the task completed, interrupted if the run has left it running, else the status."""
        if self.interrupted:
            return str(Outcome.INTERRUPTED)
        return get_outcome(self.status, get_verdict_in_force(self))


def count_interrupted(outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by outcome of a run whose process has died: what it has left running is interrupted."""
    return {
        str(Outcome.INTERRUPTED) if outcome == Outcome.RUNNING else outcome: n
        for outcome, n in outcomes.items()
    }
