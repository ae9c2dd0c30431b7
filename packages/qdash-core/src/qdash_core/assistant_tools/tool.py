"""Tool of an assistant: arguments, one reading service, and a JSON document of limited size with citations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from qdash_core.assistant_tools.document_size import fit_document
from qdash_core.assistant_tools.rounded_numbers import round_numbers
from qdash_core.assistants.citations import Reference, parse_references
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.assistants import AssistantTool, ResultWithPictures
from qdash_core.models.citation import CitationKind
from qdash_core.models.error_messages import find_first_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qdash_core.application import QDash
    from qdash_core.models.access import Access


class ToolArguments(BaseModel):
    """Arguments of a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)


A = TypeVar("A", bound=ToolArguments)


@dataclass(frozen=True, slots=True)
class ToolScope:
    """User, project and chip of the tools of an answer.

    Parameters
    ----------
    qdash : QDash
        The open application.
    access : Access
        The user who asks, and the project. Every service gets it.
    chip_id : str or None
        Chip of the conversation, which tools use if no other one is named.
    """

    qdash: QDash
    access: Access
    chip_id: str | None = None

    def get_chip(self, chip_id: str | None) -> str:
        """Return a named chip or that of the conversation; raise InvalidInputError if there is neither."""
        found = chip_id or self.chip_id
        if found is None:
            raise InvalidInputError(
                "the conversation has no chip: name one of those that `list_chips` returns"
            )
        return found


def cite(kind: CitationKind, name: object) -> str:
    """Return the citation of a record for the result of a tool."""
    return str(Reference(kind, str(name)))


@dataclass(frozen=True, slots=True)
class ReadingTool(Generic[A]):
    """Tool that reads, before it is bound to a user.

    Parameters
    ----------
    name, description : str
        For the model.
    arguments : type of ToolArguments
        Model of the arguments.
    read : callable
        Reads one document.
    """

    name: str
    description: str
    arguments: type[A]
    read: Callable[[ToolScope, A], Mapping[str, Any]]

    def bind(self, scope: ToolScope) -> AssistantTool:
        """Return the tool for one user."""

        def call(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
            document = self.read(scope, parse_arguments(self.name, self.arguments, arguments))
            fitted = fit_document(round_numbers(dict(document)))
            if isinstance(document, ResultWithPictures):
                return ResultWithPictures(fitted, document.pictures)
            return fitted

        return AssistantTool(self.name, self.description, make_schema(self.arguments), call)


CITE = "cite"
"""Field with the citation of the record that a part of a result shows."""
_ID_FIELDS = {
    "task_id": CitationKind.RESULT,
    "refit_of": CitationKind.RESULT,
    "rerun_of": CitationKind.RESULT,
    "execution_id": CitationKind.EXECUTION,
    "issue_id": CitationKind.ISSUE,
}
"""Fields of view models whose ids may be cited."""


def find_shown_references(result: object) -> Iterator[Reference]:
    """Yield the references to records in the result of a tool: its citations, and the ids of records in its fields.

    Texts of users within the result are not searched.
    """
    if isinstance(result, dict):
        if result.keys() >= {"kind", "id"} and result["kind"] in [*CitationKind]:  # sources of explanations
            yield Reference(CitationKind(result["kind"]), str(result["id"]))
        for name, one in result.items():
            if isinstance(one, str) and name in _ID_FIELDS:
                yield Reference(_ID_FIELDS[name], one)
            elif isinstance(one, str) and name == CITE:
                yield from parse_references(one)
            else:
                yield from find_shown_references(one)
    elif isinstance(result, list):
        for one in result:
            yield from find_shown_references(one)


_LEFT_OUT = ("title", "minLength", "maxLength", "maxItems")
"""Keywords that do not help a model: the arguments are checked all the same."""


def make_schema(arguments: type[ToolArguments]) -> dict[str, Any]:
    """Return the JSON schema of arguments, shortened, since it costs tokens in each request to a model.

    An absent argument is left out; that it may also be null is not said.
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
        raise InvalidInputError(f"arguments of tool {tool}: {where or 'they'}: {message}") from error
