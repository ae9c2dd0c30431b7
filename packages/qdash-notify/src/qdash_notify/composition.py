"""Announcer of events by notifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.runtime.runtime import Runtime
    from qdash_notify.announcements import NotifyingAnnouncer


def make_announcer(runtime: Runtime) -> NotifyingAnnouncer:
    """Return the announcer that hands events to the notifiers in use."""
    from qdash_notify.announcements import NotifyingAnnouncer

    return NotifyingAnnouncer(runtime.store, lambda: runtime.notifiers, runtime.settings, runtime.zone)
