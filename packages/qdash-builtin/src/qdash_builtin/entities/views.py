"""View models of the records of entities."""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, cast

from pydantic import Field, create_model

from qdash_builtin.attachments.views import AttachmentDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.documents.note_texts import WrittenNote

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from qdash_builtin.entities.entity import Entity


@cache
def get_view_model(entity: Entity[Any]) -> type[Document]:
    """Return the view model of the records of an entity, made from its model if none is written out."""
    if entity.view_model:
        return cast("type[Document]", resolve_name(entity.view_model))
    model = entity.model
    config = {"json_schema_extra": {"examples": [dict(entity.example)]}}
    fields: dict[str, Any] = {
        name: _make_field(name, model.model_fields[name]) for name in entity.visible_fields
    }
    return create_model(
        f"{entity.schema_name}Document",
        __base__=type("Exampled", (Document,), {"model_config": config, "__module__": __name__}),
        __module__=__name__,
        __doc__=f"{entity.article.capitalize()} {entity.noun}.",
        **fields,
    )


def _make_field(name: str, field: FieldInfo) -> tuple[Any, Any]:
    """Return the type of a field and its default: None for what may be absent, else none."""
    if name == "attachments":
        return list[AttachmentDocument], Field(default=[], description="Files of the record, by name.")
    if name == "note":
        return WrittenNote, Field(default=None, description="Absent if no note was ever written.")
    if field.default == "":
        return OmitEmpty[str], None  # type: ignore[misc]  # an alias of a generic type
    return field.annotation, None if field.default is None else ...
