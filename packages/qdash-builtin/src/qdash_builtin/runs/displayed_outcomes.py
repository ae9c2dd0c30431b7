"""Outcomes of results that a run has left running: it has ended, or its process has died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.task import Outcome, ResultOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping


class DisplayedOutcome(ResultOutcome):
    """Outcome of a result that has `interrupted`: whether its run has left it running."""

    interrupted: bool | None

    @property
    def outcome_in_force(self) -> str:
        """Verdict in force if the task completed, interrupted if the run has left it running, else the status."""
        return str(Outcome.INTERRUPTED) if self.interrupted else super().outcome_in_force


def count_interrupted(outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by outcome of a run whose process has died: what it has left running is interrupted."""
    return {
        str(Outcome.INTERRUPTED) if outcome == Outcome.RUNNING else outcome: n
        for outcome, n in outcomes.items()
    }
