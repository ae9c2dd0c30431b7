"""Base classes of view models: frozen, with absent fields left out of the JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, cast

from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


_T = TypeVar("_T")

OmitEmpty = Annotated[_T | None, BeforeValidator(lambda value: value or None)]
"""A value, or None if it is empty or false in the record."""


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table of view models, or line of the text of one.

    `wraps` tells whether the text of the field may be wrapped; not that which people copy, such as an id.
    """

    header: str
    field: str
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class CitedPart:
    """View model, or part of one, that answers of assistants cite as a record.

    In the format of its `id`, `{chip_id}` is that of the view model or of the one around it, other names are fields
    of the view model or part, and numbers the names at each `*`. It is not cited if one of them is unknown. `path`
    has the fields that lead to the part, with `*` for each name of a mapping, such as `qubits.*.*`; only parts with a
    `value` are cited. It is empty for the view model itself.
    """

    kind: str
    id: str
    path: str = ""


class Document(BaseModel):
    """View model that an interface renders.

    An unknown value is None here, and absent in the JSON. A field is made from the attribute of the record with its
    name. `validation_alias` names another one, as an `AliasPath`, since any other alias changes the schema.

    Attributes
    ----------
    text_columns
        What commands print of it; without columns, all fields.
    cited_as
        What answers of assistants cite of it.
    """

    text_columns: ClassVar[tuple[Column, ...]] = ()
    cited_as: ClassVar[tuple[CitedPart, ...]] = ()

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        populate_by_name=True,
        defer_build=True,  # built on first use
    )

    @property
    def printed(self) -> Document | Sequence[Any]:
        """Part that commands print: the view model itself, or one or the list in it."""
        return self

    def as_json(self) -> dict[str, Any]:
        """Return the view model as plain JSON values, without absent fields."""
        return self.model_dump(mode="json", exclude_none=True)

    def as_json_text(self) -> str:
        """Return `as_json` as indented text, many times faster for a large view model."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"

    @classmethod
    def from_record(cls, record: object, **further: Any) -> Self:
        """Return the view model of a record, and of records inside it; further fields replace its attributes."""
        if not further:
            return cls.model_validate(record)
        fields = cls.__pydantic_fields__
        assert further.keys() <= fields.keys(), further
        for name, value in [*further.items()]:
            if isinstance(path := fields[name].validation_alias, AliasPath):
                further[str(path.path[0])] = value  # where validation looks first
        return cls.model_validate(_Overlay(record, further))

    @classmethod
    def _create_unchecked(cls, **fields: Any) -> Self:
        """Return a view model without validation, for thousands of parts with known types."""
        return cast("Self", cls.model_construct(**fields))


class _Overlay:
    """The attributes of a record, and others that replace them."""

    def __init__(self, record: object, further: Mapping[str, Any]) -> None:
        if isinstance(record, BaseModel):
            vars(self).update(vars(record))  # faster than `__getattr__` for each field
        vars(self).update(further, _record=record)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


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
