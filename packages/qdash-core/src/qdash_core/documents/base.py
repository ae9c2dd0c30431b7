"""What every document is: a frozen model, whose JSON leaves out what is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class Document(BaseModel):
    """Something that a door shows. Made from stored models by `of`, with an example in its schema.

    What is not known is None here, and absent in the JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # a command builds what it shows

    def as_json(self) -> dict[str, Any]:
        """Return the document as plain JSON values, without what is absent."""
        return self.model_dump(mode="json", exclude_none=True)

    def as_json_text(self) -> str:
        """Return `as_json` as text, indented: made at once, of a large document in a fraction of the time."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    @classmethod
    def _like(cls, record: BaseModel, **further: Any) -> Self:
        """Return the document with the fields that a record has under the same names, and further ones."""
        return cls(**{name: value for name, value in record if name in cls.model_fields}, **further)

    @classmethod
    def _unchecked(cls, **fields: Any) -> Self:
        """Return the document with fields that are known to be right: where there are thousands of parts."""
        return cast("Self", cls.model_construct(**fields))


class ExplicitDocument(Document):
    """A document in which every field without a default is there: null where there is nothing."""

    @model_serializer(mode="wrap")
    def _with_nulls(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        known: Mapping[str, Any] = serialize(self)
        fields = type(self).model_fields.items()
        return {name: known.get(name) for name, field in fields if name in known or field.is_required()}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of the fields: of what a function writes nothing else is known than that it is a mapping."""
        return handler(_without_serializer(schema))


def _without_serializer(schema: Any) -> Any:
    """Return the schema of a model without the function that writes it, whatever validators are around the model."""
    kept = {name: value for name, value in schema.items() if name != "serialization"}
    if kept["type"].startswith("function-"):
        kept["schema"] = _without_serializer(kept["schema"])
    return kept
