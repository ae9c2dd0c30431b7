"""Events of the records of entities of plugins."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.features.declarations import ENTITY_STATES
from qdash_core.models.execution import ENTITY_DATA
from qdash_core.repositories.executions import append_event, require_event_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.entities.entity import Entity
    from qdash_core.models.access import Access
    from qdash_core.models.base import Record
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.repositories import Repositories

_TAKEN = frozenset({*ENTITY_DATA, "fields", "username", "chip_id", "execution_id", "task_id"})


def record_entity_event(
    repositories: Repositories,
    access: Access,
    entity: Entity[Any],
    kind: str,
    record: Record,
    *,
    fields: list[str] | None = None,
    data: Mapping[str, Any] = MappingProxyType({}),
) -> EventModel | None:
    """Record an event of a record in the transaction of its change and return it, or None for a new state of a record of QDash's own.

    Parameters
    ----------
    kind : str
        Kind of the event, or only the new state: `created`, `changed` or `deleted`.
    fields : list of str or None
        Names of the changed fields, or None if the record is new or gone.

    Raises
    ------
    InvalidInputError
        If no feature declares the kind, or the data have a name that QDash sets.
    """
    if kind not in ENTITY_STATES:
        require_event_kind(kind)
    elif entity.is_of_plugin:
        kind = f"{entity.name}.{kind}"
    else:
        return None
    if taken := sorted(data.keys() & _TAKEN):
        raise InvalidInputError(f"QDash sets {taken[0]!r} in the data of an event: give it another name")
    record_id = getattr(record, entity.key)
    of_record = (entity.name, entity.plural, record_id, f"{entity.noun} {record_id}")
    own = dict(zip(ENTITY_DATA, of_record, strict=True)) | ({} if fields is None else {"fields": fields})
    chip_id = (getattr(record, "chip_id", "") or "") if "chip_id" in entity.references else ""
    return append_event(repositories, access, kind, {**own, **data}, chip_id=chip_id)


def list_changed_fields(entity: Entity[Any], former: Record, record: Record) -> list[str]:
    """Return the names of the fields that differ, as viewers see them."""
    return [name for name in entity.visible_fields if getattr(former, name) != getattr(record, name)]
