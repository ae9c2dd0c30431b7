"""History of a metric on a target, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from qdash_builtin.metrics.result_queries import list_briefs, select_measuring_tasks
from qdash_builtin.values.selection import require_target
from qdash_core.models.pages import Page
from qdash_core.models.task import ResultBrief, TaskStatus
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)
from qdash_core.values.manual_values import MANUAL_TASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.metrics.selection import Period
    from qdash_core.models.chip import StoredValue
    from qdash_core.models.cooldown import CooldownModel
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import StoredDecision
    from qdash_core.repositories.repositories import Repositories

_TASK_ID, _STATUS, _START_AT, _OUTPUTS, _DECISIONS = map(
    ResultBrief._fields.index, ("task_id", "status", "start_at", "output_parameters", "decisions")
)
_LOOKED_THROUGH = 10
"""Maximum number of result pages that are read for one page of values."""


class HistoryPoint(NamedTuple):
    """A value with the task result that yielded it; `in_use` says whether it is the chip's value.

    Parameters
    ----------
    fields : list
        The fields of `result`.
    decision : StoredDecision or None
        Decision of a user on the value, which overrides the verdict.
    """

    fields: list[Any]
    parameter: StoredValue
    decision: StoredDecision | None
    in_use: bool
    marks: Sequence[ValueMark] = ()

    @property
    def result(self) -> ResultBrief:
        """The result."""
        return ResultBrief(*self.fields)

    @property
    def measured_at(self) -> datetime | None:
        """Time of the measurement, or else the start of the result; None if unknown."""
        text = self.parameter.get("calibrated_at") or self.result.start_at
        return datetime.fromisoformat(str(text)) if text else None

    @property
    def outcome(self) -> str:
        """Verdict of a user's decision if there is one, else the verdict if the task completed, else the status."""
        if self.decision is not None:
            return self.decision["verdict"]
        return self.result.verdict or self.result.status

    @property
    def manual(self) -> bool:
        """True if a user entered the value."""
        return self.result.name == MANUAL_TASK

    @property
    def remark(self) -> str:
        """Kind of a value that a run did not give to the chip: simulated, in a value scope, or a trial; otherwise empty."""
        if self.result.simulated:
            return "simulated"
        if self.result.scope is not None:
            return f"scope {self.result.scope}"
        return "trial" if self.result.saved is False else ""


class HistoryPoints(Sequence[HistoryPoint]):
    """Values of a metric, each created when it is read, because there may be thousands.

    Parameters
    ----------
    results : sequence of list
        Results with the metric, each as the fields of `ResultBrief`.
    in_use : str
        Result of the value in use, or empty.
    """

    def __init__(
        self, results: Sequence[list[Any]], metric: str, in_use: str, marks: Sequence[ValueMark]
    ) -> None:
        self._results = results
        self._metric = metric
        self._in_use = in_use
        self._marks = marks

    @classmethod
    def select(
        cls, results: Iterable[list[Any]], metric: str, in_use: str, marks: Sequence[ValueMark] = ()
    ) -> HistoryPoints:
        """Return the values of a metric in results, which need not have one."""
        measured = [
            result
            for result in results
            if (outputs := result[_OUTPUTS]) is not None and outputs.get(metric) is not None
        ]
        return cls(measured, metric, in_use, marks)

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self._results)

    @overload
    def __getitem__(self, place: int) -> HistoryPoint: ...

    @overload
    def __getitem__(self, place: slice) -> HistoryPoints: ...

    def __getitem__(self, place: int | slice) -> HistoryPoint | HistoryPoints:
        """Return one value, or the values of a slice."""
        if isinstance(place, slice):
            return HistoryPoints(self._results[place], self._metric, self._in_use, self._marks)
        result = self._results[place]
        decisions = result[_DECISIONS] or {}
        in_use = result[_TASK_ID] == self._in_use
        return HistoryPoint(
            result,
            result[_OUTPUTS][self._metric],
            decisions.get(self._metric),
            in_use,
            self._marks if in_use else (),
        )


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """All recorded values of a metric on a target.

    Parameters
    ----------
    points : HistoryPoints
        Values of any verdict, last started first.
    failures : sequence of ResultBrief
        Results that failed without a value of the metric, last started first.
    cooldowns : sequence of CooldownModel
        Cool-downs of the chip, newest first.
    """

    chip_id: str
    target: str
    metric: str
    points: HistoryPoints
    failures: Sequence[ResultBrief]
    cooldowns: Sequence[CooldownModel]


@dataclass(frozen=True, slots=True)
class _Search:
    """Results that may have a metric, from a time on; `in_use` is the result of the value in use, or empty.

    Its tasks ran on the target and measure the metric; that of manual values is one of them.
    """

    tasks: Sequence[str]
    since: datetime
    in_use: str
    marks: Sequence[ValueMark]

    def list_points(self, results: Sequence[list[Any]], metric: str) -> HistoryPoints:
        """Return the values of a metric."""
        return HistoryPoints.select(results, metric, self.in_use, self.marks)


def get_history(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target: str,
    metric: str,
    *,
    period: Period,
    marks: Sequence[ValueMark] = (),
    limit: int | None = None,
) -> MetricHistory:
    """Return the recorded values of a metric on a target, with any verdict, newest first.

    Above `limit` values, the oldest are left out, and failures before them.

    Raises
    ------
    NotFoundError
        If there is no such chip, target or cool-down.
    """
    search = _prepare_search(repositories, project_id, chip_id, target, metric, period, marks)
    results = list_briefs(
        repositories.of(TaskResultHistoryRepository),
        project_id,
        chip_id,
        search.tasks,
        target,
        cooldown_id=period.cooldown_id,
        since=search.since,
        until=period.until,
    )
    points = search.list_points(results, metric)
    first = points[limit - 1].result.start_at if limit is not None and len(points) > limit else None
    failures = [
        one for one in _list_failures(results, metric) if first is None or (one.start_at or "") >= first
    ]
    cooldowns = repositories.of(CooldownRepository).list_by_chip(project_id, chip_id)
    return MetricHistory(chip_id, target, metric, points[:limit], failures, cooldowns)


def _list_failures(results: Sequence[list[Any]], metric: str) -> list[ResultBrief]:
    """Return the failed results without a value of a metric."""
    return [
        ResultBrief(*result)
        for result in results
        if result[_STATUS] == TaskStatus.FAILED and metric not in (result[_OUTPUTS] or {})
    ]


def get_history_page(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target: str,
    metric: str,
    *,
    period: Period,
    request: PageRequest,
    marks: Sequence[ValueMark] = (),
) -> Page[HistoryPoint]:
    """Return a page of the values of `get_history`; it takes and raises the same.

    A page may be incomplete although more pages follow.
    """
    search = _prepare_search(repositories, project_id, chip_id, target, metric, period, marks)
    found: list[HistoryPoint] = []
    page: Page[HistoryPoint] = Page([])
    for _ in range(_LOOKED_THROUGH):
        results = Page.from_items(
            list_briefs(
                repositories.of(TaskResultHistoryRepository),
                project_id,
                chip_id,
                search.tasks,
                target,
                cooldown_id=period.cooldown_id,
                since=search.since,
                until=period.until,
                limit=request.limit + 1,
                after=request.place(3),
            ),
            request,
            lambda one: (one[_START_AT], project_id, one[_TASK_ID]),
        )
        found += search.list_points(results.items, metric)
        page = Page(found, results.next)
        if results.next is None or len(found) * 2 > request.limit:
            break
        request = type(request)(request.limit - len(found), results.next)
    return page


def _prepare_search(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target: str,
    metric: str,
    period: Period,
    marks: Sequence[ValueMark],
) -> _Search:
    """Check the names; results from before the chip was created belong to a former chip with the same id."""
    header = repositories.of(ChipRepository).require(project_id, chip_id)
    found = require_target(repositories, header, target)
    if period.cooldown_id is not None:
        repositories.of(CooldownRepository).require(project_id, period.cooldown_id)
    used = found.data.get(metric)
    return _Search(
        _list_measuring_tasks(repositories, project_id, chip_id, target, metric),
        max(header.installed_at, period.since or header.installed_at),
        "" if used is None else used.task_id,
        marks,
    )


def _list_measuring_tasks(
    repositories: Repositories, project_id: str, chip_id: str, target: str, metric: str
) -> list[str]:
    ran = [
        latest.name
        for latest in repositories.of(LatestResultRepository).list_by_target(project_id, chip_id, target)
    ]
    return select_measuring_tasks(ran, repositories.of(TaskRepository).list_by_project(project_id), metric)
