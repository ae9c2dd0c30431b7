"""View models of the records of entities, made from their declarations."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, create_model

from qdash_core.documents.base import Document
from qdash_core.documents.notes import NoteText

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from qdash_core.entities.entity import Entity
    from qdash_core.models.base import Record


class RecordDocument(Document):
    """A record of an entity. Empty texts are absent."""

    @classmethod
    def from_record(cls, record: Record) -> Self:
        """Return the view model of a record."""
        values = {name: getattr(record, name) for name in cls.model_fields}
        if "note" in values:
            values["note"] = NoteText.from_note(values["note"])
        return cls(**{name: None if value == "" else value for name, value in values.items()})


@cache
def make_document(entity: Entity[Any]) -> type[RecordDocument]:
    """Return the view model of the records of an entity."""
    if entity.document:
        module, _, name = entity.document.partition(":")
        found: type[RecordDocument] = getattr(import_module(module), name)
        return found
    model = entity.model
    fields: dict[str, Any] = {name: _make_field(name, model.model_fields[name]) for name in entity.shown}
    base = type(
        "RecordDocument",
        (RecordDocument,),
        {"model_config": {"json_schema_extra": {"examples": [dict(entity.example)]}}, "__module__": __name__},
    )
    return create_model(
        f"{entity.schema_name}Document",
        __base__=base,
        __module__=__name__,
        __doc__=f"{entity.article.capitalize()} {entity.noun}.",
        **fields,
    )


def _make_field(name: str, field: FieldInfo) -> tuple[Any, Any]:
    """Return the type of a field and its default: None for what may be absent, else none."""
    if name == "note":
        return NoteText | None, Field(default=None, description="Absent if no note was ever written.")
    if field.default == "":
        return field.annotation | None, None  # type: ignore[operator]  # pydantic types it as a type
    return field.annotation, None if field.default is None else ...
