"""Repository of the records of plugins."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError

from qdash_builtin.entities.model import AnyPluginRecord, PluginRecord
from qdash_core.errors import NotFoundError, StoreError
from qdash_core.models.error_messages import find_first_error
from qdash_core.repositories.keyed_repository import KeyedRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_core.models.pages import Page, PageRequest

logger = logging.getLogger(__name__)


class PluginRecordRepository(KeyedRepository[Any]):
    """Records of one entity of a plugin, newest first.

    A record that an older version of the plugin has written, and that does not fit its model any more, is left out of lists with a warning.
    """

    collection = "plugin_record"
    model = AnyPluginRecord
    noun = "record"
    order = ("-created_at",)
    entity: ClassVar[str] = ""
    entity_model: ClassVar[type[PluginRecord]] = AnyPluginRecord

    def find(self, project_id: str, record_id: str) -> Any:
        """Return a record, or None; StoreError if it does not fit the model of the plugin."""
        found = super().find(project_id, record_id)
        return None if found is None else self._convert(found)

    def require(self, project_id: str, record_id: str) -> Any:
        """Return a record; NotFoundError if there is none."""
        found = self.find(project_id, record_id)
        if found is None:
            raise NotFoundError(f"there is no {self.noun} {record_id!r} in project {project_id}")
        return found

    def list_by_project(self, project_id: str) -> list[Any]:
        """Return the records of a project."""
        return list(self._iter_fitting(super().list_by_project(project_id)))

    def page(self, project_id: str, request: PageRequest, **where: Any) -> Page[Any]:
        """Return a page of the records of a project with these values of fields, or values in these ranges."""
        found = super().page(project_id, request, **where)
        return replace(found, items=list(self._iter_fitting(found.items)))

    def _meets(self, record: Any, conditions: Mapping[str, Any]) -> bool:
        return any(
            super(PluginRecordRepository, self)._meets(one, conditions)
            for one in self._iter_fitting([record])
        )

    def _iter_fitting(self, found: Iterable[AnyPluginRecord]) -> Iterator[PluginRecord]:
        for one in found:
            try:
                yield self._convert(one)
            except StoreError as error:
                logger.warning("left out: %s", error)

    def _convert(self, found: AnyPluginRecord) -> PluginRecord:
        try:
            return self.entity_model.model_validate(found.to_document())
        except ValidationError as error:
            place, why = find_first_error(error)
            raise StoreError(
                f"{self.noun} {found.record_id} does not fit the model of its plugin ({place}: {why}): in the plugin, give a new field a "
                "default, and keep a removed one without Editable"
            ) from error

    def _select(self, project_id: str) -> dict[str, Any]:
        return {"project_id": project_id, "entity": self.entity}


def make_repository(entity: str, model: type[PluginRecord]) -> type[PluginRecordRepository]:
    """Return the repository of an entity of a plugin."""
    members = {"entity": entity, "noun": entity.replace("-", " "), "entity_model": model}
    return type(f"{model.__name__}Repository", (PluginRecordRepository,), members)
