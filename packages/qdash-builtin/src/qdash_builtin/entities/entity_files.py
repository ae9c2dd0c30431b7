"""Files of the records of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.attachments.accepted_files import AcceptedFiles
from qdash_builtin.entities.events import record_entity_event
from qdash_builtin.entities.model import PluginRecord
from qdash_core.models.base import make_later_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from qdash_builtin.attachments.model import Attachment
    from qdash_builtin.entities.entity import Entity
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.repositories import Repositories


class EntityFiles:
    """Records of an entity that accepts files, as `AttachmentService` takes them; a record is named by its id."""

    def __init__(self, entity: Entity[Any], clock: Callable[[], datetime]) -> None:
        self._entity = entity
        self._clock = clock
        self.noun = entity.noun
        self.accepted = entity.attachments or AcceptedFiles((), 0, 0)
        self.edit_role = entity.edit_role

    def make_folder(self, key: str) -> str:
        return f"{self._entity.name}/{key}"

    def load(self, repositories: Repositories, access: Access, key: str) -> Sequence[Attachment]:
        return self._require(repositories, access, key).attachments

    def save(
        self, repositories: Repositories, access: Access, key: str, files: list[Attachment]
    ) -> EventModel | None:
        former = self._require(repositories, access, key)
        changed_at = make_later_time(former.changed_at, self._clock())
        changed = former.model_copy(update={"attachments": files, "updated_at": changed_at})
        repositories.of(self._entity.repository).put(changed)
        self._entity.rules.record_change(repositories, former, changed)
        return record_entity_event(
            repositories, access, self._entity, "changed", changed, fields=["attachments"]
        )

    def _require(self, repositories: Repositories, access: Access, record_id: str) -> PluginRecord:
        found = repositories.of(self._entity.repository).require(access.project_id, record_id)
        assert isinstance(found, PluginRecord)
        return found
