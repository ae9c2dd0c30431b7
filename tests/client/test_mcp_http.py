"""`qdash mcp --http`: each client acts at the host, with its own token."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from qdash_builtin.people.feature import TOKENS
from qdash_cli.hosts import open_host
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

from ..api import sockets
from ..lazy_modules import LazyModule
from ..operation_tools import make_core_tools
from ..user_settings import remove_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from mcp.types import CallToolResult

    from qdash_core.hooks.manager import Registry

    Open = Callable[[dict[str, str]], httpx2.AsyncClient]

operation_tool = LazyModule("qdash_builtin.conversations.tools.operation_tool")
http = LazyModule("qdash_builtin.conversations.tool_server.http")
_NUMBERS = count(1)
URL = "http://127.0.0.1:8010"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[sockets.Sockets]:
    assert make_core_tools()  # importing all operations takes two seconds, in no test's own time
    home = tmp_path_factory.mktemp("served") / "home"
    with sockets.run_host(Settings(home=home), registry) as host:
        yield host


class Assistants:
    """Clients of a server of tools beside a host. Each request has a server of its own, or several at once have one."""

    def __init__(self, host: sockets.Sockets, *, changes: bool = True, names: tuple[str, ...] = ()) -> None:
        self._host, self._changes, self._names = host, changes, names

    def make_token(self, username: str, scope: TokenScope = TokenScope.ADMIN) -> str:
        """Return the secret of a new token."""
        return self._host.host.qdash.get(TOKENS).create(username, f"token-{next(_NUMBERS)}", scope=scope)[0]

    def call(self, token: str, name: str, given: dict[str, Any], **headers: str) -> CallToolResult:
        """Call a tool with a token."""
        (found,) = self.call_at_once((token, name, given), **headers)
        return found

    def call_at_once(
        self, *calls: tuple[str, str, dict[str, Any]], **headers: str
    ) -> Sequence[CallToolResult]:
        """Call tools at the same time, each with a token."""

        async def ask(open_connection: Open, token: str, name: str, given: dict[str, Any]) -> CallToolResult:
            async with (
                open_connection({"authorization": f"Bearer {token}", **headers}) as connection,
                Client(streamable_http_client(f"{URL}/mcp", http_client=connection)) as client,
            ):
                return await client.call_tool(name, given)

        async def ask_all() -> Sequence[CallToolResult]:
            async with self._serve() as open_connection:
                return await asyncio.gather(*(ask(open_connection, *one) for one in calls))

        return asyncio.run(ask_all())

    def post(self, **headers: str) -> httpx2.Response:
        """Send a request with these headers."""

        async def ask() -> httpx2.Response:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            async with self._serve() as open_connection, open_connection(headers) as connection:
                return await connection.post("/mcp", json=body)

        return asyncio.run(ask())

    @asynccontextmanager
    async def _serve(self) -> AsyncIterator[Open]:
        """Start a server, and yield the function that opens a connection with headers."""
        app = http.make_app(
            make_core_tools(),
            lambda token, project: open_host(None, project, token),
            URL,
            ["127.0.0.1", *self._names],
            allows_changes=self._changes,
        )
        accepted = {"accept": "application/json, text/event-stream"}
        async with app.router.lifespan_context(app):
            yield lambda headers: httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app), base_url=URL, headers=accepted | headers
            )


@pytest.fixture
def beside(served: sockets.Sockets, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> sockets.Sockets:
    """The host, whose address is a setting of the server of tools."""
    remove_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    host, port = served.address
    monkeypatch.setenv("QDASH_API_URL", f"http://{host}:{port}")
    return served


@pytest.fixture
def assistants(beside: sockets.Sockets) -> Assistants:
    return Assistants(beside)


def read(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def test_each_token_acts_with_its_own_role_at_the_host(assistants: Assistants) -> None:
    editor, viewer = assistants.make_token("editor"), assistants.make_token("viewer")
    issue = {"body": {"title": "no decay"}}

    refused, opened = assistants.call_at_once((viewer, "open_issue", issue), (editor, "open_issue", issue))
    number = json.loads(read(opened))["issue_id"]
    seen = assistants.call(viewer, "show_issue", {"issue_id": number})

    assert refused.is_error
    assert "editor" in read(refused)
    assert json.loads(read(seen))["username"] == "editor"


def test_a_call_that_is_repeated_with_its_key_acts_once_at_the_host(assistants: Assistants) -> None:
    token, issue = assistants.make_token("editor"), {"body": {"title": "a leak"}, "idempotency_key": "a4"}

    first, again = (json.loads(read(assistants.call(token, "open_issue", issue))) for _ in range(2))

    assert first["issue_id"] == again["issue_id"]


def test_a_token_that_only_reads_changes_nothing(assistants: Assistants) -> None:
    token = assistants.make_token("owner", TokenScope.READ)

    assert not assistants.call(token, "list_chips", {}).is_error
    assert assistants.call(token, "open_issue", {"body": {"title": "no decay"}}).is_error


def test_changes_are_refused_unless_the_server_allows_them(beside: sockets.Sockets) -> None:
    said = Assistants(beside, changes=False).call(beside.token, "open_issue", {"body": {"title": "no decay"}})

    assert said.is_error
    assert "--allow-changes" in read(said)


def test_a_client_names_its_project(assistants: Assistants) -> None:
    editor = assistants.make_token("editor")

    assert "elsewhere" in read(assistants.call(editor, "list_chips", {}, **{"x-project-id": "elsewhere"}))


def test_requests_without_a_token_of_the_host_are_refused(assistants: Assistants) -> None:
    assert assistants.post().status_code == 401
    assert assistants.post(authorization="Bearer unknown").status_code == 401
    assert assistants.post(authorization="Basic YTpi").status_code == 401


def test_requests_that_pages_of_other_sites_send_are_refused(beside: sockets.Sockets) -> None:
    token = {"authorization": f"Bearer {beside.token}"}
    known = Assistants(beside, names=("lab.example",))

    assert Assistants(beside).post(host="lab.example", **token).status_code == 421
    assert Assistants(beside).post(origin="https://evil.example", **token).status_code == 403
    assert known.post(host="lab.example", origin="https://lab.example", **token).status_code != 421


def test_a_host_that_cannot_be_reached_is_told_by_the_tool(
    beside: sockets.Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_API_URL", "http://127.0.0.1:9")

    said = Assistants(beside).call("any", "list_chips", {})

    assert said.is_error
    assert "the host at http://127.0.0.1:9/ cannot be reached" in read(said)
