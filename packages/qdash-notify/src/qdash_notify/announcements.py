"""Immediate notification of events that belong to no run."""

from __future__ import annotations

import threading
import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from qdash_core.hooks.outbox import Outbox
from qdash_notify.delivery import GRACE_S, Delivery
from qdash_notify.notice import make_notice
from qdash_notify.settings import NotifierSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings


class NotifyingAnnouncer:
    """Announcer that hands events to notifiers, in a process that may end before their delivery.

    A thread for each notifier delivers them in their order, so that no notifier delays or fails the caller. `notifiers` returns those in use; `zone` is that of the texts.
    """

    def __init__(
        self, store: Store, notifiers: Callable[[], Sequence[Notifier]], settings: Settings, zone: ZoneInfo
    ) -> None:
        self._store = store
        self._notifiers = notifiers
        self._settings = settings
        self._zone = zone
        self._outboxes: list[Outbox] = []
        self._changing = threading.Lock()

    def announce(self, event: EventModel) -> None:
        """Send an event, if the settings name its kind."""
        kinds = self._settings.of(NotifierSettings).notified_kinds
        if not any(fnmatchcase(event.kind, kind) for kind in kinds):
            return
        notice = make_notice(event, None, self._zone)
        with self._changing:
            self._outboxes = self._outboxes or [Outbox(one) for one in self._notifiers()]
            for outbox in self._outboxes:
                outbox.put(notice)

    def make_delivery(self, project_id: str, chip_id: str, execution_id: str) -> Delivery:
        """Return the delivery of notices about a project, one of its chips, or one execution."""
        return Delivery(
            self._store,
            self._notifiers(),
            self._settings,
            project_id,
            chip_id,
            execution_id=execution_id,
            zone=self._zone,
        )

    def finish(self, *, grace_s: float = GRACE_S) -> None:
        """Wait for the deliveries; give up those that take longer than `grace_s` seconds together."""
        deadline = time.monotonic() + grace_s
        with self._changing:
            closed, self._outboxes = self._outboxes, []
            for outbox in closed:
                outbox.close()
        for outbox in closed:
            outbox.wait(deadline - time.monotonic())
