"""Immediate notification of events that belong to no run."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from qdash_core.hooks.outbox import Outbox
from qdash_notify.delivery import GRACE_S, Delivery
from qdash_notify.notice import make_notice
from qdash_notify.settings import NotifierSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings


def announce(
    events: Iterable[EventModel], notifiers: Iterable[Notifier], settings: Settings, *, zone: ZoneInfo
) -> list[Outbox]:
    """Send events to notifiers in separate threads, so that no notifier delays or fails the caller, and return their outboxes.

    Only events of the kinds in the settings are sent; `zone` is that of the texts.
    """
    messages = [make_notice(event, None, zone) for event in events if _is_wanted(event, settings)]
    outboxes = [Outbox(notifier) for notifier in notifiers] if messages else []
    for outbox in outboxes:
        for notice in messages:
            outbox.put(notice)
        outbox.close()
    return outboxes


class NotifyingAnnouncer:
    """Announcer that hands events to notifiers, in a process that may end before their delivery.

    `notifiers` returns those in use; `zone` is that of the texts.
    """

    def __init__(
        self, store: Store, notifiers: Callable[[], Sequence[Notifier]], settings: Settings, zone: ZoneInfo
    ) -> None:
        self._store = store
        self._notifiers = notifiers
        self._settings = settings
        self._zone = zone
        self._outboxes: list[Outbox] = []

    def announce(self, event: EventModel) -> None:
        """Send an event, if the settings name its kind."""
        if _is_wanted(event, self._settings):
            unfinished = [one for one in self._outboxes if not one.finished]
            sent = announce([event], self._notifiers(), self._settings, zone=self._zone)
            self._outboxes = unfinished + sent

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
        for outbox in self._outboxes:
            outbox.wait(deadline - time.monotonic())


def _is_wanted(event: EventModel, settings: Settings) -> bool:
    return any(fnmatchcase(event.kind, kind) for kind in settings.of(NotifierSettings).notified_kinds)
