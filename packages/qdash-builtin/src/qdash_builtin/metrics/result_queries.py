"""Queries of the recorded values of a chip."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from qdash_core.models.targets import TARGET_KINDS, get_target_kind
from qdash_core.models.task import RecordedValues, ResultBrief
from qdash_core.repositories.base import translate_validation_errors
from qdash_core.repositories.results import (
    _PAGE,
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)
from qdash_core.repositories.store import Range
from qdash_core.values.manual_values import MANUAL_TASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from qdash_core.models.task import TaskModel
    from qdash_core.repositories.repositories import Repositories

_VALUES = TypeAdapter(list[RecordedValues])
_TASK_ID, _START_AT = map(ResultBrief._fields.index, ("task_id", "start_at"))


def iter_values_by_chip(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    *,
    cooldown_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[RecordedValues]:
    """Yield the values of the results of a chip that were started in a time range, newest first.

    The range is from `since` (inclusive) to `until` (exclusive); None for the other filters selects all.
    """
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
    where["start_at"] = Range(least=since, below=until)
    if cooldown_id is not None:
        where["cooldown_id"] = cooldown_id
    after = None
    while True:
        page = results.select_as(RecordedValues, where, order=("-start_at",), limit=_PAGE, after=after)
        yield from page
        if len(page) < _PAGE:
            return
        after = (page[-1].start_at, project_id, page[-1].task_id)


def list_values_of_targets(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    targets: Iterable[str],
    metrics: Collection[str],
    *,
    cooldown_id: str | None = None,
    since: datetime | None = None,
) -> list[RecordedValues]:
    """Return the values of metrics on targets from results, those of each target newest first, without reading whole results.

    Filters as in `iter_values_by_chip`.
    """
    results = repositories.of(TaskResultHistoryRepository)
    ran = repositories.of(LatestResultRepository).list_names(project_id, chip_id)
    definitions = repositories.of(TaskRepository).list_by_project(project_id)
    # Newest results lack trials, simulations and runs in a value scope, so that each task may have run on each target.
    of_kind = {kind: [one.name for one in definitions if one.task_type == kind] for kind in TARGET_KINDS}
    found = []
    for qid in targets:
        kind = get_target_kind(qid)
        names = select_measuring_tasks([*of_kind[kind], *ran.get(qid, ())], definitions, *metrics)
        for fields in list_briefs(
            results, project_id, chip_id, names, qid, cooldown_id=cooldown_id, since=since
        ):
            known = zip(ResultBrief._fields, fields, strict=False)
            # Given, since pydantic copies defaults that are lists or mappings.
            brief = {"reasons": [], "decisions": {}, **{name: one for name, one in known if one is not None}}
            origin = {name: brief[name] for name in ("execution_id", "task_id")}
            outputs = brief.get("output_parameters", {})
            values = {name: {**outputs[name], **origin} for name in metrics if name in outputs}
            if values:
                found.append({**brief, "qid": qid, "task_type": kind, "output_parameters": values})
    with translate_validation_errors(results.collection):
        return _VALUES.validate_python(found)


def select_measuring_tasks(
    ran: Iterable[str], definitions: Collection[TaskModel], *metrics: str
) -> list[str]:
    """Return the tasks among those that ran on a target which measure any of the metrics, including tasks with unknown outputs, and manual values."""
    known = {one.name for one in definitions}
    makers = {one.name for one in definitions if any(name in one.output_parameters for name in metrics)}
    return [*dict.fromkeys([name for name in ran if name in makers or name not in known] + [MANUAL_TASK])]


def list_briefs(
    results: TaskResultHistoryRepository,
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

    Filters as in `iter_values_by_chip`; `after` is the start time, project and id of the last result of the previous
    page.
    """
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
    where["start_at"] = Range(least=since, below=until)
    where |= {} if cooldown_id is None else {"cooldown_id": cooldown_id}
    paging: dict[str, Any] = {"order": ("-start_at",), "limit": limit, "after": after}
    # One query per task uses the order of an index; a single query would read and sort all results.
    parts = [results.select_briefs({**where, "name": name}, **paging) for name in names]
    found = [one for part in parts for one in part]
    if sum(map(bool, parts)) > 1:
        found.sort(key=itemgetter(_TASK_ID))
        found.sort(key=lambda one: one[_START_AT] or "", reverse=True)
    return found[:limit]
