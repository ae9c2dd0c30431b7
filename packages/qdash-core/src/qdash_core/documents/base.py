"""Base classes of view models: frozen, with absent fields left out of the JSON."""

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
    """View model that an interface renders, made from stored models by a class method, with an example in its
    schema.

    An unknown value is None here, and absent in the JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built on first use

    def as_json(self) -> dict[str, Any]:
        """Return the view model as plain JSON values, without absent fields."""
        return self.model_dump(mode="json", exclude_none=True)

    def as_json_text(self) -> str:
        """Return `as_json` as indented text, many times faster for a large view model."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    @classmethod
    def _copy_fields(cls, record: BaseModel, **further: Any) -> Self:
        """Return a view model with the fields that it shares with a record, and further ones."""
        return cls(**{name: value for name, value in record if name in cls.model_fields}, **further)

    @classmethod
    def _create_unchecked(cls, **fields: Any) -> Self:
        """Return a view model without validation, for thousands of parts with known types."""
        return cast("Self", cls.model_construct(**fields))


class ExplicitDocument(Document):
    """View model whose required fields are always in the JSON, as null if unknown."""

    @model_serializer(mode="wrap")
    def _with_nulls(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        known: Mapping[str, Any] = serialize(self)
        fields = type(self).model_fields.items()
        return {name: known.get(name) for name, field in fields if name in known or field.is_required()}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of the fields, which pydantic cannot derive from the serializer function."""
        return handler(_remove_serializer(schema))


def _remove_serializer(schema: Any) -> Any:
    """Return the schema of a model without its serializer, inside any validators around it."""
    kept = {name: value for name, value in schema.items() if name != "serialization"}
    if kept["type"].startswith("function-"):
        kept["schema"] = _remove_serializer(kept["schema"])
    return kept
