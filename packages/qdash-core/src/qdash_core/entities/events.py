"""Events of the records of entities of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.features import EventKind, remember_entity
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
    *,
    kind: str = "",
    **data: Any,
) -> EventModel | None:
    """Record the change of a record in its transaction, and return the event, or None if the entity is not a plugin's.

    Parameters
    ----------
    kind : str
        Kind of the event, or empty for that of the new state.
    **data
        Further data of the event.

    Raises
    ------
    InvalidInputError
        If no feature declares the kind, or the data have a field that QDash sets.
    """
    if not (entity.is_of_plugin or kind):
        return None
    if not kind:
        remember_entity(entity.name)
    record_id = getattr(record, entity.key)
    own = {
        "chip_id": (getattr(record, "chip_id", "") or "") if "chip_id" in entity.references else "",
        "entity": entity.name,
        "plural": entity.plural,
        "record_id": record_id,
        "name": f"{entity.noun} {record_id}",
    }
    if taken := sorted(data.keys() & {*own, "username", "execution_id", "task_id"}):
        raise InvalidInputError(f"QDash sets {taken[0]!r} in the data of an event: give it another name")
    return record_event(repositories, access, EventKind(kind or f"{entity.name}.{state}"), **own, **data)


def list_changed_fields(entity: Entity[Any], former: Record, record: Record) -> list[str]:
    """Return the names of the fields that differ, as viewers see them."""
    return [name for name in entity.visible_fields if getattr(former, name) != getattr(record, name)]
