"""Events that belong to no run that goes on, told to the notifiers at once."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from qdash_core.notifiers.notice import notice_of
from qdash_core.notifiers.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from qdash_core.hooks.things import Notifier
    from qdash_core.models.execution import EventModel
    from qdash_core.settings import Settings


def announce(
    events: Iterable[EventModel], notifiers: Iterable[Notifier], settings: Settings, *, zone: ZoneInfo
) -> None:
    """Tell notifiers of events, in threads of their own: nothing that they do delays or fails who calls.

    Parameters
    ----------
    events : iterable of EventModel
        As they were recorded; of those kinds that the settings name.
    zone : ZoneInfo
        The zone of times.
    """
    told = [
        notice_of(event, None, zone)
        for event in events
        if any(fnmatchcase(event.kind, kind) for kind in settings.notified_kinds)
    ]
    for notifier in notifiers if told else ():
        outbox = Outbox(notifier)
        for notice in told:
            outbox.put(notice)
        outbox.close()
