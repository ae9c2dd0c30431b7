"""Reading tool that is no operation: arguments, and a JSON document of limited size with citations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_builtin.conversations.tool_arguments import ToolArguments, make_schema, parse_arguments
from qdash_builtin.conversations.tools.document_size import fit_document
from qdash_builtin.conversations.tools.rounded_numbers import round_numbers
from qdash_core.hooks.assistants import AssistantTool, ToolResult
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


A = TypeVar("A", bound=ToolArguments)


def cite(kind: str, name: object) -> str:
    """Return the citation of a record for the result of a tool."""
    return str(Reference(kind, str(name)))


@dataclass(frozen=True, slots=True)
class ReadingTool(Generic[A]):
    """Tool that reads, before it is bound to a user.

    Parameters
    ----------
    name, description : str
        For the model.
    draws : bool
        Whether the result has pictures: only models that accept images get the tool.
    """

    name: str
    description: str
    arguments: type[A]
    read: Callable[[QDash, Access, A], Mapping[str, Any] | ToolResult]
    draws: bool = False

    def bind(self, qdash: QDash, access: Access) -> AssistantTool:
        """Return the tool for one user."""

        def call(arguments: Mapping[str, Any]) -> ToolResult:
            found = self.read(qdash, access, parse_arguments(self.name, self.arguments, arguments))
            result = found if isinstance(found, ToolResult) else ToolResult(found)
            return replace(result, document=fit_document(round_numbers(dict(result.document))))

        return AssistantTool(self.name, self.description, make_schema(self.arguments), call, self.draws)
