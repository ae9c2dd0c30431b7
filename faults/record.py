"""Comparison of the store and the files with the acknowledged results."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from faults.laboratory import CHIPS, PROJECT, SHARED
from faults.table import Findings
from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_core.errors import QDashError
from qdash_core.models.execution import EXECUTION_TRANSITIONS, EventModel, ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from faults.laboratory import Laboratory
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.task import LatestResultModel
    from qdash_core.runtime.application import QDash

_COMPARED = ("name", "qid", "status", "verdict", "output_parameters", "raw_data_path", "message")
"""Fields of an acknowledged result that must be stored as reported."""
_WITH_REASON = frozenset({TaskStatus.FAILED, TaskStatus.SKIPPED, TaskStatus.CANCELLED})


def examine(
    laboratory: Laboratory, reported: Iterable[dict[str, Any]] = (), *, at_rest: bool = True
) -> Findings:
    """Check everything that was recorded.

    Parameters
    ----------
    laboratory : Laboratory
        The laboratory to check.
    reported : iterable of dict
        Acknowledged results, as they were reported.
    at_rest : bool
        Whether nothing runs: then no result may be unfinished, and no instrument lock held.
    """
    found = Findings(times=0)
    with laboratory.opened() as qdash:
        with qdash.store.read() as snapshot:
            repositories = Repositories(snapshot)
            executions = list_newest(repositories, PROJECT)
            results = [
                TaskResultModel.model_validate(document)
                for document in snapshot.find("task_result_history", {"project_id": PROJECT})
            ]
            events = repositories.of(EventRepository).list_since(PROJECT, 0, limit=1_000_000)
            locks = snapshot.find("execution_lock", {})
            latest = [
                latest
                for chip in (*CHIPS, SHARED)
                for latest in repositories.of(LatestResultRepository).list_by_chip(PROJECT, chip)
            ]
            targets: list[QubitModel | CouplingModel] = []
            for chip in (*CHIPS, SHARED):
                targets += repositories.of(QubitCalibrationRepository).list_by_chip(PROJECT, chip)
                targets += repositories.of(CouplingCalibrationRepository).list_by_chip(PROJECT, chip)
        kept = {result.task_id: result for result in results}
        found.lost.extend(_lost(qdash, kept, list(reported), found))
    found.illegal.extend(_unfounded(kept, latest, targets))
    found.repeated.extend(_repeated(results))
    found.illegal.extend(_illegal_results(results, events, at_rest=at_rest))
    for execution in executions:
        found.illegal.extend(_illegal_execution(execution, events, at_rest=at_rest))
    if at_rest:
        found.illegal.extend(f"the lock of {lock['execution_id']} is still held" for lock in locks)
    found.illegal.extend(_broken_file(laboratory))
    return found


def _lost(
    qdash: QDash, kept: dict[str, TaskResultModel], reported: list[dict[str, Any]], found: Findings
) -> Iterator[str]:
    for task_id, result in {result["task_id"]: result for result in reported}.items():
        found.acknowledged += 1
        who = f"{result['name']} on {result['qid']} ({task_id})"
        if task_id not in kept:
            yield f"{who} is not there"
            continue
        now = kept[task_id].model_dump(mode="json")
        if differing := [name for name in _COMPARED if now[name] != result[name]]:
            yield f"{who} has another {', '.join(differing)} than was reported"
        for path in result["raw_data_path"]:
            try:
                qdash.artifacts.load_raw_data(path)
            except QDashError as error:
                yield f"{who}: {error}"


def _repeated(results: Iterable[TaskResultModel]) -> Iterator[str]:
    completed = Counter(
        (result.execution_id, result.name, result.qid, result.occurrence)
        for result in results
        if result.status is TaskStatus.COMPLETED and result.refit_of is None
    )
    for node, number in completed.items():
        if number > 1:
            yield f"{' '.join(str(part) for part in node)} completed {number} times"


def _unfounded(
    kept: dict[str, TaskResultModel],
    latest: Iterable[LatestResultModel],
    targets: Iterable[QubitModel | CouplingModel],
) -> Iterator[str]:
    """Yield each derived value that no result supports."""
    for entry in latest:
        result = kept.get(entry.task_id)
        if result is None or (result.name, result.qid, result.status) != (
            entry.name,
            entry.qid,
            entry.status,
        ):
            yield f"the latest result of {entry.name} on {entry.qid}, {entry.task_id}, is not there so"
    for target in targets:
        for name, value in target.data.items():
            # Values entered by hand have no result.
            if value.task_id and (
                value.task_id not in kept or kept[value.task_id].output_parameters.get(name) != value
            ):
                yield f"{name} of {target.qid} is not what {value.task_id} found"


def _illegal_results(
    results: Iterable[TaskResultModel], events: Iterable[EventModel], *, at_rest: bool
) -> Iterator[str]:
    ends = defaultdict(list)
    for event in events:
        if event.kind.startswith("task."):
            ends[event.task_id].append(event.kind.removeprefix("task."))
    attempts = defaultdict(list)
    for result in results:
        who = f"{result.name} on {result.qid} ({result.task_id})"
        if at_rest and not result.status.terminal:
            yield f"{who} is {result.status} though nothing runs"
        yield from (f"{who} {what}" for what in _illegal_end(result, ends[result.task_id]))
        if result.refit_of is None:
            attempts[result.execution_id, result.name, result.qid, result.occurrence].append(result)
    for tried in attempts.values():
        yield from _illegal_attempts(sorted(tried, key=lambda result: result.attempt))


def _illegal_end(result: TaskResultModel, ends: list[str]) -> Iterator[str]:
    """Yield each contradiction between the end of a result and its events."""
    if result.status.terminal and result.end_at is None:
        yield f"is {result.status} without an end"
    if result.status in _WITH_REASON and not result.message:
        yield f"is {result.status} without a reason"
    if len(ends) > 1:
        yield f"ended more than once: {', '.join(ends)}"
    if ends and ends[-1] != result.status:
        yield f"is {result.status}, but its event says {ends[-1]}"


def _illegal_attempts(tried: list[TaskResultModel]) -> Iterator[str]:
    who = f"{tried[0].name} on {tried[0].qid} in {tried[0].execution_id}"
    if [result.attempt for result in tried] != list(range(1, len(tried) + 1)):
        yield f"{who} has the attempts {[result.attempt for result in tried]}"
    for result in tried[:-1]:
        if result.status is TaskStatus.COMPLETED:
            yield f"{who} was tried again after it had completed"


def _illegal_execution(
    execution: ExecutionModel, events: Iterable[EventModel], *, at_rest: bool
) -> Iterator[str]:
    who = f"execution {execution.execution_id}"
    if at_rest and not execution.status.terminal:
        yield f"{who} is {execution.status} though nothing runs"
    if execution.status.terminal and execution.end_at is None:
        yield f"{who} is {execution.status} without an end"
    if execution.status in (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED) and not execution.message:
        yield f"{who} is {execution.status} without a message"
    kinds = [
        event.kind.removeprefix("execution.")
        for event in events
        if event.execution_id == execution.execution_id
    ]
    states = [
        ExecutionStatus.RUNNING if kind == "resumed" else ExecutionStatus(kind)
        for kind in kinds
        if kind == "resumed" or kind in list(ExecutionStatus)
    ]
    for was, became in pairwise(states):
        if became not in EXECUTION_TRANSITIONS.get(was, frozenset()):
            yield f"{who} went from {was} to {became}"
    if states and states[-1] is not execution.status:
        yield f"{who} is {execution.status}, but its last event says {states[-1]}"
    ended = [attempt.status for attempt in execution.attempts]
    # A run cancelled while queued for a resume keeps the end of its last attempt.
    resumption_cancelled = (*ended[-1:], execution.status) == (
        ExecutionStatus.FAILED,
        ExecutionStatus.CANCELLED,
    )
    agree = ended[-1:] == [execution.status] or resumption_cancelled
    if execution.status.terminal and ended and not (agree and all(one.terminal for one in ended)):
        yield f"{who} is {execution.status}, and its attempts are {', '.join(ended)}"


def _broken_file(laboratory: Laboratory) -> Iterator[str]:
    if laboratory.store_url.startswith("sqlite:"):
        path = laboratory.store_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            ((answer, *_), *_) = connection.execute("PRAGMA integrity_check").fetchall()
        if answer != "ok":
            yield f"{path}: {answer}"
