"""Outcomes of results that a run has left running: it has ended, or its process has died."""

from __future__ import annotations

from typing import Protocol

from qdash_core.models.task import (
    JudgedResult,
    Outcome,
    ResultOutcome,
    get_outcome,
    get_verdict_in_force,
)


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


def display_outcome(outcome: str, *, interrupted: bool) -> str:
    """Return the outcome of a result of a run: what an interrupted run has left running is interrupted."""
    return str(Outcome.INTERRUPTED) if interrupted and outcome == Outcome.RUNNING else outcome
