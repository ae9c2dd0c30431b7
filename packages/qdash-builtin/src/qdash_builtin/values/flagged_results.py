"""Flagged results of a chip that could still become values, with the state of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.result_queries import list_flagged
from qdash_builtin.values.review_state import ReviewState
from qdash_core.models.targets import list_parts
from qdash_core.models.task import awaits_decision
from qdash_core.repositories.chips import list_targets
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.values.accepted_values import get_measured_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.models.task import RecordedValues, TaskResultModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class FlaggedResult:
    """Flagged result of a task on a target of the chip."""

    task: str
    values: RecordedValues
    state: ReviewState


class TargetsById:
    """Targets of flagged results, and the qubits of their couplings."""

    def __init__(self, targets: Iterable[QubitModel | CouplingModel]) -> None:
        self._targets = {one.qid: one for one in targets}

    @classmethod
    def read(cls, repositories: Repositories, header: ChipModel, qids: Iterable[str]) -> TargetsById:
        """Return the targets with these ids that the chip has."""
        wanted = {part for qid in qids for part in list_parts(qid)}
        return cls(list_targets(repositories, header.project_id, header.chip_id, wanted))

    def find(self, qid: str) -> QubitModel | CouplingModel | None:
        """Return a target, or None if the chip does not have it."""
        return self._targets.get(qid)

    def is_set_aside(self, qid: str) -> bool:
        """Return whether a user has excluded a target, or a qubit of it, or marked it as dead."""
        parts = list_parts(qid)
        return any(one in self._targets and self._targets[one].status.set_aside for one in parts)


def list_undecided(result: RecordedValues | TaskResultModel) -> list[str]:
    """Return the names of the flagged values of a result that have no decision."""
    return [name for name in result.output_parameters if awaits_decision(result, name)]


def is_of_chip(result: RecordedValues | TaskResultModel, header: ChipModel) -> bool:
    """Return whether a result was measured on the chip, not on a former one with the same id."""
    return result.start_at is not None and result.start_at >= header.installed_at


def find_state(
    result: RecordedValues | TaskResultModel, targets: TargetsById, *, is_last: bool
) -> ReviewState:
    """Return the state of a flagged result on a target of the chip.

    `is_last` says whether it is the last result of its task and target with values.
    """
    names, target = list_undecided(result), targets.find(result.qid)
    if not names:
        return ReviewState.DECIDED
    if targets.is_set_aside(result.qid):
        return ReviewState.EXCLUDED
    if not is_last or (target is not None and all(has_later_value(target, result, name) for name in names)):
        return ReviewState.SUPERSEDED
    return ReviewState.WAITING


def list_waiting(repositories: Repositories, header: ChipModel) -> list[FlaggedResult]:
    """Return the flagged results of a chip that await a decision."""
    return [one for one in list_flagged_results(repositories, header) if one.state is ReviewState.WAITING]


def list_flagged_results(repositories: Repositories, header: ChipModel) -> list[FlaggedResult]:
    """Return the last flagged result of each task and target of a chip, unless a later result with values replaced it.

    The number of documents that are read depends on the numbers of targets, tasks and flagged results, not on that of all results.
    """
    tasks = list_flagged(repositories.of(LatestResultRepository), header.project_id, header.chip_id)
    results = repositories.of(TaskResultHistoryRepository).list_values(header.project_id, tasks)
    targets = TargetsById.read(repositories, header, (one.qid for one in results))
    return [
        FlaggedResult(tasks[one.task_id], one, find_state(one, targets, is_last=True))
        for one in results
        if is_of_chip(one, header) and targets.find(one.qid) is not None
    ]


def has_later_value(
    target: QubitModel | CouplingModel, result: RecordedValues | TaskResultModel, name: str
) -> bool:
    """Return whether the value in use of a parameter was measured later than that of a result, so that it stays."""
    present, measured = target.data.get(name), get_measured_time(result, name)
    return (
        present is not None
        and present.calibrated_at is not None
        and measured is not None
        and present.calibrated_at > measured
    )
