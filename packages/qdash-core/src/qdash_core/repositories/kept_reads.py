"""Reads of results that are kept, and extended by the results that later events name."""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from qdash_core.models.task import TaskStatus
from qdash_core.repositories.chip_events import is_chip_change
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import OneOf, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.repositories import Repositories

_MOST_EVENTS = 1000
"""Number of events since a read up to which it is extended."""
KEPT_S = 3600.0
"""Time after which all is read anew, since old results are pruned without an event, in seconds."""
_NOT_ENDED = OneOf((TaskStatus.SCHEDULED, TaskStatus.RUNNING))

T = TypeVar("T")
R = TypeVar("R")


class _Kept(NamedTuple, Generic[T]):
    """Read at the event with the number `seq`; `read_s` is the monotonic time at which it was read as a whole."""

    seq: int
    read_s: float
    found: T


class KeptReads(Generic[T]):
    """Kept reads of several subjects, at most `most` of them: the least recently extended one is left out. Safe for threads.

    After an event that may change results and names none, or if events were removed meanwhile, all is read anew. An older snapshot has its own
    read.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: dict[Hashable, list[_Kept[T]]] = {}
        self._lock = RLock()  # what another thread has read meanwhile is extended and kept under the lock

    def read(
        self,
        repositories: Repositories,
        project_id: str,
        subject: Mapping[str, str],
        load: Callable[[], T],
        extend: Callable[[T, set[str]], T],
        *,
        key: Hashable = (),
    ) -> T:
        """Return what `load` would read now.

        Parameters
        ----------
        subject : mapping of str to str
            Fields of events: `chip_id`, `execution_id` or both. An event that names another one concerns other results.
        extend : callable
            Returns what was read with the present state of the results with these ids, in place of their former one.
        key : hashable
            What the result depends on, beside project and subject.
        """
        seq = repositories.of(EventRepository).get_last_seq(project_id)
        if isinstance(repositories.scope, Transaction) or not seq:  # it has changes without an event
            return load()
        place = project_id, *subject.items(), key
        found = self._extend(repositories, project_id, subject, place, seq, extend)
        if found is None:
            with self._lock:
                found = self._extend(repositories, project_id, subject, place, seq, extend)
                if found is None:
                    found = _Kept(seq, time.monotonic(), load())
                    if all(one.seq < seq for one in self._kept.get(place, ())):
                        self._keep(place, [found])
        return found.found

    def _extend(
        self,
        repositories: Repositories,
        project_id: str,
        subject: Mapping[str, str],
        place: Hashable,
        seq: int,
        extend: Callable[[T, set[str]], T],
    ) -> _Kept[T] | None:
        """Return what is kept with the results that changed since, or None if all must be read anew."""
        known = next((one for one in self._kept.get(place, ()) if one.seq <= seq), None)
        if known is None or time.monotonic() - known.read_s > KEPT_S:
            return None
        if known.seq == seq:
            return known
        stored = repositories.of(EventRepository)
        events = stored.list_since(project_id, known.seq, limit=_MOST_EVENTS + 1)
        oldest = stored.get_first_seq(project_id)
        were_removed = oldest is None or oldest > known.seq
        if were_removed or len(events) > _MOST_EVENTS or not all(map(_names_changes, events)):
            return None
        changed = {one.task_id for one in events if one.task_id and _concerns(one, subject)}
        found = _Kept(seq, known.read_s, extend(known.found, changed) if changed else known.found)
        with self._lock:
            kept = self._kept.get(place, [])
            if kept and kept[0].seq < seq:  # an older one stays, from which older snapshots are extended
                self._keep(place, [found, kept[-1] if seq - kept[-1].seq < _MOST_EVENTS // 2 else kept[0]])
        return found

    def _keep(self, place: Hashable, kept: list[_Kept[T]]) -> None:
        self._kept.pop(place, None)
        for oldest in [*self._kept][: max(0, len(self._kept) + 1 - self._most)]:
            del self._kept[oldest]
        self._kept[place] = kept


class KeptResults(Generic[R]):
    """Projections of the results of several executions or chips: those that have ended are kept. Safe for threads.

    `kind` has `task_id` and `status`. Results that have not ended are read each time, since no event tells their start.
    """

    def __init__(self, kind: type[R], *, most: int) -> None:
        self._kind = kind
        self._kept: KeptReads[Mapping[str, R]] = KeptReads(most=most)

    def read(
        self, repositories: Repositories, project_id: str, subject: Mapping[str, str], **conditions: Any
    ) -> list[R]:
        """Return the results of an execution or a chip (`subject`, as for `KeptReads.read`) that meet further conditions, in no order."""
        where = {"project_id": project_id, **subject, **conditions}
        results = repositories.of(TaskResultHistoryRepository)
        without = results.list_unread_fields(self._kind)

        def load(**further: Any) -> dict[str, R]:
            found: list[Any] = results.select_as(
                self._kind, where | further, order=("-start_at",), without=without
            )
            return {one.task_id: one for one in found}

        def extend(known: Mapping[str, R], changed: set[str]) -> Mapping[str, R]:
            kept = {task_id: one for task_id, one in known.items() if task_id not in changed}
            return kept | _select_ended(load(task_id=OneOf(tuple(changed))))

        ended = self._kept.read(
            repositories,
            project_id,
            subject,
            lambda: _select_ended(load()),
            extend,
            key=tuple(conditions.items()),
        )
        return [*ended.values(), *load(status=_NOT_ENDED).values()]


def _select_ended(results: Mapping[str, Any]) -> dict[str, Any]:
    return {task_id: one for task_id, one in results.items() if one.status.terminal}


def _names_changes(event: EventModel) -> bool:
    """Return whether an event names the result that has changed, or none has."""
    of_execution = event.kind.startswith("execution.") and event.kind != "execution.adopted"
    return bool(event.task_id) or of_execution or is_chip_change(event)


def _concerns(event: EventModel, subject: Mapping[str, str]) -> bool:
    return all(getattr(event, name) in ("", wanted) for name, wanted in subject.items())
