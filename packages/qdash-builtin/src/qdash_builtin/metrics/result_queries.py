"""Queries of the recorded values of a chip."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from qdash_core.models.task import RecordedValues, ResultBrief
from qdash_core.repositories.results import _PAGE, TaskResultHistoryRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime


_TASK_ID, _START_AT = map(ResultBrief._fields.index, ("task_id", "start_at"))


def iter_values_by_chip(
    results: TaskResultHistoryRepository,
    project_id: str,
    chip_id: str,
    *,
    cooldown_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    names: Sequence[str] | None = None,
) -> Iterator[RecordedValues]:
    """Yield the values of the results of a chip that were started in a time range, newest first.

    The range is from `since` (inclusive) to `until` (exclusive); None for the other filters selects all.
    """
    where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
    where["start_at"] = Range(least=since, below=until)
    where |= {} if names is None else {"name": OneOf(tuple(names))}
    if cooldown_id is not None:
        where["cooldown_id"] = cooldown_id
    after = None
    while True:
        page = results.select_as(RecordedValues, where, order=("-start_at",), limit=_PAGE, after=after)
        yield from page
        if len(page) < _PAGE:
            return
        after = (page[-1].start_at, project_id, page[-1].task_id)


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
