"""Chip and flagged results as they were at an earlier time, for digests of the past."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from qdash_core.digests.failures import select_newest
from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
from qdash_core.models.decision import ReviewState
from qdash_core.models.task import Verdict
from qdash_core.values.flagged_results import FlaggedResult, list_undecided

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.comparisons.chip_state import ChipState
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.task import FinishedResult
    from qdash_core.repositories.repositories import Repositories

T = TypeVar("T", QubitModel, CouplingModel)


def make_past_chip(chip: Chip, state: ChipState, moment: datetime) -> Chip:
    """Return a chip with the values and statuses of a former state, and the measurements that had ended at that time."""

    def restore(target: T) -> T:
        known = state.targets[target.qid]
        kept = {
            field: {name: one for name, one in getattr(target, field).items() if one.ended_at <= moment}
            for field in ("failures", "disputes")
        }
        status = known.status or TargetStatus.PENDING
        return target.model_copy(update={"data": dict(known.data), "status": status, **kept})

    return replace(
        chip,
        qubits={qid: restore(one) for qid, one in chip.qubits.items()},
        couplings={qid: restore(one) for qid, one in chip.couplings.items()},
    )


def list_waiting_then(
    repositories: Repositories, header: ChipModel, results: Sequence[FinishedResult], end: datetime
) -> list[FlaggedResult]:
    """Return the flagged results of a period that awaited a decision at its end."""
    tasks = {one.task_id: one.name for one in select_newest(results) if one.verdict is Verdict.FLAGGED}
    found = []
    for one in repositories.results.list_values(header.project_id, tasks):
        decided = {name: decision for name, decision in one.decisions.items() if decision.decided_at <= end}
        then = one.model_copy(update={"decisions": decided})
        if list_undecided(then):
            found.append(FlaggedResult(tasks[one.task_id], then, ReviewState.WAITING))
    return found
