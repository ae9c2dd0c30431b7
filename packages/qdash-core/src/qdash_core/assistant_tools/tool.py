"""Tool of an assistant: arguments, one reading service, and a JSON document of limited size with citations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from qdash_core.assistant_tools.fitting import fit_document, write_compact
from qdash_core.assistants.citations import LONGEST_REFERENCE, Reference
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.assistants import AssistantTool
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
    """Whom and what the tools of one answer read for.

    Parameters
    ----------
    qdash : QDash
        The open application.
    access : Access
        The user who asks, and the project. Every service gets it.
    chip_id : str or None
        Chip of the conversation, which tools use if no other one is named.
    shown : set of Reference
        References that the results of tools contained so far.
    """

    qdash: QDash
    access: Access
    chip_id: str | None = None
    shown: set[Reference] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool.

    Parameters
    ----------
    scope : ToolScope
        The tools' scope.
    cited : list of Reference
        References in the result.
    """

    scope: ToolScope
    cited: list[Reference] = field(default_factory=list)

    @property
    def qdash(self) -> QDash:
        """The open application."""
        return self.scope.qdash

    @property
    def access(self) -> Access:
        """The user who asks, and the project."""
        return self.scope.access

    def get_chip(self, chip_id: str | None) -> str:
        """Return a named chip or that of the conversation; raise InvalidInputError if there is neither."""
        found = chip_id or self.scope.chip_id
        if found is None:
            raise InvalidInputError(
                "the conversation has no chip: name one of those that `list_chips` returns"
            )
        return found

    def cite(self, kind: CitationKind, name: object) -> str:
        """Return the citation of a record in the result; empty if its id cannot be cited."""
        if len(str(name)) > LONGEST_REFERENCE:
            return ""
        reference = Reference(kind, str(name))
        self.cited.append(reference)
        return str(reference)


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
    read: Callable[[ToolCall, A], Mapping[str, Any]]

    def bind(self, scope: ToolScope) -> AssistantTool:
        """Return the tool for one user."""

        def call(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
            made = ToolCall(scope)
            document = fit_document(self.read(made, parse_arguments(self.name, self.arguments, arguments)))
            text = write_compact(document)
            scope.shown.update(one for one in made.cited if str(one) in text)
            scope.shown.update(_iter_references(document))
            return document

        return AssistantTool(self.name, self.description, make_schema(self.arguments), call)


_ID_FIELDS = {
    "task_id": CitationKind.RESULT,
    "refit_of": CitationKind.RESULT,
    "rerun_of": CitationKind.RESULT,
    "execution_id": CitationKind.EXECUTION,
    "issue_id": CitationKind.ISSUE,
}
"""Fields of view models whose ids may be cited."""


def _iter_references(value: object) -> Iterator[Reference]:
    """Yield the references to records whose ids are fields of a document."""
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str) and name in _ID_FIELDS:
                yield Reference(_ID_FIELDS[name], one)
            else:
                yield from _iter_references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _iter_references(one)


def make_schema(arguments: type[ToolArguments]) -> dict[str, Any]:
    """Return the JSON schema of arguments, without titles, which tell a model nothing."""
    schema = arguments.model_json_schema()
    for one in schema.get("properties", {}).values():
        one.pop("title", None)
    schema.pop("title", None)
    schema.pop("description", None)
    return schema


def parse_arguments(tool: str, model: type[A], given: Mapping[str, Any]) -> A:
    """Return checked arguments of a tool; raise InvalidInputError with the first fault."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        where, message = find_first_error(error)
        raise InvalidInputError(f"arguments of tool {tool}: {where or 'they'}: {message}") from error
