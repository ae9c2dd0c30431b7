"""Executions in lists: newest first, by kind, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionHead, ExecutionModel, ExecutionStatus
from qdash_core.models.pages import Page, cursor_of
from qdash_core.record.naming import CANDIDATES, LAST, the_one, unknown
from qdash_core.record.outside import interrupted_among
from qdash_core.record.reading import existing, with_counts
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store

INTERRUPTED = "interrupted"
"""The status of an execution that is recorded as running and has lost its process, as people see it."""
SEEN_STATUSES = ("scheduled", "running", INTERRUPTED, "completed", "failed", "cancelled")
"""Every status that people see."""
_AT_ONCE = 100
"""So many executions are read at a time where only some of them may be wanted."""
MOST_LOOKED_THROUGH = 5_000
"""So many executions one page looks through."""


@dataclass(frozen=True, slots=True)
class ListedExecution:
    """An execution as people see it in a list.

    Parameters
    ----------
    execution : ExecutionHead
        As it is recorded; one that goes on with the counts of now.
    interrupted : bool
        Whether it is recorded as running and has lost its process: it can be resumed.
    """

    execution: ExecutionHead
    interrupted: bool

    @property
    def status(self) -> str:
        """One of `SEEN_STATUSES`."""
        return INTERRUPTED if self.interrupted else str(self.execution.status)


@dataclass(frozen=True, slots=True)
class SeenExecution(ListedExecution):
    """An execution as people see it, as a whole."""

    execution: ExecutionModel


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which executions are listed."""

    chip_id: str | None
    statuses: frozenset[str]
    tags: frozenset[str]
    username: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def some(self) -> bool:
        """Whether executions of that chip are passed over."""
        return bool(self.statuses or self.tags or self.username or self.since or self.until)

    def has(self, seen: ListedExecution) -> bool:
        """Whether an execution of that chip is one of them."""
        return (
            (not self.statuses or seen.status in self.statuses)
            and self.tags.issubset(seen.execution.tags)
            and self.username in (None, seen.execution.username)
            and self._in_time(seen.execution.start_at)
        )

    def is_past(self, seen: ListedExecution) -> bool:
        """Whether all that come behind an execution began too early."""
        began = seen.execution.start_at
        return self.since is not None and began is not None and began < self.since

    def _in_time(self, began: datetime | None) -> bool:
        if self.since is None and self.until is None:
            return True
        if began is None:
            return False
        return (self.since is None or self.since <= began) and (self.until is None or began < self.until)


class ExecutionLists:
    """Lists of the executions of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def newest(
        self, access: Access, *, chip_id: str | None = None, limit: int | None = None
    ) -> list[ExecutionModel]:
        """Return executions, newest first."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = repositories.executions.newest(access.project_id, chip_id=chip_id, limit=limit)
            return with_counts(repositories, access.project_id, found)

    def listed(
        self,
        access: Access,
        *,
        chip_id: str | None = None,
        statuses: Collection[str] = (),
        tags: Collection[str] = (),
        limit: int | None = None,
        after: str | None = None,
    ) -> list[ListedExecution]:
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
        after = None if after is None else self.named(access, after)
        wanted = _Wanted(chip_id, frozenset(statuses), frozenset(tags))
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            seen = self._in_order(repositories, access.project_id, wanted, limit, after)
            found = list(islice((one for one in seen if wanted.has(one)), limit))
            return _counted(repositories, access.project_id, found)

    def page(
        self,
        access: Access,
        request: PageRequest,
        *,
        chip_id: str | None = None,
        statuses: Collection[str] = (),
        tags: Collection[str] = (),
        username: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Page[ListedExecution]:
        """Return a page of executions as people see them, newest first. Other parameters and errors as of `listed`.

        Parameters
        ----------
        username : str or None
            Only those of one user.
        since, until : datetime or None
            Only those that began from the one, inclusive, and before the other, exclusive: none that never began.

        A page looks through so many at most, and may have few items, or none, where few of those are wanted: `next` goes on.
        """
        place = request.place(1)
        after = None if place is None else str(place[0])
        wanted = _Wanted(chip_id, frozenset(statuses), frozenset(tags), username, since, until)
        found: list[ListedExecution] = []
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            seen = self._in_order(repositories, access.project_id, wanted, request.limit + 1, after)
            for number, one in enumerate(seen, 1):
                if wanted.has(one):
                    found.append(one)
                if len(found) > request.limit or wanted.is_past(one):
                    break
                if number == MOST_LOOKED_THROUGH:
                    items = _counted(repositories, access.project_id, found)
                    return Page(items, cursor_of(_place(one)))
            return Page.of(_counted(repositories, access.project_id, found), request, _place)

    def _in_order(
        self,
        repositories: Repositories,
        project_id: str,
        wanted: _Wanted,
        limit: int | None,
        after: str | None,
    ) -> Iterator[ListedExecution]:
        """Return executions behind one, newest first, of which some may not be wanted."""
        recorded = _recorded(wanted.statuses)
        last = None if after is None else existing(repositories, project_id, after)
        if wanted.chip_id is not None:
            repositories.chips.require(project_id, wanted.chip_id)
        running = repositories.executions.in_state(project_id, ExecutionStatus.RUNNING)
        interrupted = interrupted_among(repositories, running, self._clock())
        return (
            ListedExecution(execution, execution.execution_id in interrupted)
            for execution in repositories.executions.heads_first(
                project_id,
                chip_id=wanted.chip_id,
                statuses=recorded,
                at_once=_AT_ONCE if wanted.some else limit,
                after=last,
            )
        )

    def named(self, access: Access, text: str) -> str:
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
                if executions.find(access.project_id, text) is not None:
                    return text
                if found := executions.beginning(access.project_id, text, limit=CANDIDATES + 1):
                    return the_one(text, found, what="executions")
            newest = [one.execution_id for one in executions.newest(access.project_id, limit=CANDIDATES)]
        if text == LAST and newest:
            return newest[0]
        raise unknown(text, access.project_id, what="execution", there_are=newest)


def _counted(
    repositories: Repositories, project_id: str, found: Sequence[ListedExecution]
) -> list[ListedExecution]:
    """Return executions with their counts of now."""
    counted = with_counts(repositories, project_id, [one.execution for one in found])
    return [ListedExecution(now, one.interrupted) for now, one in zip(counted, found, strict=True)]


def _place(seen: ListedExecution) -> tuple[str]:
    return (seen.execution.execution_id,)


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
