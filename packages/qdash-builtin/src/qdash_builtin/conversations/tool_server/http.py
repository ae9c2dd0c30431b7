"""Service of any number of clients by streamable HTTP, each with a token of the host."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl
from uvicorn import Config
from uvicorn import Server as HttpServer

from qdash_builtin.conversations.tool_server.server import make_server
from qdash_builtin.people.operations.auth import who_am_i
from qdash_cli.listening_sockets import get_local_address, make_server_url, open_listener
from qdash_core.errors import LoginError, QDashError
from qdash_core.process.interrupts import leave_signals_to_server
from qdash_core.process.process_start import announce_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager

    from mcp.server import ServerRequestContext
    from starlette.applications import Starlette

    from qdash_builtin.conversations.tools.operation_tool import OperationTool
    from qdash_core.operations.transport import Transport

    ConnectAs = Callable[[str, str | None], AbstractContextManager[Transport]]
    """Function that returns the transport to the host for a token, and for a project or the usual one."""

_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_GRACE_S = 3
"""Time for requests in progress at the end, in seconds."""


def serve_http(
    tools: Mapping[str, OperationTool],
    connect: ConnectAs,
    address: tuple[str, int],
    names: Iterable[str],
    *,
    allows_changes: bool,
    report: Callable[[str], None],
) -> None:
    """Serve clients until a signal ends this process.

    Parameters
    ----------
    address : tuple of str and int
        Host and port to listen at; port 0 selects a free one.
    names : iterable of str
        Further names by which clients reach the server, such as that of a proxy.
    allows_changes : bool
        Whether it also has the tools that change something.
    report : callable
        Called with the message that tells the address.

    Raises
    ------
    InvalidInputError
        If the address is not available.
    """
    host, port = address
    with open_listener(host, port, options="--http") as listener:
        url = make_server_url(host, listener.getsockname()[1])
        app = make_app(tools, connect, url, _list_names(host, names), allows_changes=allows_changes)
        report(f"clients of the Model Context Protocol are served at {url}/mcp")
        announce_ready()
        config = Config(
            app, log_config=None, log_level=logging.WARNING, timeout_graceful_shutdown=_GRACE_S, ws="none"
        )
        with leave_signals_to_server():
            HttpServer(config).run([listener])


def make_app(
    tools: Mapping[str, OperationTool],
    connect: ConnectAs,
    url: str,
    names: Iterable[str],
    *,
    allows_changes: bool,
) -> Starlette:
    """Return the ASGI application of the server, which has the path `/mcp`; see `serve_http`.

    Requests that name none of `names`, as pages of other sites send them, are refused.
    """

    def connect_caller(request: ServerRequestContext[Any, Any]) -> AbstractContextManager[Transport]:
        caller = get_access_token()
        assert caller is not None  # the library has refused requests without a token
        assert request.request is not None
        return connect(caller.token, request.request.headers.get("x-project-id"))

    known = [*names]
    return make_server(tools, connect_caller, allows_changes=allows_changes).streamable_http_app(
        json_response=True,
        stateless_http=True,
        auth=AuthSettings(issuer_url=AnyHttpUrl(url), resource_server_url=None),
        token_verifier=_HostTokens(connect),
        transport_security=TransportSecuritySettings(
            allowed_hosts=[*known, *(f"{one}:*" for one in known)],
            allowed_origins=[
                f"{scheme}://{one}{port}"
                for scheme in ("http", "https")
                for one in known
                for port in ("", ":*")
            ],
        ),
    )


@dataclass(frozen=True, slots=True)
class _HostTokens:
    """Tokens that the host accepts."""

    connect: ConnectAs

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return a token, or None if the host refuses it. If the host cannot be asked, the tool says why."""

        def ask() -> None:
            with self.connect(token, None) as transport:
                transport.ask(who_am_i)

        try:
            await anyio.to_thread.run_sync(ask)
        except LoginError:
            return None
        except QDashError as error:
            logging.getLogger(__name__).warning("a token cannot be checked: %s", error)
        return AccessToken(token=token, client_id="", scopes=[])


def _list_names(host: str, further: Iterable[str]) -> list[str]:
    """Return the names by which clients reach a server with a listening address."""
    own = (
        (socket.gethostname(), socket.getfqdn())
        if get_local_address(host) != host
        else (f"[{host}]" if ":" in host else host,)
    )
    return [*_LOCAL_NAMES, *own, *further]
