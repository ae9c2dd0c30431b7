"""Immediate notification of events that belong to no active run."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from qdash_core.notifiers.notice import make_notice
from qdash_core.notifiers.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.protocols import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.settings import Settings


def announce(
    events: Iterable[EventModel], notifiers: Iterable[Notifier], settings: Settings, *, zone: ZoneInfo
) -> None:
    """Send events to notifiers in separate threads, so that no notifier delays or fails the caller.

    Parameters
    ----------
    events : iterable of EventModel
        Recorded events; only the kinds in the settings are sent.
    zone : ZoneInfo
        Time zone of the texts.
    """
    messages = [
        make_notice(event, None, zone)
        for event in events
        if any(fnmatchcase(event.kind, kind) for kind in settings.notified_kinds)
    ]
    for notifier in notifiers if messages else ():
        outbox = Outbox(notifier)
        for notice in messages:
            outbox.put(notice)
        outbox.close()
