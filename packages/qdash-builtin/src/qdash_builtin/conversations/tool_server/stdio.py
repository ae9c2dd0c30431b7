"""Service of one client by standard input and output."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import nullcontext, suppress
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.server.stdio import stdio_server

from qdash_builtin.conversations.tool_server.server import make_server
from qdash_core.process.interrupts import handle_ending_signals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from types import FrameType
    from typing import TextIO

    from mcp.server import Server

    from qdash_builtin.conversations.tools.operation_tool import OperationTool
    from qdash_core.operations.transport import Transport

_STDIN_NUMBER = 0


def serve_stdio(
    tools: Mapping[str, OperationTool], transport: Transport, out: TextIO, *, allows_changes: bool
) -> None:
    """Serve one client until its end of standard input, or until a signal ends this process.

    Parameters
    ----------
    transport : Transport
        Performs the operations, as the user of the process.
    out : TextIO
        Standard output, which nothing else may write to.
    """
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8", newline="\n")
    server = make_server(tools, lambda _: nullcontext(transport), allows_changes=allows_changes)
    anyio.run(_serve, server, out)


async def _serve(server: Server[dict[str, Any]], out: TextIO) -> None:
    loop, scope = asyncio.get_running_loop(), anyio.CancelScope()

    def end(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(scope.cancel)

    given = cast("anyio.AsyncFile[str]", _StandardInput())
    with handle_ending_signals(end), scope:
        async with stdio_server(given, anyio.wrap_file(out)) as (received, sent):
            await server.run(received, sent, server.create_initialization_options())


class _StandardInput:
    """Lines of standard input. A signal can end the process while one is awaited, which a thread of the library would prevent."""

    async def __aiter__(self) -> AsyncIterator[str]:
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()
        given = os.fdopen(os.dup(_STDIN_NUMBER), encoding="utf-8", errors="replace")
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, _STDIN_NUMBER)  # for child processes
        os.close(null)

        def read() -> None:
            with given, suppress(RuntimeError):  # the loop has ended
                for line in given:
                    loop.call_soon_threadsafe(lines.put_nowait, line)
                loop.call_soon_threadsafe(lines.put_nowait, None)

        threading.Thread(target=read, daemon=True).start()
        while (line := await lines.get()) is not None:
            yield line
