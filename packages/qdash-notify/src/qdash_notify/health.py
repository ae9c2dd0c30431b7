"""Check of the kinds of events in the settings, and of the notifiers in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.hooks.announcers import configure_notifiers
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import HealthFinding
from qdash_notify.settings import NotifierSettings, list_unknown_kinds, load_event_kinds

if TYPE_CHECKING:
    from qdash_core.hooks.health_checks import Examination


def _check_notifiers(home: Examination) -> str | HealthFinding:
    kinds = home.settings.of(NotifierSettings).notified_kinds
    if undeclared := list_unknown_kinds(kinds, load_event_kinds(home.registry)):
        return HealthFinding(
            "notifiers",
            "warning",
            f"QDASH_NOTIFY_ON names {', '.join(undeclared)}, which no feature and no installed plugin declares",
            "correct it, or install the plugin whose event it is",
        )
    used = configure_notifiers(home.registry.notifiers(), home.settings)
    places = ((one.name, str(getattr(one, "place", ""))) for one in used)
    message = ", ".join(f"{name} ({place})" if place else name for name, place in places)
    return f"{message} on {', '.join(kinds)}" if message else "none is configured"


CHECK = HealthCheck("notifiers", _check_notifiers, "look at QDASH_NOTIFY_*", needs_store=False, place=90)
