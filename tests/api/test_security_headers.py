"""Security headers of every response of the host."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts

from qdash_api.middleware.bounds import LARGEST_HEADERS, LONGEST_URL
from qdash_api.middleware.security_headers import SecurityHeadersMiddleware
from qdash_builtin.runs.feature import EVENTS

from ..case_tables import each_case
from .http_requests import send_request

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response
    from starlette.types import Message, Receive, Scope, Send

    from .conftest import Host
    from .http_requests import Answer

ENDLESS = "/events"


def require_headers(answer: Response | Answer, *, of_plugin: bool = False) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff", answer
    assert answer.headers["referrer-policy"] == "no-referrer"
    if not of_plugin:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("described")
def test_every_route_sends_the_security_headers_to_every_caller(
    host: Host, administrator: TestClient, every: int
) -> None:
    asked, token = 0, {"authorization": administrator.headers["authorization"]}
    for context in islice(iter_route_contexts(host.app.routes), 0, None, every):
        for method in sorted(context.methods or ()):
            path = str(context.path).replace("{", "").replace("}", "").replace(":path", "")
            of_plugin = path.startswith("/plugins/")
            require_headers(send_request(host.client, method, path), of_plugin=of_plugin)
            if path != ENDLESS and path != "/auth/logout":
                require_headers(send_request(host.client, method, path, token), of_plugin=of_plugin)
                asked += 1
    assert asked > 100 / every


@pytest.mark.usefixtures("described")
def test_pages_and_unknown_paths_have_the_security_headers(viewer: TestClient) -> None:
    for path in (
        "/docs",
        "/redoc",
        "/docs/page.js",
        "/openapi.json",
        "/auth/setup",
        "/health",
        "/nowhere",
        "/plugins/nothing",
    ):
        require_headers(viewer.get(path), of_plugin=path.startswith("/plugins/"))


@each_case(
    ("status", "given"),
    [
        (405, {"method": "PUT", "url": "/health"}),
        (413, {"method": "POST", "url": "/auth/login", "content": b"x" * 2_000_000}),
        (414, {"method": "GET", "url": "/health", "params": {"q": "x" * LONGEST_URL}}),
        (431, {"method": "GET", "url": "/health", "headers": {"x-a": "a" * LARGEST_HEADERS}}),
        (422, {"method": "POST", "url": "/auth/login", "json": {}}),
    ],
)
def test_refusals_have_the_security_headers(viewer: TestClient, status: int, given: dict[str, Any]) -> None:
    answer = viewer.request(**given)
    assert answer.status_code == status
    require_headers(answer)


def test_an_unexpected_error_has_the_security_headers(
    host: Host, viewer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(host.qdash.get(EVENTS), "page", broken)
    answer = viewer.get("/events/recorded")
    assert answer.status_code == 500
    require_headers(answer)


@each_case(
    ("path", "policy"),
    [("/events", "default-src 'none'; frame-ancestors 'none'"), ("/plugins/mine/page", None)],
)
@each_case("kind", ["http.response.start", "websocket.http.response.start"])
def test_streams_have_the_security_headers_and_pages_of_plugins_their_own_policy(
    path: str, policy: str | None, kind: str
) -> None:
    sent: list[Message] = []

    async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": kind, "status": 200, "headers": [(b"referrer-policy", b"origin")]})
        await send({"type": "http.response.body", "body": b"", "more_body": True})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "root_path": "", "headers": []}
    asyncio.run(SecurityHeadersMiddleware(answers)(scope, receive, send))
    headers = dict(sent[0]["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert headers[b"referrer-policy"] == b"origin"
    assert headers.get(b"content-security-policy") == (policy and policy.encode())
    assert len(sent) == 2
