"""Requests passed to the host directly as by a server, without a client: thousands of them take seconds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.testclient import TestClient
    from starlette.types import Message


@dataclass(frozen=True)
class Answer:
    """A response; of a stream only its start. An accepted websocket has status 101."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        return str(json.loads(self.text).get("detail", "")) if self.text.startswith("{") else ""


def send_request(
    client: TestClient,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    raw_path: bytes | None = None,
    root_path: str = "",
    query: str = "",
    body: bytes = b"",
) -> Answer:
    """Send a request, and disconnect."""
    scope: dict[str, Any] = {
        "type": "websocket" if method == "WEBSOCKET" else "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "path": path,
        "raw_path": raw_path or path.encode(),
        "root_path": root_path,
        "query_string": query.encode(),
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()
        ],
        "client": ("192.0.2.7", 50_000),
        "server": ("host", 80),
        "state": {},
    }
    if method == "WEBSOCKET":
        scope |= {"scheme": "ws", "subprotocols": []}
    else:
        scope["method"] = method
    assert client.portal is not None, "the host runs"
    return client.portal.call(_send, client.app, scope, body)


async def _send(app: Any, scope: dict[str, Any], sent: bytes) -> Answer:
    first: dict[str, Any] = {"type": "http.request", "body": sent}
    if scope["type"] == "websocket":
        first = {"type": "websocket.connect"}
    coming, status, body = [first], 0, b""
    headers: dict[str, str] = {}

    async def receive() -> Message:
        return coming.pop() if coming else {"type": f"{scope['type']}.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        nonlocal status, body, headers
        match message["type"]:
            case "http.response.start":
                status = message["status"]
                headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
            case "http.response.body":
                body += message.get("body", b"")
            case "websocket.accept":
                status = 101
            case "websocket.close":
                status = status or 403

    await app(scope, receive, send)
    return Answer(status, body.decode(errors="replace"), headers)
