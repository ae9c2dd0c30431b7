"""Arguments of tools: models, checks, and schemas for language models."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error

if TYPE_CHECKING:
    from collections.abc import Mapping


class ToolArguments(BaseModel):
    """Arguments of a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=BaseModel)
_LEFT_OUT = ("title", "minLength", "maxLength", "maxItems", "pattern")
"""Keywords omitted for models; QDash validates the arguments anyway."""


def make_schema(arguments: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of arguments, shortened."""
    return shorten_schema(arguments.model_json_schema())


def shorten_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON schema of arguments without parts that a model does not need, since it costs tokens in each request.

    Optional arguments do not list `null`: a model omits them.
    """
    schema = deepcopy({**given})
    for one in (schema, *schema.get("$defs", {}).values()):
        one.pop("description", None)
        _shorten(one)
    return schema


def _shorten(schema: dict[str, Any]) -> None:
    match schema:
        case {"anyOf": [one, {"type": "null"}]}:
            del schema["anyOf"]
            schema |= one
    for name in _LEFT_OUT:
        schema.pop(name, None)
    for name in ("default", "required"):
        if not schema.get(name):
            schema.pop(name, None)
    for one in schema.get("properties", {}).values():
        _shorten(one)
    if "items" in schema:
        _shorten(schema["items"])


def parse_arguments(tool: str, model: type[A], given: Mapping[str, Any]) -> A:
    """Return checked arguments of a tool; raise InvalidInputError with the first fault."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        where, message = find_first_error(error)
        place = f"{where}: " if where else ""
        is_known = where.partition(".")[0] in ("", *model.model_fields)
        known = "" if is_known else f" (known: {', '.join(model.model_fields) or 'none'})"
        raise InvalidInputError(f"arguments of tool {tool}: {place}{message}{known}") from error
