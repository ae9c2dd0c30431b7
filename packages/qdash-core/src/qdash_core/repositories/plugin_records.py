"""Repository of the records of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.models.plugin_record import AnyPluginRecord
from qdash_core.repositories.keyed_repository import KeyedRepository

if TYPE_CHECKING:
    from qdash_core.models.plugin_record import PluginRecord


class PluginRecordRepository(KeyedRepository[Any]):
    """Records of one entity of a plugin, newest first."""

    collection = "plugin_record"
    model = AnyPluginRecord
    noun = "record"
    order = ("-created_at",)
    entity: ClassVar[str] = ""

    def _select(self, project_id: str) -> dict[str, Any]:
        return {"project_id": project_id, "entity": self.entity}


def make_repository(entity: str, model: type[PluginRecord]) -> type[PluginRecordRepository]:
    """Return the repository of an entity of a plugin."""
    members = {"entity": entity, "noun": entity.replace("-", " "), "model": model}
    return type(f"{model.__name__}Repository", (PluginRecordRepository,), members)
