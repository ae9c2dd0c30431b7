"""Repository of the records of plugins."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from qdash_core.models.plugin_record import PluginRecord
from qdash_core.repositories.keyed import KeyedRepository

P = TypeVar("P", bound=PluginRecord)


class PluginRecordRepository(KeyedRepository[P]):
    """Records of one entity of a plugin, newest first."""

    collection = "plugin_record"
    order = ("-created_at",)
    entity: ClassVar[str]

    def _select(self, project_id: str) -> dict[str, Any]:
        return {"project_id": project_id, "entity": self.entity}


def make_repository(entity: str, model: type[P]) -> type[PluginRecordRepository[P]]:
    """Return the repository of an entity of a plugin."""
    return type(
        f"{model.__name__}Repository",
        (PluginRecordRepository,),
        {"entity": entity, "noun": entity.replace("-", " "), "model": model},
    )
