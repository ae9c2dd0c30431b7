"""Delivery of events from the store to notifiers, independent of the measurement."""

from __future__ import annotations

import logging
import threading
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from qdash_core.errors import StoreError
from qdash_core.hooks.outbox import Outbox
from qdash_core.locks.liveness import is_live
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_notify.notice import make_notice
from qdash_notify.settings import NotifierSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

logger = logging.getLogger(__name__)

LOOK_S = 0.5
GRACE_S = 5.0
"""Maximum time for the delivery of notices at the end of a run, in seconds."""
_PAGE = 1000


class Delivery:
    """Background delivery of the events on a run's chips to notifiers, from `begin` to `end`.

    A thread follows the recorded events and hands them to one thread for each notifier, which neither delays nor fails
    the run. Also a context manager, for code that ends a run from outside.

    Parameters
    ----------
    project_id, chip_id : str
        The chip that the run has locked; an empty `chip_id` stands for the whole project.
    execution_id : str
        The run if others may measure the chip, too, otherwise empty: each run delivers its own events, and the one with
        the oldest lock those of no run.
    """

    def __init__(
        self,
        store: Store,
        notifiers: Sequence[Notifier],
        settings: Settings,
        project_id: str,
        chip_id: str = "",
        *,
        execution_id: str = "",
        zone: ZoneInfo,
    ) -> None:
        self._store = store
        self._notifiers = notifiers
        self._kinds = settings.of(NotifierSettings).notified_kinds
        self._immediate = {kind.name for kind in list_event_kinds().values() if kind.immediate}
        self._zone = zone
        self._project_id, self._chip_id, self._execution_id = project_id, chip_id, execution_id
        self._seq = 0
        self._also: frozenset[str] = frozenset()
        self._began_at: datetime | None = None
        self._ended = threading.Event()
        self._outboxes: list[Outbox] = []
        self._tail: threading.Thread | None = None

    def begin(self, *, since: int | None = None, also: Collection[str] = ()) -> None:
        """Start to deliver events.

        Events after the number `since` are delivered, or after the newest for None; `also` of other, dead runs that no
        process delivers.
        """
        if not self._notifiers:
            return
        self._also = frozenset(also)
        try:
            if since is None:
                since = Repositories(self._store).of(EventRepository).get_last_seq(self._project_id)
            self._seq = since
        except StoreError as error:
            logger.warning("nobody is told of this run: %s", error)
            return
        self._outboxes = [Outbox(notifier) for notifier in self._notifiers]
        self._tail = threading.Thread(target=self._follow, name="qdash-notices", daemon=True)
        self._tail.start()

    def end(self, *, grace_s: float = GRACE_S) -> None:
        """Deliver the remaining notices within `grace_s` seconds. Ctrl-C ends the wait."""
        if self._tail is None:
            return
        deadline = time.monotonic() + grace_s
        self._ended.set()
        with allow_interrupts():
            self._tail.join(grace_s)
            for outbox in self._outboxes:
                outbox.wait(deadline - time.monotonic())
        self._tail = None

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _follow(self) -> None:
        message = False
        while True:
            # Checked before the events are read, so that all events recorded before the end are among them.
            last = self._ended.wait(LOOK_S)
            try:
                while self._forward_page():
                    pass
            except Exception as error:  # noqa: BLE001  the run continues without its notifiers
                if not message:
                    logger.warning("events cannot be read for the notifiers: %s", error)
                message = True
            if last:
                break
        for outbox in self._outboxes:
            outbox.close()

    def _forward_page(self) -> bool:
        """Forward one page of events; return whether there may be more."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            events = repositories.of(EventRepository).list_since(self._project_id, self._seq, limit=_PAGE)
            delivers_others = self._has_oldest_lock(repositories)
            wanted = [
                event
                for event in events
                if self._is_wanted(event)
                and (self._is_own(event) or (delivers_others and _is_of_no_run(repositories, event)))
            ]
            notices = [
                make_notice(
                    event,
                    repositories.of(ExecutionRepository).find(event.project_id, event.execution_id),
                    self._zone,
                )
                for event in wanted
            ]
        for notice in notices:
            for outbox in self._outboxes:
                outbox.put(notice)
        if events:
            self._seq = events[-1].seq
        return len(events) == _PAGE

    def _is_wanted(self, event: EventModel) -> bool:
        if self._chip_id not in ("", event.chip_id) and event.execution_id not in self._also:
            return False
        if event.kind in self._immediate or event.is_of_entity:  # sent when they were recorded
            return False
        return any(fnmatchcase(event.kind, kind) for kind in self._kinds)

    def _is_own(self, event: EventModel) -> bool:
        return self._execution_id in ("", event.execution_id) or event.execution_id in self._also

    def _has_oldest_lock(self, repositories: Repositories) -> bool:
        """Return whether no live run that began before this one measures the chip."""
        if not self._execution_id:
            return True
        locks = repositories.of(ExecutionLockRepository).list_by_project(self._project_id)
        of_chip = [one for one in locks if one.chip_id == self._chip_id]
        for one in of_chip:
            if one.execution_id == self._execution_id:
                self._began_at = (
                    one.acquired_at
                )  # kept after the release: the last events are delivered later
        began_at = self._began_at
        older = (one for one in of_chip if began_at is None or one.acquired_at < began_at)
        return not any(is_live(one) for one in older)


def _is_of_no_run(repositories: Repositories, event: EventModel) -> bool:
    """Return whether an event belongs to no execution, or to one that has not begun."""
    execution = repositories.of(ExecutionRepository).find(event.project_id, event.execution_id)
    return execution is None or execution.start_at is None
