"""Server of the Model Context Protocol, whose tools are operations."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp import types
from mcp.server import Server
from mcp.shared.exceptions import MCPError

from qdash_core.errors import QDashError
from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from mcp.server import ServerRequestContext

    from qdash_builtin.conversations.tools.operation_tool import OperationTool
    from qdash_core.operations.transport import Transport

    Connect = Callable[[ServerRequestContext[Any, Any]], AbstractContextManager[Transport]]
    """Function that returns the transport of a request."""

_INSTRUCTIONS = (
    "QDash calibrates superconducting quantum processors. list_chips names the chips, chip_attention tells what is wrong with "
    "one, show_chip_context_page and show_digest summarize it, and list_results lists what was measured. Lists go on with "
    "`after`, the `next` of the previous result."
)


def make_server(
    tools: Mapping[str, OperationTool], connect: Connect, *, allows_changes: bool
) -> Server[dict[str, Any]]:
    """Return a server of tools; `connect` returns the transport of a request, and checks the role of its user."""
    served = {name: one for name, one in tools.items() if allows_changes or not one.changes}

    async def list_tools(_request: ServerRequestContext[Any, Any], _params: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_describe(name, one) for name, one in served.items()])

    async def call_tool(
        request: ServerRequestContext[Any, Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        if params.name not in tools:
            raise MCPError(types.INVALID_PARAMS, f"there is no tool {params.name}")
        if params.name not in served:
            return _answer(
                f"{params.name} changes something: `qdash mcp --allow-changes` has it", is_error=True
            )

        def call() -> str:
            with connect(request) as transport:
                return served[params.name].call(transport, params.arguments or {})

        try:
            return _answer(await anyio.to_thread.run_sync(call))
        except QDashError as error:
            return _answer(str(error), is_error=True)
        except Exception as error:
            logging.getLogger(__name__).exception("tool %s failed", params.name)
            return _answer(
                f"unexpected {type(error).__name__}: the log of the server has more", is_error=True
            )

    return Server(
        "qdash",
        version=str(read_build()),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _describe(name: str, tool: OperationTool) -> types.Tool:
    return types.Tool(
        name=name,
        description=tool.operation.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=not tool.changes, destructive_hint=tool.overwrites, open_world_hint=False
        ),
    )


def _answer(text: str, *, is_error: bool = False) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=is_error)
