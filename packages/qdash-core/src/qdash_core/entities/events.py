"""Events of the records of an entity that a feature declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.repositories.executions import record_event

if TYPE_CHECKING:
    from qdash_core.entities.entity import Entity
    from qdash_core.models.access import Access
    from qdash_core.models.base import Record
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.repositories import Repositories


def record_entity_event(
    repositories: Repositories,
    access: Access,
    entity: Entity[Any],
    state: Literal["created", "changed", "deleted"],
    record: Record,
) -> EventModel | None:
    """Record the change of a record in its transaction, and return the event, or None if no feature declares the entity."""
    kind = list_event_kinds().get(f"{entity.name}.{state}")
    if not entity.is_of_plugin or kind is None:
        return None
    record_id = getattr(record, entity.key)
    return record_event(
        repositories,
        access,
        kind,
        chip_id=(getattr(record, "chip_id", "") or "") if "chip_id" in entity.references else "",
        entity=entity.name,
        plural=entity.plural,
        record_id=record_id,
        name=f"{entity.noun} {record_id}",
    )
