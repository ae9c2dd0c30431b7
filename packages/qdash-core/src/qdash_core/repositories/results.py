"""Repositories of task results, newest results and task definitions."""

from __future__ import annotations

from collections import Counter
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from qdash_core.errors import ConflictError, IllegalTransitionError
from qdash_core.models.pages import Page
from qdash_core.models.targets import by_number
from qdash_core.models.task import (
    TASK_ENDS,
    AttemptSummary,
    FinishedResult,
    FlaggedTask,
    LatestResultModel,
    ListedResult,
    MeasuredInputs,
    MeasuredValues,
    MeasurementSummary,
    PastResult,
    PerformanceSummary,
    RecordedValues,
    ResultBrief,
    ResultValues,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    TimedAttempt,
    TracedResult,
    can_change,
    select_last_attempts,
)
from qdash_core.repositories.base import Repository, translate_validation_errors
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Transaction

T = TypeVar("T")

_PAGE = 2000
"""Number of results in memory at a time during a scan of all results of a chip."""

_FIRST_OF_TARGET = 16
"""Number of results in the first page of those on a target, which most searches do not leave."""
_FIRST_OF_TASK = 2
"""The same of one task on a target."""
_MAX_PAGES_OF_RECENT = 10
_TASK_ID, _START_AT = map(ResultBrief._fields.index, ("task_id", "start_at"))

_NOT_TRACED = tuple(sorted({*TaskResultModel.model_fields} - {*TracedResult.model_fields}))
_WITHOUT_INPUTS = tuple(sorted({*TaskResultModel.model_fields} - {*MeasuredInputs.__annotations__}))
_NOT_MEASURED = tuple(sorted({*TaskResultModel.model_fields} - {*MeasuredValues.__annotations__}))
_NOT_FINISHED = tuple(sorted({*TaskResultModel.model_fields} - {*FinishedResult.model_fields}))
_NOT_LISTED = tuple(sorted({*TaskResultModel.model_fields} - {*ListedResult.model_fields}))
"""Fields that a list skips and a store need not read: a third of most documents."""


class TaskResultHistoryRepository(Repository[TaskResultModel]):
    """All recorded results."""

    collection = "task_result_history"
    model = TaskResultModel

    def find(self, project_id: str, task_id: str) -> TaskResultModel | None:
        """Return one result, or None."""
        return self._get((project_id, task_id))

    def find_ids_by_prefix(self, project_id: str, text: str, *, limit: int) -> list[str]:
        """Return result ids of a project with a prefix."""
        return self._find_ids_by_prefix(project_id, "task_id", text, limit=limit)

    def add(self, *results: TaskResultModel) -> None:
        """Add new results in one transaction."""
        with self._open_transaction() as transaction:
            for result in results:
                transaction.insert(self.collection, result.to_document())
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
        return self._find({"project_id": project_id, "execution_id": execution_id}, order=("start_at",))

    def list_values_by_execution(self, project_id: str, execution_id: str) -> list[RecordedValues]:
        """Return the values of the results of an execution, in the order of start."""
        where = {"project_id": project_id, "execution_id": execution_id}
        return self._read(_make_recorded_reader(), where, order=("start_at",))

    def list_times(self, project_id: str, execution_id: str) -> list[MeasurementSummary]:
        """Return the times of the results of an execution, in the order of start."""
        where = {"project_id": project_id, "execution_id": execution_id}
        return self._read(_make_times_reader(), where, order=("start_at",))

    def list_timed_attempts(self, project_id: str, execution_id: str) -> list[TimedAttempt]:
        """Return the node, attempt, status and times of each result of an execution."""
        return self._read(
            _make_timed_attempt_reader(), {"project_id": project_id, "execution_id": execution_id}
        )

    def list_performed(
        self, project_id: str, name: str, *, chip_id: str | None = None, limit: int
    ) -> list[PerformanceSummary]:
        """Return the ends and times of a task's results on one chip or all, last started first."""
        where: dict[str, Any] = {"project_id": project_id, "name": name, "start_at": Range()}
        where |= {} if chip_id is None else {"chip_id": chip_id}
        return self._read(_make_performed_reader(), where, order=("-start_at",), limit=limit)

    def list_finished(self, project_id: str, chip_id: str, *, since: datetime) -> list[FinishedResult]:
        """Return the times and ends of the results of a chip that were started after a time, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "start_at": Range(above=since)}
        return self._read(_make_finished_reader(), where, order=("start_at",), without=_NOT_FINISHED)

    def list_by_target(
        self, project_id: str, chip_id: str, name: str, qid: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of one task on one target, newest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name, "qid": qid}
        return self._find(where, order=("-start_at",), limit=limit)

    def list_recent(self, result: TaskResultModel, *, since: datetime, limit: int) -> list[PastResult]:
        """Return the last measurements with the task, target and direction of a result, last started first.

        These completed, were rejected, or failed with raw data, in the same cool-down, and count for the values of the chip, or of the
        same value scope: no trials, simulations or refits.

        Parameters
        ----------
        result : TaskResultModel
            The result, which is not returned itself.
        since : datetime
            Only results that were started from then on.
        limit : int
            Largest number of results. At most ten times as many are read.
        """
        where: dict[str, Any] = {"project_id": result.project_id, "chip_id": result.chip_id}
        where |= {"name": result.name, "qid": result.qid, "start_at": Range(least=since)}
        found: list[PastResult] = []
        after = None
        for _ in range(_MAX_PAGES_OF_RECENT):
            page = self._read(_make_past_reader(), where, order=("-start_at",), limit=limit, after=after)
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

    def put_decisions(self, result: TaskResultModel) -> None:
        """Store the decisions of a finished result."""
        self._put(result)

    def put_pruned(self, results: Iterable[TaskResultModel]) -> None:
        """Store finished results without raw data or details; the caller has read them in the same transaction."""
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
        return self._iter_growing_pages(where, _FIRST_OF_TARGET)

    def iter_of_task(
        self,
        project_id: str,
        chip_id: str,
        qid: str,
        name: str,
        *,
        cooldown_id: str,
        since: datetime,
        oldest_first: bool = False,
    ) -> Iterator[list[ResultValues]]:
        """Yield pages of the results of a task on a target in a cool-down since a time, as `iter_by_target`, or oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name, "qid": qid}
        return self._iter_growing_pages(
            where | {"cooldown_id": cooldown_id, "start_at": Range(least=since)},
            _FIRST_OF_TASK,
            order="start_at" if oldest_first else "-start_at",
        )

    def _iter_growing_pages(
        self, where: Mapping[str, Any], first: int, *, order: str = "-start_at"
    ) -> Iterator[list[ResultValues]]:
        page, after = first, None
        while True:
            found = self._read(_make_values_reader(), where, order=(order,), limit=page, after=after)
            yield found
            if len(found) < page:
                return
            page = min(2 * page, _PAGE)
            after = (found[-1].start_at, where["project_id"], found[-1].task_id)

    def list_noted(self, project_id: str, chip_id: str, *, limit: int | None = None) -> list[TaskResultModel]:
        """Return the results of a chip with a note, last noted first."""
        where = {"project_id": project_id, "chip_id": chip_id, "user_note.updated_at": Range()}
        found: list[TaskResultModel] = []
        after = None
        while limit is None or len(found) < limit:
            page = self._find(where, order=("-user_note.updated_at",), limit=limit, after=after)
            found += [result for result in page if result.user_note.content]  # others have a cleared note
            if limit is None or len(page) < limit:
                break
            after = (page[-1].user_note.updated_at, project_id, page[-1].task_id)
        return found[:limit]

    def get_noted_page(
        self,
        project_id: str,
        chip_id: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[TaskResultModel]:
        """Return a page of the noted results of a chip, last edited note first; omit cleared notes.

        The filters are those of `iter_values_by_chip`.
        """
        where: dict[str, Any] = {
            "project_id": project_id,
            "chip_id": chip_id,
            "user_note.updated_at": Range(),
        }
        where |= {} if cooldown_id is None else {"cooldown_id": cooldown_id}
        where |= {} if since is None and until is None else {"start_at": Range(least=since, below=until)}
        page = self._page(where, request, order=("-user_note.updated_at",))
        return Page([result for result in page.items if result.user_note.content], page.next)

    def page(self, where: Mapping[str, Any], request: PageRequest) -> Page[TaskResultModel]:
        """Return a page of the matching results, newest first.

        Raise InvalidInputError for the cursor of another list.
        """
        return self._page(where, request, order=("-start_at",))

    def get_list_page(self, where: Mapping[str, Any], request: PageRequest) -> Page[ListedResult]:
        """Return a page like `page`, with the fields that lists show; raise the same errors."""
        return self._page_as(_make_listed_reader(), where, request, order=("-start_at",), without=_NOT_LISTED)

    def list_newest_by_task(
        self, project_id: str, chip_id: str, name: str, targets: Sequence[str] = ()
    ) -> list[TaskResultModel]:
        """Return the newest finished result of a task on all or the given targets of a chip, by id."""
        latest = self.make_sibling(LatestResultRepository).list_by_task(project_id, chip_id, name)
        wanted = [one.task_id for one in latest if not targets or one.qid in targets]
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        found = [one for part in parts for one in self._find({"project_id": project_id, "task_id": part})]
        return sorted(found, key=lambda one: by_number(one.qid))

    def list_newest(self, project_id: str, chip_id: str, *, limit: int) -> list[TaskResultModel]:
        """Return the last started results of a chip, newest first."""
        return self._find({"project_id": project_id, "chip_id": chip_id}, order=("-start_at",), limit=limit)

    def list_values(self, project_id: str, task_ids: Iterable[str]) -> list[RecordedValues]:
        """Return the values of the existing results among these ids."""
        wanted = list(task_ids)
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        with self._open_snapshot() as snapshot:
            return [
                result
                for part in parts
                for result in snapshot.load(
                    _make_recorded_reader(), self.collection, {"project_id": project_id, "task_id": part}
                )
            ]

    def list_inputs(self, project_id: str, task_ids: Iterable[str]) -> list[MeasuredInputs]:
        """Return the inputs and values of the existing results among these ids."""
        return self._read_by_ids(_make_inputs_reader(), project_id, task_ids, without=_WITHOUT_INPUTS)

    def list_by_ids(self, project_id: str, task_ids: Sequence[str]) -> list[TaskResultModel]:
        """Return the existing results among these ids."""
        pages = (task_ids[at : at + _PAGE] for at in range(0, len(task_ids), _PAGE))
        return [
            result
            for page in pages
            for result in self._find({"project_id": project_id, "task_id": OneOf(tuple(page))})
        ]

    def list_summaries(self, project_id: str, task_ids: Iterable[str]) -> list[ListedResult]:
        """Return the existing results among these ids, with the fields that lists show, last started first."""
        where = {"project_id": project_id, "task_id": OneOf(tuple(task_ids))}
        return self._read(_make_listed_reader(), where, order=("-start_at",), without=_NOT_LISTED)

    def list_traced(self, project_id: str, task_ids: Iterable[str]) -> list[TracedResult]:
        """Return the existing results among these ids, with their inputs and values."""
        return self._read_by_ids(_make_traced_reader(), project_id, task_ids, without=_NOT_TRACED)

    def _read_by_ids(
        self, reader: TypeAdapter[list[T]], project_id: str, task_ids: Iterable[str], **paging: Any
    ) -> list[T]:
        """Return the existing results among these ids, parsed by a reader, a page of ids at a time."""
        wanted = list(task_ids)
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        return [
            result
            for part in parts
            for result in self._read(reader, {"project_id": project_id, "task_id": part}, **paging)
        ]

    def iter_values_by_chip(
        self,
        project_id: str,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        names: Sequence[str] | None = None,
    ) -> Iterator[RecordedValues]:
        """Yield the values of the results of a chip that were started in a time range, newest first.

        Parameters
        ----------
        project_id, chip_id : str
            The chip.
        cooldown_id : str or None
            Only results of this cool-down.
        since, until : datetime or None
            Start, inclusive, and end, exclusive, of the time range.
        names : sequence of str or None
            Only results of these tasks; None for all.
        """
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
        where["start_at"] = Range(least=since, below=until)
        where |= {} if names is None else {"name": OneOf(tuple(names))}
        if cooldown_id is not None:
            where["cooldown_id"] = cooldown_id
        after = None
        with self._open_snapshot() as snapshot:
            while True:
                page = snapshot.load(
                    _make_recorded_reader(),
                    self.collection,
                    where,
                    order=("-start_at",),
                    limit=_PAGE,
                    after=after,
                )
                yield from page
                if len(page) < _PAGE:
                    return
                after = (page[-1].start_at, project_id, page[-1].task_id)

    def list_briefs(
        self,
        project_id: str,
        chip_id: str,
        names: Sequence[str],
        qid: str,
        *,
        cooldown_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[list[Any]]:
        """Return the values from these tasks on a target as stored, last started first, each as the fields of `ResultBrief`.

        Parameters
        ----------
        project_id, chip_id, names, qid
            The target and the tasks.
        cooldown_id, since, until
            As in `iter_values_by_chip`.
        limit : int or None
            Maximum number.
        after : sequence or None
            Start time, project and id of the last result of the previous page.
        """
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        where["start_at"] = Range(least=since, below=until)
        where |= {} if cooldown_id is None else {"cooldown_id": cooldown_id}
        paging: dict[str, Any] = {"order": ("-start_at",), "limit": limit, "after": after}
        with self._open_snapshot() as snapshot, translate_validation_errors(self.collection):
            # One query per task uses the order of an index; a single query would read and sort all results.
            parts = [
                snapshot.read_briefs(self.collection, {**where, "name": name}, **paging) for name in names
            ]
        found = [one for part in parts for one in part]
        if sum(map(bool, parts)) > 1:
            found.sort(key=itemgetter(_TASK_ID))
            found.sort(key=lambda one: one[_START_AT] or "", reverse=True)
        return found[:limit]

    def list_briefs_by_target(
        self,
        project_id: str,
        chip_id: str,
        name: str,
        targets: Iterable[str],
        *,
        until: datetime | None = None,
        limit: int,
    ) -> dict[str, list[list[Any]]]:
        """Return the last values from a task until a time by target, as `list_briefs` does, in one snapshot; at most `limit` of each target."""
        where = {
            "project_id": project_id,
            "chip_id": chip_id,
            "name": name,
            "start_at": Range(below=until),
        }
        with self._open_snapshot() as snapshot, translate_validation_errors(self.collection):
            return {
                qid: snapshot.read_briefs(
                    self.collection, {**where, "qid": qid}, order=("-start_at",), limit=limit
                )
                for qid in targets
            }

    def list_measured_values(
        self, project_id: str, chip_id: str, *, since: datetime, until: datetime | None, limit: int
    ) -> list[MeasuredValues]:
        """Return the values of the results of a chip that were started in a time range, newest first; at most `limit` results."""
        where = {
            "project_id": project_id,
            "chip_id": chip_id,
            "start_at": Range(least=since, below=until),
        }
        return self._read(
            _make_measured_reader(), where, order=("-start_at",), limit=limit, without=_NOT_MEASURED
        )

    def has_any(
        self, project_id: str, execution_id: str, *, name: str | None = None, verdict: str | None = None
    ) -> bool:
        """Return whether an execution has a result of this task, with this verdict; None for any."""
        where = {"project_id": project_id, "execution_id": execution_id}
        where |= {} if name is None else {"name": name}
        where |= {} if verdict is None else {"verdict": verdict}
        with self._open_snapshot() as snapshot:
            return snapshot.count(self.collection, where) > 0

    def list_superseded(self, project_id: str, execution_id: str) -> frozenset[str]:
        """Return the ids of the results of an execution that a later attempt at the same node replaced."""
        attempts = [
            one
            for one in self._list_attempts(project_id, [execution_id])[execution_id]
            if one.refit_of is None
        ]
        last = {one.task_id for one in select_last_attempts(attempts)}
        return frozenset(one.task_id for one in attempts if one.task_id not in last)

    def count_outcomes(self, project_id: str, execution_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return the number of nodes of each of these executions by outcome in force of the last attempt, ignoring refits."""
        return {
            execution_id: dict(Counter(one.outcome_in_force for one in select_last_attempts(attempts)))
            for execution_id, attempts in self._list_attempts(project_id, execution_ids).items()
        }

    def list_attempts(self, project_id: str, execution_id: str) -> list[AttemptSummary]:
        """Return the node, attempt and outcome of each result of an execution, in the order of their starts."""
        return self._list_attempts(project_id, [execution_id])[execution_id]

    def list_of_targets(
        self, project_id: str, execution_id: str, targets: Iterable[str]
    ) -> list[TaskResultModel]:
        """Return the results of an execution on these targets, in the order of their starts, unstarted ones first."""
        where = {"project_id": project_id, "execution_id": execution_id, "qid": OneOf(tuple(targets))}
        return self._find(where, order=("start_at",))

    def list_on_targets(
        self,
        project_id: str,
        chip_id: str,
        targets: Iterable[str],
        *,
        since: datetime,
        until: datetime,
        limit: int,
    ) -> list[TaskResultModel]:
        """Return the results on these targets that were started from a time until another one, inclusive, last started first."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": OneOf(tuple(targets))}
        where |= {"start_at": Range(least=since, most=until)}
        return self._find(where, order=("-start_at",), limit=limit)

    def _list_attempts(
        self, project_id: str, execution_ids: Sequence[str]
    ) -> dict[str, list[AttemptSummary]]:
        """Return the attempts of each of these executions in the order of their starts."""
        by_execution: dict[str, list[AttemptSummary]] = {one: [] for one in execution_ids}
        where = {"project_id": project_id, "execution_id": OneOf(tuple(execution_ids))}
        if execution_ids:
            with self._open_snapshot() as snapshot:
                for attempted in snapshot.load(
                    _make_attempt_reader(), self.collection, where, order=("start_at",)
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
        return self._find({"project_id": project_id, "chip_id": chip_id})

    def list_flagged(self, project_id: str, chip_id: str) -> dict[str, str]:
        """Return the task of the last flagged result of each task and target of a chip, by its id, until it is accepted or decided on."""
        found = self._read(_make_flagged_reader(), {"project_id": project_id, "chip_id": chip_id})
        return {task_id: one["name"] for one in found if (task_id := one.get("flagged_task_id"))}

    def list_names(self, project_id: str, chip_id: str) -> set[str]:
        """Return the tasks that ran on a chip."""
        found = self._read(_make_flagged_reader(), {"project_id": project_id, "chip_id": chip_id})
        return {one["name"] for one in found}

    def list_by_target(self, project_id: str, chip_id: str, qid: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on a target, by task name."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        return self._find(where, order=("name",))

    def list_by_targets(
        self, project_id: str, chip_id: str, qids: Iterable[str]
    ) -> dict[str, list[LatestResultModel]]:
        """Return the newest finished result of every task on each of these targets, by task name."""
        found: dict[str, list[LatestResultModel]] = {qid: [] for qid in qids}
        where = {"project_id": project_id, "chip_id": chip_id, "qid": OneOf(tuple(found))}
        for latest in self._find(where, order=("name",)):
            found[latest.qid].append(latest)
        return found

    def list_by_task(self, project_id: str, chip_id: str, name: str) -> list[LatestResultModel]:
        """Return the newest finished result of a task on every target of a chip."""
        return self._find({"project_id": project_id, "chip_id": chip_id, "name": name})

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
        return self._find({"project_id": project_id}, order=("backend", "name"))


@cache
def _make_flagged_reader() -> TypeAdapter[list[FlaggedTask]]:
    return TypeAdapter(list[FlaggedTask])


@cache
def _make_attempt_reader() -> TypeAdapter[list[AttemptSummary]]:
    return TypeAdapter(list[AttemptSummary])


@cache
def _make_timed_attempt_reader() -> TypeAdapter[list[TimedAttempt]]:
    return TypeAdapter(list[TimedAttempt])


@cache
def _make_times_reader() -> TypeAdapter[list[MeasurementSummary]]:
    return TypeAdapter(list[MeasurementSummary])


@cache
def _make_listed_reader() -> TypeAdapter[list[ListedResult]]:
    return TypeAdapter(list[ListedResult])


@cache
def _make_performed_reader() -> TypeAdapter[list[PerformanceSummary]]:
    return TypeAdapter(list[PerformanceSummary])


@cache
def _make_finished_reader() -> TypeAdapter[list[FinishedResult]]:
    return TypeAdapter(list[FinishedResult])


@cache
def _make_recorded_reader() -> TypeAdapter[list[RecordedValues]]:
    return TypeAdapter(list[RecordedValues])


@cache
def _make_past_reader() -> TypeAdapter[list[PastResult]]:
    return TypeAdapter(list[PastResult])


@cache
def _make_values_reader() -> TypeAdapter[list[ResultValues]]:
    return TypeAdapter(list[ResultValues])


@cache
def _make_measured_reader() -> TypeAdapter[list[MeasuredValues]]:
    return TypeAdapter(list[MeasuredValues])


@cache
def _make_inputs_reader() -> TypeAdapter[list[MeasuredInputs]]:
    return TypeAdapter(list[MeasuredInputs])


@cache
def _make_traced_reader() -> TypeAdapter[list[TracedResult]]:
    return TypeAdapter(list[TracedResult])
