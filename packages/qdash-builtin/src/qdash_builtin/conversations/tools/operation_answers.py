"""Tools of answers that are operations: those that are marked `for_answers`, as one user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.tool_arguments import shorten_schema
from qdash_builtin.conversations.tools.operation_tool import make_tools
from qdash_builtin.conversations.tools.record_citations import add_citations, cite_chip, cite_value
from qdash_builtin.conversations.tools.rounded_numbers import round_numbers
from qdash_builtin.conversations.tools.shown_references import CITE
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.assistants import AssistantTool, ToolResult
from qdash_core.models.targets import parse_target_id
from qdash_core.operations.local_transport import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.conversations.tools.operation_tool import OperationTool
    from qdash_core.documents.base import Document
    from qdash_core.models.access import Access
    from qdash_core.operations.required_role import RequiredRole
    from qdash_core.operations.transport import Transport
    from qdash_core.runtime.application import QDash

_CHIP = "chip_id"


def make_operation_tools(qdash: QDash, access: Access, chip_id: str) -> list[AssistantTool]:
    """Return the tools of the operations that are marked for answers: those of the core, and of plugins. None changes anything.

    Calls that name no chip are about `chip_id`, which is empty if the conversation is about none.
    """
    transport = LocalTransport(qdash, access.username, access.project_id, trusted_files=False)
    tools = make_tools(qdash.registry.operations()).values()
    return [
        _make_tool(one, transport, chip_id)
        for one in tools
        if one.operation.for_answers and not one.changes and _may_ask(access, one.operation.needs)
    ]


def _may_ask(access: Access, needs: RequiredRole) -> bool:
    """Return whether the role of a user, which a token may limit, permits an operation on the record of the project."""
    return needs.role is not None and access.role.includes(needs.role)


def _make_tool(tool: OperationTool, transport: Transport, chip_id: str) -> AssistantTool:
    schema = tool.schema
    is_on_chip = _CHIP in schema.get("required", ())
    if is_on_chip:
        described = {**schema["properties"][_CHIP], "description": "Chip; default: that of the conversation."}
        schema = {
            **schema,
            "properties": {**schema["properties"], _CHIP: described},
            "required": [one for one in schema["required"] if one != _CHIP],
        }

    def call(given: Mapping[str, Any]) -> ToolResult:
        if is_on_chip and _CHIP not in given:
            if not chip_id:
                raise InvalidInputError(
                    "the conversation has no chip: name one of those that `list_chips` returns"
                )
            given = {**given, _CHIP: chip_id}
        answer = tool.ask(transport, given, lambda document: _write(document, given, is_on_chip=is_on_chip))
        return ToolResult({"text": answer} if isinstance(answer, str) else answer)

    return AssistantTool(tool.operation.name, tool.operation.description, shorten_schema(schema), call)


def _write(document: Document, given: Mapping[str, Any], *, is_on_chip: bool) -> dict[str, Any]:
    """Return a document with citations and rounded numbers; that of a chip cites the chip, or the value that it is about."""
    chip_id = str(given[_CHIP]) if is_on_chip else ""
    written: dict[str, Any] = round_numbers(add_citations(document, chip_id))
    if not is_on_chip or CITE in written:
        return written
    match given:
        case {"target": str(target), "metric": str(metric)}:
            return {CITE: cite_value(chip_id, parse_target_id(target), metric), **written}
    return {CITE: cite_chip(chip_id), **written}
