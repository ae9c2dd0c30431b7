"""Executions of a project, newest first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from qdash_core.models.execution import ExecutionHead, ExecutionModel, ExecutionStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from qdash_core.repositories.repositories import Repositories

E = TypeVar("E", bound=ExecutionHead)


_PLANNED = ("choices", "note", "software", "stages")
"""Fields that a head skips and a store need not read: most of the document of a large chip."""


def list_newest(
    repositories: Repositories, project_id: str, *, chip_id: str | None = None, limit: int | None = None
) -> list[ExecutionModel]:
    """Return executions, newest first, as `iter_newest`."""
    return list(islice(iter_newest(repositories, project_id, chip_id=chip_id, at_once=limit), limit))


def iter_newest(
    repositories: Repositories,
    project_id: str,
    *,
    chip_id: str | None = None,
    statuses: Collection[ExecutionStatus] = (),
    at_once: int | None = None,
) -> Iterator[ExecutionModel]:
    """Yield executions, newest first and waiting ones before all others; unstarted ones count from their request.

    `at_once` of them are read at a time, or all for None; without statuses, those in any state.
    """
    where: dict[str, object] = {"project_id": project_id}
    where |= {} if chip_id is None else {"chip_id": chip_id}
    where |= {"status": OneOf(tuple(statuses))} if statuses else {}
    read = partial(repositories.of(ExecutionRepository).select_as, ExecutionModel)
    return _iter_newest_first(read, where, at_once, None)


def iter_newest_heads(
    repositories: Repositories,
    where: Mapping[str, object],
    *,
    at_once: int | None = None,
    after: ExecutionHead | None = None,
) -> Iterator[ExecutionHead]:
    """Yield the heads of the matching executions, as `iter_newest`, for lists.

    A condition on `start_at` is a `Range` with `least` and `below`, in which no unstarted execution is. If `after` is
    given, they follow this one in the order, whether or not it is one of them.
    """
    read = partial(repositories.of(ExecutionRepository).select_as, ExecutionHead, without=_PLANNED)
    return _iter_newest_first(read, where, at_once, after)


def _iter_newest_first(
    read: Callable[..., list[E]],
    where: Mapping[str, object],
    at_once: int | None,
    after: ExecutionHead | None,
) -> Iterator[E]:
    unstarted = [] if "start_at" in where else read({**where, "start_at": None})
    never = sorted(unstarted, key=_sort_key, reverse=True)
    behind = (one for one in never if after is None or _is_behind(one, after))
    yield from merge(behind, _iter_started(read, where, at_once, after), key=_sort_key, reverse=True)


def _iter_started(
    read: Callable[..., list[E]],
    where: Mapping[str, object],
    at_once: int | None,
    behind: ExecutionHead | None,
) -> Iterator[E]:
    """Yield started executions, newest first."""
    period = where.get("start_at", Range())
    assert isinstance(period, Range)
    where = {**where, "start_at": period}
    after: tuple[object, ...] | None = None
    if behind is not None and behind.start_at is not None:
        after = (behind.start_at, behind.project_id, behind.execution_id)
    elif behind is not None and behind.status is not ExecutionStatus.SCHEDULED:
        where["start_at"] = replace(period, most=behind.created_at)
    while True:
        page = read(where, order=("-start_at",), limit=at_once, after=after)
        yield from page
        if at_once is None or len(page) < at_once:
            return
        after = (page[-1].start_at, page[-1].project_id, page[-1].execution_id)


def _sort_key(execution: ExecutionHead) -> tuple[bool, datetime]:
    return execution.status is ExecutionStatus.SCHEDULED, execution.start_at or execution.created_at


def _is_behind(never: ExecutionHead, other: ExecutionHead) -> bool:
    """Return whether an unstarted execution follows another in the order.

    It precedes those started at the time of its request; unstarted ones are ordered by id.
    """
    if _sort_key(never) == _sort_key(other):
        return other.start_at is None and never.execution_id > other.execution_id
    return _sort_key(never) < _sort_key(other)
