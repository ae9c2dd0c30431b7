"""Kinds of recorded events: those of runs, and those that features declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from qdash_core.features.declarations import (
    EventKind,
    get_entity_nouns,
    list_known_features,
    make_entity_event_kinds,
    make_event_kinds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCK_RELEASED = "lock.released"
"""Event of the release of an instrument lock by a user."""

KINDS_OF_RUNS = (
    *make_event_kinds(
        "execution",
        (
            "scheduled",
            "running",
            "resumed",
            "cancel_requested",
            "adopted",
        ),
    ),
    *make_event_kinds("execution", ("completed", "failed", "cancelled"), notified=True),
    *make_event_kinds("task", ("cancelled", "completed", "failed", "skipped")),
    EventKind(LOCK_RELEASED),
)

MOST_KINDS = 50
"""Maximum number of kinds, or patterns of kinds, in one request."""


def list_event_kinds() -> dict[str, EventKind]:
    """Return every kind of event by name, in the order of the subjects, also those of blocked features, whose events stay."""
    of_entities = [kind for name in get_entity_nouns() for kind in make_entity_event_kinds(name)]
    declared = [kind for feature in list_known_features() for kind in feature.event_kinds]
    ordered = sorted((*of_entities, *declared, *KINDS_OF_RUNS), key=lambda kind: kind.name.partition(".")[0])
    return {kind.name: kind for kind in ordered}  # declared ones replace those of the same name


class RecordedEvent(Protocol):
    """Event, as stored or as viewers see it."""

    @property
    def chip_id(self) -> str | None: ...
    @property
    def execution_id(self) -> str | None: ...
    @property
    def task_id(self) -> str | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def fill_in(template: str, event: RecordedEvent) -> str:
    """Return a text of an `EventKind` with the fields of an event, or an empty text if one of them is missing."""
    ids = {"chip_id": event.chip_id, "execution_id": event.execution_id, "task_id": event.task_id}
    try:
        return template.format_map({**event.data, **{name: one for name, one in ids.items() if one}})
    except (LookupError, ValueError, AttributeError):
        return ""
