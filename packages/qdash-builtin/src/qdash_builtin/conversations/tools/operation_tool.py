"""Tool of an operation: a schema of its arguments, their check, and a result of limited size."""

from __future__ import annotations

import inspect
import json
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field, ValidationError, create_model
from pydantic.json_schema import GenerateJsonSchema

from qdash_builtin.conversations.tools.document_size import MOST_CHARACTERS, fit_document, write_compact
from qdash_core.documents.field_descriptions import describe_field
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.pages import LARGEST_PAGE, LONGEST_CURSOR
from qdash_core.operations.answers import TextAnswer
from qdash_core.operations.operation import CallOptions
from qdash_core.operations.parameters import Place, list_parameters
from qdash_core.repositories.request_keys import LONGEST_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode, JsonSchemaValue
    from pydantic_core.core_schema import CoreSchema, ModelSchema

    from qdash_core.operations.operation import Operation, Operations
    from qdash_core.operations.parameters import Parameter
    from qdash_core.operations.transport import Transport

_Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Maximum number of items.")]
_After = Annotated[
    str | None,
    Field(
        max_length=LONGEST_CURSOR,
        description="`next` of the previous result, to read on. A result that would be too large has fewer items.",
    ),
]
_Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=LONGEST_KEY,
        pattern="^[ -~]+$",
        description="A new UUID for each change: a repeated call with the same one, as after a lost answer, changes nothing more.",
    ),
]
_ITEMS = 20
"""Usual number of items of a list."""
_OPTIONS = {"limit": "limit", "after": "after", "idempotency_key": "key"}
"""Options of a call, by the names of the arguments that set them."""


def make_tools(declared: Iterable[Operations]) -> dict[str, OperationTool]:
    """Return the tools of those operations that are marked for assistants, by name."""
    return {one.name: tool for operations in declared for one, tool in _list_tools(operations)}


@cache
def _list_tools(declared: Operations) -> list[tuple[Operation[..., Any], OperationTool]]:
    return [(one, OperationTool(one)) for one in declared.declared if one.for_assistants]


@dataclass(frozen=True)
class OperationTool:
    """Tool of an operation."""

    operation: Operation[..., Any]

    @property
    def changes(self) -> bool:
        """True if the tool changes something."""
        return not self.operation.reads

    @property
    def overwrites(self) -> bool:
        """True if the tool changes or removes something that exists."""
        return self.changes and not (self.operation.method == "POST" and self.operation.status in (201, 202))

    @cached_property
    def schema(self) -> dict[str, Any]:
        """JSON schema of the arguments."""
        return self._arguments.model_json_schema(schema_generator=_SchemaGenerator)

    def call(self, transport: Transport, given: Mapping[str, Any]) -> str:
        """Perform the operation with these arguments, and return its answer as `ask` does: as compact JSON, or a text."""
        answer = self.ask(transport, given)
        return answer if isinstance(answer, str) else write_compact(answer)

    def ask(
        self,
        transport: Transport,
        given: Mapping[str, Any],
        write: Callable[[Any], dict[str, Any]] = lambda answer: answer.as_json(),
    ) -> dict[str, Any] | str:
        """Perform the operation with these arguments, and return its answer in limited size: a JSON object, or a text.

        Raises
        ------
        InvalidInputError
            If an argument is missing, unknown or not valid.
        QDashError
            If the operation refuses, or fails.
        """
        sent = self._read_arguments(given)
        options = CallOptions(**{_OPTIONS[name]: sent.pop(name) for name in self._option_fields})
        sent |= {one.name: transport.project_id for one in list_parameters(self.operation) if one.is_project}
        answer = transport.ask(replace(self.operation, options=options), **sent)
        if answer is None:
            return "done"
        if isinstance(answer, TextAnswer):
            return answer.text if len(answer.text) <= MOST_CHARACTERS else _cut(answer.text)
        written = write(answer)
        while isinstance(answer, PageOf) and len(answer.items) > 1 and _is_too_large(written):
            # the cursor of a shorter page continues where it ends
            options = replace(options, limit=len(answer.items) // 2)
            answer = transport.ask(replace(self.operation, options=options), **sent)
            written = write(answer)
        return fit_document(written)

    def _read_arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of the operation, and those that are options of the call."""
        found: dict[str, Any] = {}
        try:
            # As JSON: there, strict fields accept the text of a time.
            checked = self._arguments.model_validate_json(json.dumps(given, allow_nan=False))
            for one in list_parameters(self.operation):
                if one.place is Place.FILTERS:
                    own = {name: value for name, value in given.items() if name in one.kind.model_fields}
                    found[one.name] = one.kind.model_validate_json(json.dumps(own))
                elif (name := _get_name(one)) in checked.model_fields_set:
                    found[one.name] = getattr(checked, name)
        except ValidationError as error:
            place, message = find_first_error(error)
            known = self.schema["properties"]
            named = (
                "" if place.partition(".")[0] in ("", *known) else f" (known: {', '.join(known) or 'none'})"
            )
            raise InvalidInputError(f"{': '.join(filter(None, (place, message)))}{named}") from None
        except ValueError as error:
            raise InvalidInputError(f"the arguments are not JSON: {error}") from None
        return found | {name: getattr(checked, name) for name in self._option_fields}

    @cached_property
    def _arguments(self) -> type[BaseModel]:
        """Model of the arguments: parameters of path and query, filters, and the body as one object."""
        fields: dict[str, Any] = dict(self._option_fields)
        for one in list_parameters(self.operation):
            if one.place is Place.FILTERS:
                for name, field in one.kind.model_fields.items():
                    own = copy(field)
                    own.description = describe_field(one.kind, name) or None
                    fields[name] = (field.annotation, own)
            elif not one.is_project:
                default = ... if one.default is inspect.Parameter.empty else one.default
                fields[_get_name(one)] = (one.kind, default)
        model: type[BaseModel] = create_model(
            self.operation.name, __config__=ConfigDict(extra="forbid"), **fields
        )
        return model

    @property
    def _option_fields(self) -> dict[str, tuple[Any, Any]]:
        """Arguments that are options of the call."""
        page = {"limit": (_Limit, _ITEMS), "after": (_After, None)} if self.operation.is_listed else {}
        return page | ({"idempotency_key": (_Key, None)} if self.operation.idempotent else {})


def _get_name(parameter: Parameter) -> str:
    """Return the name of an argument that is no filter."""
    return "body" if parameter.place is Place.BODY else parameter.name


def _is_too_large(document: Mapping[str, Any]) -> bool:
    return len(write_compact(document)) > MOST_CHARACTERS


def _cut(text: str) -> str:
    return f"{text[:MOST_CHARACTERS]}… ({len(text) - MOST_CHARACTERS} more characters)"


class _SchemaGenerator(GenerateJsonSchema):
    """Generator of schemas without titles, with the docstrings of fields as descriptions."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """Return the schema of the arguments of a tool."""
        made = super().generate(schema, mode)
        for one in (made, *made.get("$defs", {}).values()):
            one.pop("title", None)
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the library's signature
        """Return False."""
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Return the schema of a model, without the description of the class."""
        made = super().model_schema(schema)
        made.pop("description", None)
        for name in schema["cls"].model_fields:
            if (text := describe_field(schema["cls"], name)) and name in made.get("properties", {}):
                made["properties"][name].setdefault("description", text)
        return made
