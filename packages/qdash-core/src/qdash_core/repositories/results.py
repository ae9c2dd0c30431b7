"""Repositories of task results, newest results and task definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.errors import ConflictError, IllegalTransitionError
from qdash_core.models.task import (
    TASK_ENDS,
    AttemptSummary,
    FlaggedTask,
    LatestResultModel,
    PastResult,
    RecordedValues,
    ResultValues,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    can_change,
    select_last_attempts,
)
from qdash_core.repositories.base import Repository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Transaction

T = TypeVar("T")

_PAGE = 2000
"""Number of results in memory at a time during a scan of all results of a chip."""

_FIRST_OF_TARGET = 16
"""Number of results in the first page of those on a target, which most searches do not leave."""


_MAX_PAGES_OF_RECENT = 10


def count_outcomes(attempts: Iterable[AttemptSummary]) -> dict[str, int]:
    """Return the number of nodes by outcome in force of the last attempt, ignoring refits."""
    return dict(Counter(one.outcome_in_force for one in select_last_attempts(attempts)))


class TaskResultHistoryRepository(Repository[TaskResultModel]):
    """All recorded results."""

    collection = "task_result_history"
    model = TaskResultModel

    def find(self, project_id: str, task_id: str) -> TaskResultModel | None:
        """Return one result, or None."""
        return self._get((project_id, task_id))

    def add(self, *results: TaskResultModel) -> None:
        """Add new results in one transaction."""
        with self._open_transaction() as transaction:
            transaction.insert_all(self.collection, (result.to_document() for result in results))
            for result in results:
                _add_provenance(transaction, result)

    def replace(self, result: TaskResultModel, *, was: TaskStatus) -> None:
        """Update a result whose stored state is still `was`.

        Raises
        ------
        IllegalTransitionError
            If the result has ended meanwhile, or the transition is not legal.
        ConflictError
            If its state was changed by another process, or it does not exist.
        """
        target = f"{result.name} on {result.qid or 'the chip'} ({result.task_id})"
        if not can_change(was, result.status):
            raise IllegalTransitionError(f"{target} is {was} and cannot become {result.status}")
        document = result.to_document()
        as_known = {"status": was, "user_note": document["user_note"]}
        with self._open_transaction() as transaction:
            if transaction.compare_and_set(self.collection, as_known, document):
                _add_provenance(transaction, result)
                return
            found = transaction.get(self.collection, (result.project_id, result.task_id))
            if found is not None and found["status"] == was:  # keep a note that a user has written meanwhile
                transaction.put(self.collection, {**document, "user_note": found["user_note"]})
                _add_provenance(transaction, result)
                return
        if found is not None and found["status"] in TASK_ENDS:
            raise IllegalTransitionError(f"{target} is {found['status']} and cannot become {result.status}")
        raise ConflictError(f"{target} is no longer {was}: another process changed it")

    def list_by_execution(self, project_id: str, execution_id: str) -> list[TaskResultModel]:
        """Return the results of an execution in the order of start, unstarted ones first."""
        return self.select({"project_id": project_id, "execution_id": execution_id}, order=("start_at",))

    def list_values_by_execution(self, project_id: str, execution_id: str) -> list[RecordedValues]:
        """Return the values of the results of an execution, in the order of start."""
        where = {"project_id": project_id, "execution_id": execution_id}
        return self.select_as(RecordedValues, where, order=("start_at",))

    def list_recent(self, result: TaskResultModel, *, since: datetime, limit: int) -> list[PastResult]:
        """Return the last measurements with the task, target and direction of a result, without it, last started first.

        They started since `since`, completed, were rejected, or failed with raw data, in the same cool-down, and
        count for the values of the chip, or of the same value scope: no trials, simulations or refits. At most ten
        times `limit` are read.
        """
        where: dict[str, Any] = {"project_id": result.project_id, "chip_id": result.chip_id}
        where |= {"name": result.name, "qid": result.qid, "start_at": Range(least=since)}
        found: list[PastResult] = []
        after = None
        for _ in range(_MAX_PAGES_OF_RECENT):
            page = self.select_as(PastResult, where, order=("-start_at",), limit=limit, after=after)
            found += [
                one
                for one in page
                if one.task_id != result.task_id
                and one.control == result.control
                and _counts_beside(one, result)
            ]
            if len(found) >= limit or len(page) < limit:
                break
            after = (page[-1].start_at, result.project_id, page[-1].task_id)
        return found[:limit]

    def put(self, *results: TaskResultModel) -> None:
        """Store finished results after decisions or without what was pruned; the caller has read them in the same transaction."""
        with self._open_transaction() as transaction:
            for result in results:
                transaction.put(self.collection, result.to_document())

    def remove(self, project_id: str, task_ids: Sequence[str]) -> None:
        """Remove results. The caller removes their provenance."""
        with self._open_transaction() as transaction:
            where = {"project_id": project_id, "task_id": OneOf(tuple(task_ids))}
            transaction.delete(self.collection, where)

    def iter_by_target(self, project_id: str, chip_id: str, qid: str) -> Iterator[list[ResultValues]]:
        """Yield pages of the results on a target, last started first, each larger than the one before."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid, "start_at": Range()}
        return self.iter_growing_pages(where, _FIRST_OF_TARGET)

    def iter_growing_pages(
        self, where: Mapping[str, Any], first: int, *, order: str = "-start_at"
    ) -> Iterator[list[ResultValues]]:
        """Yield pages of the matching results by their start, the first of a number of them, each larger than the one before."""
        page, after = first, None
        while True:
            found = self.select_as(ResultValues, where, order=(order,), limit=page, after=after)
            yield found
            if len(found) < page:
                return
            page = min(2 * page, _PAGE)
            after = (found[-1].start_at, where["project_id"], found[-1].task_id)

    def page(self, where: Mapping[str, Any], request: PageRequest) -> Page[TaskResultModel]:
        """Return a page of the matching results, newest first; raise InvalidInputError for the cursor of another list."""
        return self._page(where, request, order=("-start_at",))

    def list_values(self, project_id: str, task_ids: Iterable[str]) -> list[RecordedValues]:
        """Return the values of the existing results among these ids."""
        return self.select_by_ids(RecordedValues, project_id, task_ids)

    def list_by_ids(self, project_id: str, task_ids: Iterable[str]) -> list[TaskResultModel]:
        """Return the existing results among these ids."""
        return self.select_by_ids(TaskResultModel, project_id, task_ids)

    def select_by_ids(
        self, kind: type[T], project_id: str, task_ids: Iterable[str], **paging: Any
    ) -> list[T]:
        """Return the existing results among these ids as a projection, a page of ids at a time."""
        wanted = list(task_ids)
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        return [
            result
            for part in parts
            for result in self.select_as(kind, {"project_id": project_id, "task_id": part}, **paging)
        ]

    def count_outcomes(self, project_id: str, execution_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return the number of nodes of each of these executions by outcome in force of the last attempt, ignoring refits."""
        return {
            execution_id: count_outcomes(attempts)
            for execution_id, attempts in self._list_attempts(project_id, execution_ids).items()
        }

    def list_attempts(self, project_id: str, execution_id: str) -> list[AttemptSummary]:
        """Return the node, attempt and outcome of each result of an execution, in the order of their starts."""
        return self._list_attempts(project_id, [execution_id])[execution_id]

    def _list_attempts(
        self, project_id: str, execution_ids: Sequence[str]
    ) -> dict[str, list[AttemptSummary]]:
        """Return the attempts of each of these executions in the order of their starts."""
        by_execution: dict[str, list[AttemptSummary]] = {one: [] for one in execution_ids}
        where = {"project_id": project_id, "execution_id": OneOf(tuple(execution_ids))}
        without = self.list_unread_fields(AttemptSummary)
        for attempted in (
            self.select_as(AttemptSummary, where, order=("start_at",), without=without)
            if execution_ids
            else ()
        ):
            by_execution[attempted.execution_id].append(attempted)
        return by_execution


def _add_provenance(transaction: Transaction, result: TaskResultModel) -> None:
    if result.status.terminal:
        ProvenanceRepository(transaction).add_result(result)


def _counts_beside(result: PastResult, new: TaskResultModel) -> bool:
    """Return whether a result is a measurement that was analysed, and that counts for the same values as a new one."""
    kept = result.saved or result.scope is not None
    if not kept or result.scope != new.scope or result.simulated or result.refit_of is not None:
        return False
    if result.cooldown_id != new.cooldown_id:
        return False
    if result.status is TaskStatus.FAILED:
        return result.verdict is not None or bool(result.raw_data_path)
    return result.status is TaskStatus.COMPLETED


class LatestResultRepository(Repository[LatestResultModel]):
    """The newest finished result of each task on each target, updated with every recorded result."""

    collection = "latest_result"
    model = LatestResultModel

    def find(self, project_id: str, chip_id: str, name: str, qid: str) -> LatestResultModel | None:
        """Return the newest finished result of a task on a target, or None."""
        return self._get((project_id, chip_id, name, qid))

    def list_by_chip(self, project_id: str, chip_id: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on every target of a chip."""
        return self.select({"project_id": project_id, "chip_id": chip_id})

    def list_names(self, project_id: str, chip_id: str) -> dict[str, list[str]]:
        """Return the tasks that ran on a chip, by target."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.select_as(FlaggedTask, {"project_id": project_id, "chip_id": chip_id}):
            found[one["qid"]].append(one["name"])
        return found

    def list_by_target(self, project_id: str, chip_id: str, qid: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on a target, by task name."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        return self.select(where, order=("name",))

    def list_by_task(self, project_id: str, chip_id: str, name: str) -> list[LatestResultModel]:
        """Return the newest finished result of a task on every target of a chip."""
        return self.select({"project_id": project_id, "chip_id": chip_id, "name": name})

    def put(self, latest: LatestResultModel) -> None:
        """Set the newest result of a task on a target."""
        self._put(latest)


class TaskRepository(Repository[TaskModel]):
    """Task definitions as of their last runs."""

    collection = "task"
    model = TaskModel

    def put(self, *definitions: TaskModel) -> None:
        """Store definitions, replacing earlier ones of the same names."""
        with self._open_transaction() as transaction:
            for definition in definitions:
                transaction.put(self.collection, definition.to_document())

    def list_by_project(self, project_id: str) -> list[TaskModel]:
        """Return the definitions of a project."""
        return self.select({"project_id": project_id}, order=("backend", "name"))
