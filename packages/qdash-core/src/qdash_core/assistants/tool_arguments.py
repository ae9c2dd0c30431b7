"""Arguments of tools: models, common fields, checks, and schemas for language models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import GivenTime
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.targets import parse_target_id

if TYPE_CHECKING:
    from collections.abc import Mapping

Name = Annotated[str, Field(min_length=1, max_length=128)]
ChipName = Annotated[
    str | None,
    Field(
        default=None, min_length=1, max_length=128, description="Chip; default: the chip of the conversation."
    ),
]
Target = Annotated[
    str,
    Field(min_length=1, max_length=64, description="Qubit such as 3, or coupling such as 3-4."),
    AfterValidator(parse_target_id),
]
Targets = Annotated[
    tuple[str, ...],
    Field(default=(), max_length=200, description="Qubits and couplings such as 3 and 3-4; default: all."),
    AfterValidator(lambda given: parse_targets(given) if given else ()),
]
Names = Annotated[tuple[Name, ...], Field(default=(), max_length=50)]
Since = Annotated[
    GivenTime | None,
    Field(default=None, description="Start of the period, with a time zone: 2026-11-25T18:00:00Z."),
]
Until = Annotated[GivenTime | None, Field(default=None, description="End of the period, with a time zone.")]
Words = Annotated[
    str | None,
    Field(
        default=None, min_length=1, max_length=200, description="Words that the text contains, in any order."
    ),
]
Limit = Annotated[int, Field(default=20, ge=1, le=50, description="Maximum number of entries.")]
After = Annotated[
    str | None, Field(default=None, max_length=4096, description="`next` of the previous result, to read on.")
]


class ToolArguments(BaseModel):
    """Arguments of a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ChipArguments(ToolArguments):
    """A chip."""

    chip_id: ChipName


class PageArguments(ToolArguments):
    """A page of a list."""

    limit: Limit
    after: After


A = TypeVar("A", bound=ToolArguments)
_LEFT_OUT = ("title", "minLength", "maxLength", "maxItems")
"""Keywords omitted for models; QDash validates the arguments anyway."""


def make_schema(arguments: type[ToolArguments]) -> dict[str, Any]:
    """Return the JSON schema of arguments, shortened, since it costs tokens in each request to a model.

    Optional arguments do not list `null`: a model omits them.
    """
    schema = arguments.model_json_schema()
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
    if not schema.get("default"):
        schema.pop("default", None)
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
