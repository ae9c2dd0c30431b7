"""View model of the settings, safe for every holder of a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from qdash_builtin.people.settings import PeopleSettings
from qdash_core.documents.base import Document
from qdash_core.models.claims import LockScope
from qdash_core.models.event_kinds import list_event_kinds

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.settings import Settings


class SettingsDocument(Document):
    """The settings in force, with kinds of locations in place of addresses, which may hold passwords."""

    store: str
    """Kind of the store, such as `sqlite` or `mongodb`."""
    artifacts: str
    """Kind of the raw-data storage, such as `file`."""
    runner: str
    lease_ttl_s: float
    lock_scope: LockScope
    store_patience_s: float
    cancel_grace_s: float
    notify_on: list[str]
    """Kinds of events for which notifications are sent."""
    notifies: list[str]
    """Channels of notifications: `webhook`, `mail`."""
    event_days: float
    audit_days: float
    timezone: str
    """Time zone of displayed times and days: that of the settings, else that of the home."""

    @classmethod
    def from_settings(cls, settings: Settings, zone: ZoneInfo) -> Self:
        """Return the view model of settings."""
        values, kinds = settings.list_values(), list_event_kinds().values()
        named = values.get("notify_on")
        chosen = (one.name for one in kinds if one.notified) if named is None else str(named).split(",")
        return cls.from_record(
            settings,
            store=urlsplit(settings.store_url).scheme,
            artifacts=urlsplit(settings.artifacts_url).scheme,
            notify_on=[kind for name in chosen if (kind := name.strip())],
            audit_days=settings.of(PeopleSettings).audit_days,
            timezone=zone.key,
            notifies=[name for name in ("webhook", "mail") if values.get(f"notify_{name}_url")],
        )
