"""From the event stream of the store to the notifiers, outside the measuring path."""

from __future__ import annotations

import logging
import threading
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from qdash_core.errors import StoreError
from qdash_core.interrupts import interruptible
from qdash_core.notifiers.notice import notice_of
from qdash_core.notifiers.outbox import Outbox
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.things import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

logger = logging.getLogger(__name__)

LOOK_S = 0.5
GRACE_S = 5.0
"""So long the end of a run waits for notices to be delivered, in seconds."""
_PAGE = 1000


def configured(notifiers: Iterable[Notifier], settings: Settings) -> list[Notifier]:
    """Return the notifiers that are in use: one with a method `configured` is asked for the one to use, or None."""
    used = []
    for notifier in notifiers:
        configure = getattr(notifier, "configured", None)
        try:
            chosen = notifier if configure is None else configure(settings)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
            logger.warning("notifier %s cannot be used: %s", notifier.name, error)
            continue
        if chosen is not None:
            used.append(chosen)
    return used


class Delivery:
    """Tells notifiers what happens on the chips that a run has for itself, from `begin` to `end`.

    It follows the events that are recorded, in a thread of its own, and hands them to one thread for each notifier.
    Nothing that a notifier does delays or fails the run. A context manager, for whoever ends a run from outside.

    Parameters
    ----------
    store : Store
        Where events are recorded.
    notifiers : sequence of Notifier
        Whom to tell; without any nothing is done.
    settings : Settings
        Which kinds of events they are told of.
    project_id, chip_id : str
        What the run has for itself; an empty `chip_id` is the whole project.
    zone : ZoneInfo
        The zone of times.
    """

    def __init__(
        self,
        store: Store,
        notifiers: Sequence[Notifier],
        settings: Settings,
        project_id: str,
        chip_id: str = "",
        *,
        zone: ZoneInfo,
    ) -> None:
        self._store = store
        self._notifiers = notifiers
        self._kinds = settings.notified_kinds
        self._zone = zone
        self._project_id, self._chip_id = project_id, chip_id
        self._seq = 0
        self._also: frozenset[str] = frozenset()
        self._ended = threading.Event()
        self._outboxes: list[Outbox] = []
        self._tail: threading.Thread | None = None

    def begin(self, *, since: int | None = None, also: Collection[str] = ()) -> None:
        """Follow what is recorded from now on.

        Parameters
        ----------
        since : int or None
            Number of the event after which it begins; None: the newest.
        also : collection of str
            Executions on other chips that are told of too: those of dead runs, which nobody else tells of.
        """
        if not self._notifiers:
            return
        self._also = frozenset(also)
        try:
            if since is None:
                since = Repositories(self._store).events.last_seq(self._project_id)
            self._seq = since
        except StoreError as error:
            logger.warning("nobody is told of this run: %s", error)
            return
        self._outboxes = [Outbox(notifier) for notifier in self._notifiers]
        self._tail = threading.Thread(target=self._follow, name="qdash-notices", daemon=True)
        self._tail.start()

    def end(self, *, grace_s: float = GRACE_S) -> None:
        """Deliver what is left, and give up what takes longer than `grace_s` seconds. Ctrl-C cuts it short."""
        if self._tail is None:
            return
        deadline = time.monotonic() + grace_s
        self._ended.set()
        with interruptible():
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
        told = False
        while True:
            # Asked for before the events are: what was recorded before the end is among them.
            last = self._ended.wait(LOOK_S)
            try:
                while self._pass_on():
                    pass
            except Exception as error:  # noqa: BLE001  the run goes on without its listeners
                if not told:
                    logger.warning("events cannot be read for the notifiers: %s", error)
                told = True
            if last:
                break
        for outbox in self._outboxes:
            outbox.close()

    def _pass_on(self) -> bool:
        """Hand on one page of events; returns whether there may be more."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            events = repositories.events.since(self._project_id, self._seq, limit=_PAGE)
            wanted = [event for event in events if self._is_wanted(event)]
            notices = [
                notice_of(
                    event, repositories.executions.find(event.project_id, event.execution_id), self._zone
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
        return any(fnmatchcase(event.kind, kind) for kind in self._kinds)
