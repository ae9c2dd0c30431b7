"""Services of the records of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.models.base import Record
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.entities.entity import Entity
    from qdash_builtin.entities.service import EntityService
    from qdash_core.runtime.application import QDash

M = TypeVar("M", bound=Record)


def open_entity(qdash: QDash, entity: Entity[M]) -> EntityService[M]:
    """Open the service for the records of an entity."""
    from qdash_builtin.entities.service import EntityService

    return EntityService(qdash.store, entity, artifacts=qdash.artifacts, announce=qdash.announce)


def open_attachments(qdash: QDash, entity: Entity[Any]) -> AttachmentService[str]:
    """Open the service for the files of an entity's records."""
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.entities.entity_files import EntityFiles

    holders = EntityFiles(entity, utc_now)
    return AttachmentService(qdash.store, qdash.artifacts, holders, clock=utc_now, announce=qdash.announce)
