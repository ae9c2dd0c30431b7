"""Lists of executions: filter, order, displayed status, counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.newest_executions import iter_newest_heads
from qdash_builtin.runs.listed_results import has_result
from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import EndReason, ExecutionHead, ExecutionModel, ExecutionStatus
from qdash_core.models.task import Verdict, parse_choice
from qdash_core.record.counts import update_counts
from qdash_core.record.orphans import find_interrupted
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.store import Has, OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from qdash_builtin.runs.result_times import AttemptReader
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.repositories.results import TaskResultHistoryRepository

INTERRUPTED = "interrupted"
"""Displayed status of an execution that is recorded as running and has lost its process."""
DISPLAYED_STATUSES = ("scheduled", "running", INTERRUPTED, "completed", "failed", "cancelled")
"""Every displayed status."""
_AT_ONCE = 100
"""Number of executions read at a time if some may not match the filter."""


@dataclass(frozen=True, slots=True)
class ListedExecution:
    """Execution in a list, with its displayed status. An unfinished one has its current counts.

    `interrupted` says whether it is recorded as running and has lost its process; it can be resumed.
    """

    execution: ExecutionHead
    interrupted: bool

    @property
    def status(self) -> str:
        """Displayed status, one of `DISPLAYED_STATUSES`."""
        return INTERRUPTED if self.interrupted else str(self.execution.status)


@dataclass(frozen=True, slots=True)
class DisplayedExecution(ListedExecution):
    """Complete execution with its displayed status."""

    execution: ExecutionModel


@dataclass(frozen=True, slots=True)
class ExecutionFilter:
    """Filter of a list of executions. Empty fields match everything.

    Parameters
    ----------
    statuses : frozenset of str
        Some of `DISPLAYED_STATUSES`; `interrupted` also matches those that were recorded as failed since their process died.
    tags : collection of str
        Executions with all of these tags.
    since, until : datetime or None
        Executions that started at or after `since` and before `until`; none that never started.
    task, verdict : str or None
        Executions with a result of this task, or with this verdict; if both are given, in one result. A flagged result on which users have
        decided is not flagged.
    """

    chip_id: str | None = None
    statuses: Collection[str] = ()
    tags: Collection[str] = ()
    username: str | None = None
    cooldown_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    task: str | None = None
    verdict: str | None = None

    def __bool__(self) -> bool:
        """Return whether the filter excludes anything."""
        return self != ExecutionFilter()

    @property
    def checks_each(self) -> bool:
        """Return whether an execution that meets the conditions of the store may still not match."""
        return bool(self.statuses) or self._depends_on_results

    @property
    def _depends_on_results(self) -> bool:
        return self.task is not None or self.verdict is not None

    def make_conditions(self, project_id: str) -> dict[str, object]:
        """Return the conditions that a store can check; raise InvalidInputError if a field is invalid."""
        recorded = _convert_statuses(self.statuses)
        conditions = {
            "chip_id": self.chip_id,
            "status": OneOf(tuple(recorded)) if recorded else None,
            "tags": make_tag_condition(self.tags),
            "username": self.username,
            "cooldown_id": self.cooldown_id,
            "start_at": Range.from_period(self.since, self.until),
        }
        if self.verdict is not None:
            parse_choice(Verdict, "verdict", self.verdict)
        return {
            "project_id": project_id,
            **{name: one for name, one in conditions.items() if one is not None},
        }

    def matches(self, listed: ListedExecution, results: TaskResultHistoryRepository) -> bool:
        """Return whether an execution that meets the conditions of the store passes the filter."""
        if self.statuses and not _list_matching_statuses(listed).intersection(self.statuses):
            return False
        where = listed.execution.project_id, listed.execution.execution_id
        if not self._depends_on_results:
            return True
        found = has_result(results, *where, name=self.task, verdict=self.verdict)
        if not found or self.verdict != Verdict.FLAGGED:
            return found
        of_task = (one for one in results.list_attempts(*where) if self.task in (None, one.name))
        return any(one.outcome_in_force == Verdict.FLAGGED for one in of_task)


def make_tag_condition(tags: Collection[str]) -> Has | None:
    """Return the condition that a document has all of these tags, or None if there are none."""
    wanted = tuple(tags)
    return Has(wanted[0], wanted[1:]) if wanted else None


def iter_candidates(
    repositories: Repositories,
    project_id: str,
    wanted: ExecutionFilter,
    *,
    limit: int | None,
    after: str | None,
) -> Iterator[ListedExecution]:
    """Return executions after a given one, newest first; some may not match the filter, see `checks_each`.

    Parameters
    ----------
    limit : int or None
        Number of executions to read at a time if all of them match.
    after : str or None
        Id of the last execution before them.

    Raises
    ------
    NotFoundError
        If there is no such chip, or no execution `after`.
    InvalidInputError
        If a field of the filter is invalid.
    """
    where = wanted.make_conditions(project_id)
    last = None if after is None else repositories.of(ExecutionRepository).require(project_id, after)
    if wanted.chip_id is not None:
        repositories.of(ChipRepository).require(project_id, wanted.chip_id)
    running = repositories.of(ExecutionRepository).list_by_status(project_id, ExecutionStatus.RUNNING)
    interrupted = find_interrupted(repositories, running)
    return (
        ListedExecution(execution, execution.execution_id in interrupted)
        for execution in iter_newest_heads(
            repositories, where, at_once=_AT_ONCE if wanted.checks_each else limit, after=last
        )
    )


def add_counts(
    repositories: Repositories, project_id: str, found: Sequence[ListedExecution], attempts: AttemptReader
) -> list[ListedExecution]:
    """Return executions with their current counts."""
    count = partial(attempts.count_outcomes, repositories)
    executions = update_counts(repositories, project_id, [one.execution for one in found], count=count)
    return [ListedExecution(now, one.interrupted) for now, one in zip(executions, found, strict=True)]


def _convert_statuses(statuses: Collection[str]) -> set[ExecutionStatus]:
    """Return the recorded statuses of displayed statuses; raise InvalidInputError for an unknown status."""
    for status in statuses:
        if status not in DISPLAYED_STATUSES:
            raise InvalidInputError(
                f"{status!r} is no status of an execution: {', '.join(DISPLAYED_STATUSES)} are"
            )
    recorded = {ExecutionStatus(status) for status in statuses if status != INTERRUPTED}
    return recorded | (
        {ExecutionStatus.RUNNING, ExecutionStatus.FAILED} if INTERRUPTED in statuses else set()
    )


def _list_matching_statuses(listed: ListedExecution) -> set[str]:
    """Return the statuses of a filter that an execution matches."""
    execution = listed.execution
    died = execution.status is ExecutionStatus.FAILED and execution.reason is EndReason.INTERRUPTED
    return {listed.status, INTERRUPTED} if died else {listed.status}
