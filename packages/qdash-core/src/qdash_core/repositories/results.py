"""Task results, the newest result of each task on each target, and task definitions."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from qdash_core.errors import ConflictError, IllegalTransitionError
from qdash_core.models.pages import Page
from qdash_core.models.targets import by_number
from qdash_core.models.task import (
    TASK_ENDS,
    Attempted,
    LatestResultModel,
    ListedResult,
    Performed,
    RecordedValues,
    ResultValues,
    Stretch,
    TaskModel,
    TaskResultModel,
    TaskStatus,
    Timed,
    last_attempts,
    may_become,
)
from qdash_core.repositories.base import Repository
from qdash_core.repositories.documents import plain
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.pages import PageRequest

_PAGE = 2000
"""So many results are in memory at once where all of a chip are looked through."""

_NOT_LISTED = tuple(sorted({*TaskResultModel.model_fields} - {*ListedResult.model_fields}))
"""What a list passes over and a store may leave where it is: a third of most documents."""


class TaskResultHistoryRepository(Repository[TaskResultModel]):
    """Every result ever recorded."""

    collection = "task_result_history"
    model = TaskResultModel

    def find(self, project_id: str, task_id: str) -> TaskResultModel | None:
        """Return one result, or None."""
        return self._get((project_id, task_id))

    def beginning(self, project_id: str, text: str, *, limit: int) -> list[str]:
        """Return ids of results of a project that begin with a text."""
        return self._beginning(project_id, "task_id", text, limit=limit)

    def add(self, *results: TaskResultModel) -> None:
        """Add new results in one transaction."""
        with self._writing() as transaction:
            for result in results:
                transaction.insert(self.collection, result.document())

    def replace(self, result: TaskResultModel, *, was: TaskStatus) -> None:
        """Write a result that has moved on from the state `was`.

        Raises
        ------
        IllegalTransitionError
            If it has ended meanwhile, or cannot go that way at all.
        ConflictError
            If somebody else has changed its state otherwise, or it is not there.
        """
        target = f"{result.name} on {result.qid or 'the chip'} ({result.task_id})"
        if not may_become(was, result.status):
            raise IllegalTransitionError(f"{target} is {was} and cannot become {result.status}")
        document = result.document()
        as_known = {"status": was, "user_note": document["user_note"]}
        with self._writing() as transaction:
            if transaction.compare_and_set(self.collection, as_known, document):
                return
            found = transaction.get(self.collection, (result.project_id, result.task_id))
            if (
                found is not None and found["status"] == was
            ):  # somebody has noted something meanwhile: it stays
                transaction.put(self.collection, {**document, "user_note": found["user_note"]})
                return
        if found is not None and found["status"] in TASK_ENDS:
            raise IllegalTransitionError(f"{target} is {found['status']} and cannot become {result.status}")
        raise ConflictError(f"{target} is no longer {was}: another process changed it")

    def of_execution(self, project_id: str, execution_id: str) -> list[TaskResultModel]:
        """Return the results of an execution in the order in which they were started; unstarted ones first."""
        return self._find({"project_id": project_id, "execution_id": execution_id}, order=("start_at",))

    def timed(self, project_id: str, execution_id: str) -> list[Timed]:
        """Return when the results of an execution were measured, in the order in which they were started."""
        where = {"project_id": project_id, "execution_id": execution_id}
        return self._read(_timed(), where, order=("start_at",))

    def stretches(self, project_id: str, execution_id: str) -> list[Stretch]:
        """Return of the results of an execution what they are attempts at, their state, and when they were measured."""
        return self._read(_stretches(), {"project_id": project_id, "execution_id": execution_id})

    def performed(
        self, project_id: str, name: str, *, chip_id: str | None = None, limit: int
    ) -> list[Performed]:
        """Return how the results of a task went, of a chip or of all, that which was started last first."""
        where: dict[str, Any] = {"project_id": project_id, "name": name, "start_at": Range()}
        where |= {} if chip_id is None else {"chip_id": chip_id}
        return self._read(_performed(), where, order=("-start_at",), limit=limit)

    def of_target(
        self, project_id: str, chip_id: str, name: str, qid: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of one task on one target, newest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name, "qid": qid}
        return self._find(where, order=("-start_at",), limit=limit)

    def noted(self, project_id: str, chip_id: str, *, limit: int | None = None) -> list[TaskResultModel]:
        """Return the results of a chip that carry a note, noted last first."""
        where = {"project_id": project_id, "chip_id": chip_id, "user_note.updated_at": Range()}
        found: list[TaskResultModel] = []
        after = None
        while limit is None or len(found) < limit:
            page = self._find(where, order=("-user_note.updated_at",), limit=limit, after=after)
            found += [result for result in page if result.user_note.content]  # others have been cleared
            if limit is None or len(page) < limit:
                break
            after = (page[-1].user_note.updated_at, project_id, page[-1].task_id)
        return found[:limit]

    def noted_page(self, project_id: str, chip_id: str, request: PageRequest) -> Page[TaskResultModel]:
        """Return a page of the results of a chip that carry a note, noted last first; those that were cleared are left out of it."""
        where = {"project_id": project_id, "chip_id": chip_id, "user_note.updated_at": Range()}
        page = self._page(where, request, order=("-user_note.updated_at",))
        return Page([result for result in page.items if result.user_note.content], page.next)

    def page(self, where: Mapping[str, Any], request: PageRequest) -> Page[TaskResultModel]:
        """Return a page of the results that meet conditions, newest first. Raises InvalidInputError for another's cursor."""
        return self._page(where, request, order=("-start_at",))

    def listed(self, where: Mapping[str, Any], request: PageRequest) -> Page[ListedResult]:
        """Return what `page` does, of each result what a list shows. Raises likewise."""
        return self._page_as(_listed(), where, request, order=("-start_at",), without=_NOT_LISTED)

    def newest_of_task(
        self, project_id: str, chip_id: str, name: str, targets: Sequence[str] = ()
    ) -> list[TaskResultModel]:
        """Return the newest finished result of a task on each target of a chip, or on these, in the order of their ids."""
        latest = self.beside(LatestResultRepository).of_task(project_id, chip_id, name)
        wanted = [one.task_id for one in latest if not targets or one.qid in targets]
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        found = [one for part in parts for one in self._find({"project_id": project_id, "task_id": part})]
        return sorted(found, key=lambda one: by_number(one.qid))

    def newest(self, project_id: str, chip_id: str, *, limit: int) -> list[TaskResultModel]:
        """Return the results of a chip that were started last, newest first."""
        return self._find({"project_id": project_id, "chip_id": chip_id}, order=("-start_at",), limit=limit)

    def among(self, project_id: str, task_ids: Iterable[str]) -> list[RecordedValues]:
        """Return the values of those of these results that exist."""
        wanted = list(task_ids)
        parts = [OneOf(tuple(wanted[at : at + _PAGE])) for at in range(0, len(wanted), _PAGE)]
        with self._reading() as snapshot:
            return [
                result
                for part in parts
                for result in snapshot.load(
                    _recorded(), self.collection, {"project_id": project_id, "task_id": part}
                )
            ]

    def values_of_chip(
        self,
        project_id: str,
        chip_id: str,
        *,
        cooldown_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[RecordedValues]:
        """Yield what the results of a chip gave that were started in a range of time, newest first.

        Parameters
        ----------
        project_id, chip_id : str
            The chip.
        cooldown_id : str or None
            Only of this cool-down.
        since, until : datetime or None
            Begin, inclusive, and end, exclusive.
        """
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
        where["start_at"] = Range(least=since, below=until)
        if cooldown_id is not None:
            where["cooldown_id"] = cooldown_id
        after = None
        with self._reading() as snapshot:
            while True:
                page = snapshot.load(
                    _recorded(), self.collection, where, order=("-start_at",), limit=_PAGE, after=after
                )
                yield from page
                if len(page) < _PAGE:
                    return
                after = (page[-1].start_at, project_id, page[-1].task_id)

    def recorded_of_target(
        self,
        project_id: str,
        chip_id: str,
        names: Sequence[str],
        qid: str,
        request: PageRequest,
        *,
        cooldown_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[ResultValues]:
        """Return a page of what these tasks gave on a target, that which was started last first.

        Parameters
        ----------
        project_id, chip_id, names, qid
            Of what.
        request : PageRequest
            Which page.
        cooldown_id, since, until
            As in `values_of_chip`.
        """
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        where["start_at"] = Range(least=since, below=until)
        where |= {} if cooldown_id is None else {"cooldown_id": cooldown_id}
        paging = {"order": ("-start_at",), "limit": request.limit + 1, "after": request.place(3)}
        # One by one, each in the order of an index: together they would be read whole, and sorted.
        found = [
            one for name in names for one in self._read(_with_tasks(), {**where, "name": name}, **paging)
        ]
        found.sort(key=lambda one: one.task_id)
        found.sort(key=lambda one: plain(one.start_at), reverse=True)
        return Page.of(
            found[: request.limit + 1],
            request,
            lambda one: (plain(one.start_at), project_id, one.task_id),
        )

    def count_by_status(self, project_id: str, execution_id: str) -> dict[str, int]:
        """Return how many nodes of an execution are in each state: the last attempt counts, refits do not."""
        return self.counts_of(project_id, [execution_id])[execution_id]

    def counts_of(self, project_id: str, execution_ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return for each of these executions how many of its nodes are in each state, as `count_by_status`."""
        by_execution: dict[str, list[Attempted]] = {one: [] for one in execution_ids}
        where = {"project_id": project_id, "execution_id": OneOf(tuple(execution_ids))}
        if execution_ids:
            with self._reading() as snapshot:
                for attempted in snapshot.load(_attempted(), self.collection, where, order=("start_at",)):
                    by_execution[attempted.execution_id].append(attempted)
        return {
            execution_id: dict(Counter(str(result.status) for result in last_attempts(results)))
            for execution_id, results in by_execution.items()
        }


class LatestResultRepository(Repository[LatestResultModel]):
    """The newest finished result of each task on each target, maintained with every record."""

    collection = "latest_result"
    model = LatestResultModel

    def find(self, project_id: str, chip_id: str, name: str, qid: str) -> LatestResultModel | None:
        """Return the newest finished result of a task on a target, or None."""
        return self._get((project_id, chip_id, name, qid))

    def of_chip(self, project_id: str, chip_id: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on every target of a chip."""
        return self._find({"project_id": project_id, "chip_id": chip_id})

    def of_target(self, project_id: str, chip_id: str, qid: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on a target, by name of the task."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        return self._find(where, order=("name",))

    def of_task(self, project_id: str, chip_id: str, name: str) -> list[LatestResultModel]:
        """Return the newest finished result of a task on every target of a chip."""
        return self._find({"project_id": project_id, "chip_id": chip_id, "name": name})

    def put(self, latest: LatestResultModel) -> None:
        """Make this the newest result of its task and target."""
        self._put(latest)


class TaskRepository(Repository[TaskModel]):
    """Task definitions as they were when they last ran."""

    collection = "task"
    model = TaskModel

    def put(self, *definitions: TaskModel) -> None:
        """Keep definitions, in place of earlier ones of the same names."""
        with self._writing() as transaction:
            for definition in definitions:
                transaction.put(self.collection, definition.document())

    def of_project(self, project_id: str) -> list[TaskModel]:
        """Return the definitions of a project."""
        return self._find({"project_id": project_id}, order=("backend", "name"))


@cache
def _attempted() -> TypeAdapter[list[Attempted]]:
    return TypeAdapter(list[Attempted])


@cache
def _stretches() -> TypeAdapter[list[Stretch]]:
    return TypeAdapter(list[Stretch])


@cache
def _timed() -> TypeAdapter[list[Timed]]:
    return TypeAdapter(list[Timed])


@cache
def _listed() -> TypeAdapter[list[ListedResult]]:
    return TypeAdapter(list[ListedResult])


@cache
def _performed() -> TypeAdapter[list[Performed]]:
    return TypeAdapter(list[Performed])


@cache
def _recorded() -> TypeAdapter[list[RecordedValues]]:
    return TypeAdapter(list[RecordedValues])


@cache
def _with_tasks() -> TypeAdapter[list[ResultValues]]:
    return TypeAdapter(list[ResultValues])
