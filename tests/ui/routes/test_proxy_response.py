"""Proxied responses: streamed without buffering, and ended with the client or the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from qdash_ui_streamlit.routes import proxy_response
from qdash_ui_streamlit.session import COOKIE

from .conftest import Parts

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from qdash_ui_streamlit.routes.upstream import Upstream

    from .conftest import FakeHost

Receive = "Callable[[], Awaitable[dict[str, Any]]]"


def make_scope(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"cookie", f"{COOKIE}=secret".encode())],
        "client": ("192.0.2.1", 1),
        "server": ("testserver", 80),
        "scheme": "http",
    }


def send_request(app: Starlette, path: str, receive: Any, send: Any) -> None:
    """Send a request like a server, with a timeout of seconds."""

    async def run() -> None:
        with anyio.fail_after(10):
            await app(make_scope(path), receive, send)

    anyio.run(run)


async def wait_forever() -> dict[str, Any]:
    await anyio.sleep_forever()
    raise AssertionError


def make_endless_body(fake: FakeHost) -> Parts:
    stream = Parts(b": heartbeat\n\n", then=anyio.sleep_forever)
    fake.respond_with(headers=[("content-type", "text/event-stream")], stream=stream)
    return stream


@pytest.mark.parametrize("path", ["/live/events", "/host/-/raw"])
def test_a_disconnect_ends_the_response_of_the_host(app: Starlette, fake: FakeHost, path: str) -> None:
    stream = make_endless_body(fake)
    heard = anyio.Event()

    async def receive() -> dict[str, Any]:
        await heard.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            heard.set()

    send_request(app, path, receive, send)
    assert stream.closed


def test_a_client_that_stops_reading_times_out(
    app: Starlette, fake: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxy_response, "SEND_TIMEOUT_S", 0.01)
    stream = make_endless_body(fake)
    ended: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            await anyio.sleep_forever()
        ended.append(message)

    send_request(app, "/live/events", wait_forever, send)
    assert stream.closed


def test_streams_end_properly_at_shutdown(app: Starlette, fake: FakeHost, upstream: Upstream) -> None:
    stream = make_endless_body(fake)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message.get("body"):
            upstream.shutdown.set()

    send_request(app, "/live/events", wait_forever, send)
    assert stream.closed
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


def test_a_large_body_is_forwarded_in_parts(app: Starlette, fake: FakeHost) -> None:
    stream = Parts(b"a" * 100_000, b"b" * 100_000)
    fake.respond_with(stream=stream)
    sizes: list[tuple[int, int]] = []

    async def send(message: dict[str, Any]) -> None:
        sizes.append((len(message.get("body", b"")), stream.read))

    send_request(app, "/host/-/raw", wait_forever, send)
    assert sum(size for size, _ in sizes) == 200_000
    assert max(size for size, _ in sizes) <= proxy_response.CHUNK_BYTES
    assert {read for size, read in sizes if size} == {1, 2}, (
        "the first part is sent before the second is read"
    )


def test_a_truncated_response_is_not_completed(app: Starlette, fake: FakeHost) -> None:
    fake.respond_with(stream=Parts(b"half", breaks=True))
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    send_request(app, "/host/-/raw", wait_forever, send)
    assert [one.get("more_body") for one in sent] == [None, True]
