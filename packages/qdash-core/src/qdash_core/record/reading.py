"""Executions as they are recorded: looked at, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.record.naming import CANDIDATES, LAST, the_one, unknown
from qdash_core.record.outside import interrupted_among
from qdash_core.record.selection import ResultSelection
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store

INTERRUPTED = "interrupted"
"""The status of an execution that is recorded as running and has lost its process, as people see it."""
SEEN_STATUSES = ("scheduled", "running", INTERRUPTED, "completed", "failed", "cancelled")
"""Every status that people see."""
_AT_ONCE = 100
"""So many executions are read at a time where only some of them may be wanted."""


@dataclass(frozen=True, slots=True)
class SeenExecution:
    """An execution as people see it.

    Parameters
    ----------
    execution : ExecutionModel
        As it is recorded; one that goes on with the counts of now.
    interrupted : bool
        Whether it is recorded as running and has lost its process: it can be resumed.
    """

    execution: ExecutionModel
    interrupted: bool

    @property
    def status(self) -> str:
        """One of `SEEN_STATUSES`."""
        return INTERRUPTED if self.interrupted else str(self.execution.status)


@dataclass(frozen=True, slots=True)
class ExecutionLook:
    """An execution with its results.

    Parameters
    ----------
    seen : SeenExecution
        The execution.
    results : list of TaskResultModel
        All of them, in the order in which they began or were skipped.
    wanted : list of TaskResultModel
        Those that were asked for.
    """

    seen: SeenExecution
    results: list[TaskResultModel]
    wanted: list[TaskResultModel]


class ExecutionReader:
    """Executions of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    task_name : callable
        Tells the name of a task that is called by an alias, and returns any other name as it is.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        task_name: Callable[[str], str] = str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._task_name = task_name
        self._clock = clock

    def newest(
        self, project_id: str, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = repositories.executions.newest(project_id, chip_id=chip_id, limit=limit)
            return _with_counts(repositories, project_id, found)

    def listed(
        self,
        project_id: str,
        *,
        chip_id: str | None = None,
        statuses: Collection[str] = (),
        tags: Collection[str] = (),
        limit: int | None = None,
        after: str | None = None,
    ) -> list[SeenExecution]:
        """Return executions as people see them, newest first.

        Parameters
        ----------
        chip_id : str or None
            Only those of one chip.
        statuses : collection of str
            Only those in one of these states, of `SEEN_STATUSES`; empty: in any.
        tags : collection of str
            Only those that have all of these tags.
        limit : int or None
            At most so many.
        after : str or None
            Only those that come behind this one, whether or not it is one of them: the next page. See `named`.

        Raises
        ------
        NotFoundError
            If there is no such chip, or none that is meant by `after`.
        InvalidInputError
            If something is no status, or `after` may mean several.
        """
        recorded = _recorded(statuses)
        behind = None if after is None else self.find(project_id, self.named(project_id, after))
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            if chip_id is not None:
                repositories.chips.require(project_id, chip_id)
            running = repositories.executions.in_state(project_id, ExecutionStatus.RUNNING)
            interrupted = interrupted_among(repositories, running, self._clock())
            seen = (
                SeenExecution(execution, execution.execution_id in interrupted)
                for execution in repositories.executions.newest_first(
                    project_id,
                    chip_id=chip_id,
                    statuses=recorded,
                    at_once=_AT_ONCE if statuses or tags else limit,
                    after=behind,
                )
            )
            wanted = (
                one
                for one in seen
                if (not statuses or one.status in statuses) and set(tags).issubset(one.execution.tags)
            )
            found = list(islice(wanted, limit))
            counted = _with_counts(repositories, project_id, [one.execution for one in found])
        return [SeenExecution(now, one.interrupted) for now, one in zip(counted, found, strict=True)]

    def look(self, project_id: str, text: str, only: ResultSelection | None = None) -> ExecutionLook:
        """Return an execution with its results, and those of them that are wanted (None: all). `text`: see `named`.

        Raises
        ------
        NotFoundError, InvalidInputError
            As `named`; or if it has no result of a target or task that is wanted.
        """
        execution, results = self.show(project_id, self.named(project_id, text))
        selection = only or ResultSelection()
        where = f"execution {execution.execution_id}"
        wanted = selection.of(results, where=where, task_name=self._task_name)
        return ExecutionLook(SeenExecution(execution, self.is_interrupted(execution)), results, wanted)

    def named(self, project_id: str, text: str) -> str:
        """Return the id of the execution that is meant by its id, a beginning of it, or `last`, the newest one.

        Raises
        ------
        NotFoundError
            If none is meant; it names the newest ones.
        InvalidInputError
            If several begin so; it names some.
        """
        with self._store.read() as snapshot:
            executions = Repositories(snapshot).executions
            if text != LAST:
                if executions.find(project_id, text) is not None:
                    return text
                if found := executions.beginning(project_id, text, limit=CANDIDATES + 1):
                    return the_one(text, found, what="executions")
            newest = [one.execution_id for one in executions.newest(project_id, limit=CANDIDATES)]
        if text == LAST and newest:
            return newest[0]
        raise unknown(text, project_id, what="execution", there_are=newest)

    def find(self, project_id: str, execution_id: str) -> ExecutionModel:
        """Return an execution as it is recorded, without counts while it goes on.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        return existing(Repositories(self._store), project_id, execution_id)

    def last_of_flow(self, execution: ExecutionModel) -> ExecutionModel:
        """Return the last execution that the flow run of this one has made."""
        if execution.flow_run_id is None:
            return self.find(execution.project_id, execution.execution_id)
        return self.find_by_flow_run_id(execution.flow_run_id, execution.project_id)[-1]

    def find_by_flow_run_id(self, flow_run_id: str, project_id: str | None = None) -> list[ExecutionModel]:
        """Return the executions that one run of a flow made, in the order in which it made them.

        Parameters
        ----------
        flow_run_id : str
            The UUID.
        project_id : str or None
            None: of every project.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            everywhere = [project.project_id for project in repositories.projects.everything()]
            return [
                execution
                for project in (everywhere if project_id is None else [project_id])
                for execution in repositories.executions.of_flow_run(project, flow_run_id)
            ]

    def show(self, project_id: str, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return an execution and its results, every attempt, in the order in which they began or were skipped.

        What still waits comes last. NotFoundError when there is no such execution.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            execution = existing(repositories, project_id, execution_id)
            results = repositories.results.of_execution(project_id, execution_id)
            (execution,) = _with_counts(repositories, project_id, [execution])
        never = datetime.max.replace(tzinfo=UTC)
        return execution, sorted(results, key=lambda result: result.start_at or result.end_at or never)

    def is_interrupted(self, execution: ExecutionModel) -> bool:
        """Whether an execution that is recorded as running has lost its process: it can be resumed."""
        return execution.execution_id in self.interrupted_among([execution])

    def interrupted_among(self, executions: Iterable[ExecutionModel]) -> set[str]:
        """Return the ids of those executions of a project that are recorded as running and have lost their process."""
        with self._store.read() as snapshot:
            return interrupted_among(Repositories(snapshot), executions, self._clock())


def existing(repositories: Repositories, project_id: str, execution_id: str) -> ExecutionModel:
    """Return an execution; NotFoundError when there is none."""
    execution = repositories.executions.find(project_id, execution_id)
    if execution is None:
        raise NotFoundError(f"there is no execution {execution_id!r} in project {project_id}")
    return execution


def _recorded(statuses: Collection[str]) -> set[ExecutionStatus]:
    """Return the recorded states of those that people see."""
    for status in statuses:
        if status not in SEEN_STATUSES:
            raise InvalidInputError(
                f"{status!r} is no status of an execution: {', '.join(SEEN_STATUSES)} are"
            )
    return {
        ExecutionStatus.RUNNING if status == INTERRUPTED else ExecutionStatus(status) for status in statuses
    }


def _with_counts(
    repositories: Repositories, project_id: str, executions: Sequence[ExecutionModel]
) -> list[ExecutionModel]:
    """Return executions, those that go on with the counts of now; an ended one has those of its end."""
    going_on = [one.execution_id for one in executions if not one.status.terminal]
    counts = repositories.results.counts_of(project_id, going_on)
    return [
        one.model_copy(update={"tasks": counts[one.execution_id]}) if one.execution_id in counts else one
        for one in executions
    ]
