"""View models of the records of entities."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, create_model

from qdash_core.documents.base import Column, Document, OmitEmpty
from qdash_core.documents.cooldowns import CryostatDocument
from qdash_core.documents.notes import WrittenNote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

    from qdash_core.entities.entity import Entity


class AttachmentDocument(Document):
    """File of a record."""

    name: str
    media_type: str
    size: int
    """Size in bytes."""
    sha256: str
    username: str
    """User who attached it."""
    attached_at: datetime

    text_columns: ClassVar = (
        Column("ATTACHMENT", "name", wraps=True),
        Column("TYPE", "media_type"),
        Column("BYTES", "size"),
        Column("BY", "username"),
        Column("ATTACHED", "attached_at"),
    )


_WRITTEN: Mapping[str, type[Document]] = {"cryostat": CryostatDocument}
"""View models of QDash's own entities, with the types that clients check."""


@cache
def get_view_model(entity: Entity[Any]) -> type[Document]:
    """Return the view model of the records of an entity, made from its model if none is written out."""
    if not entity.is_of_plugin:
        return _WRITTEN[entity.name]
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
