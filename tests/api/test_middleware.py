"""Middleware of every request: an id, a log line, bounds, and a response despite any internal error."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from anyio import fail_after, to_thread
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient
from starlette.exceptions import HTTPException

from qdash_api.middleware import bounds
from qdash_api.middleware.bounds import LONGEST_URL, RequestBoundsMiddleware
from qdash_api.middleware.request_ids import RequestIdMiddleware
from qdash_api.process.counters import Counters
from qdash_api.process.limits import get_current_limits
from qdash_api.process.readiness import Readiness
from qdash_api.routing.slow_client import PIECE, SlowClientError
from qdash_api.server.logs import JsonLine, TextLine
from qdash_builtin.runs.feature import EVENTS
from qdash_core.errors import PluginFailedError, StoreError, StoreUnavailableError
from qdash_core.parsing.limits import REQUEST_BODY

from .conftest import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Scope, Send

    from .conftest import Host

_BODIES = [("POST", re.compile("^/chips/import$"), 2 * REQUEST_BODY.size)]


def test_the_id_of_a_request_is_in_response_problem_and_log(
    host: Host, viewer: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "qdash.requests"):
        answer = viewer.get("/chips/a%0Ab?q=secret", headers={"x-request-id": "mine-1"})
    named = answer.headers["x-request-id"]
    assert named.startswith("mine-1.")
    assert answer.json()["instance"] == named
    line = json.loads(JsonLine().format(caplog.records[-1]))
    assert line | {"ms": 0, "at": ""} == {
        "at": "",
        "level": "INFO",
        "logger": "qdash.requests",
        "message": f"GET /chips/a%0Ab {answer.status_code}",
        "request_id": named,
        "method": "GET",
        "path": "/chips/a%0Ab",
        "status": answer.status_code,
        "ms": 0,
        "user": "viewer",
        "address": ADDRESS[0],
    }
    assert TextLine().format(caplog.records[-1]).endswith(f"viewer, {named}")
    made = host.client.get("/health", headers={"x-request-id": "not an id\u00e9".encode("latin-1")})
    assert len(made.headers["x-request-id"]) == 16


def test_an_unexpected_error_is_answered_with_the_id_only_and_logged(
    host: Host, viewer: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("mongodb://user:secret@host is not what it was")

    monkeypatch.setattr(host.qdash.get(EVENTS), "page", broken)
    answer = viewer.get("/events/recorded")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text
    assert answer.json()["instance"] in caplog.text


def test_ids_are_unique_for_any_id_of_the_client(host: Host) -> None:
    same = {"x-request-id": "same"}
    first, second = (host.client.get("/health", headers=same).headers["x-request-id"] for _ in range(2))
    assert first != second


def test_an_invalid_client_address_is_not_logged(host: Host, caplog: pytest.LogCaptureFixture) -> None:
    odd = TestClient(host.app, client=("<script>", 1))
    with caplog.at_level(logging.INFO, "qdash.requests"):
        odd.get("/health")
    assert "script" not in JsonLine().format(caplog.records[-1])


def test_a_request_with_two_length_headers_is_refused() -> None:
    told = [(b"content-length", b"4"), (b"transfer-encoding", b"chunked")]
    with pytest.raises(HTTPException, match="400"):
        call_bounded(read_all, receive_all, fail_to_send, headers=told)


def test_a_route_that_exits_ends_its_request_only(
    host: Host, viewer: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaves(*_: object, **__: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr(host.qdash.get(EVENTS), "page", leaves)
    answer = viewer.get("/events/recorded")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal")
    assert host.client.get("/health").status_code == 200


def test_a_path_with_an_additional_slash_is_not_found(viewer: TestClient) -> None:
    assert viewer.get("/chips/", follow_redirects=False).status_code == 404


def test_bodies_and_urls_are_limited_in_size(host: Host, editor: TestClient) -> None:
    path = "/auth/login"
    declared = host.client.post(path, content=b"x" * (REQUEST_BODY.size + 1))
    assert (declared.status_code, declared.json()["type"]) == (413, "/problems/too-large")
    pieces = (b" " * 65_536 for _ in range(REQUEST_BODY.size // 65_536 + 1))
    assert host.client.post(path, content=pieces).status_code == 413
    assert editor.get("/chips/a", params={"q": "x" * LONGEST_URL}).status_code == 414


def test_operations_with_a_limit_of_their_own_accept_larger_bodies_below_a_root_path() -> None:
    of_a_chip = {"path": "/lab/chips/import", "root_path": "/lab"}
    length = [(b"content-length", str(REQUEST_BODY.size + 1).encode())]
    call_bounded(read_all, receive_all, fail_to_send, headers=length, **of_a_chip)
    with pytest.raises(HTTPException, match="413"):
        call_bounded(read_all, receive_all, fail_to_send, headers=length, path="/lab/chips", root_path="/lab")
    with pytest.raises(HTTPException, match="413"):
        call_bounded(read_all, receive_all, fail_to_send, headers=length, **of_a_chip | {"method": "PUT"})


def call_bounded(
    app: Callable[[Scope, Receive, Send], Any], receive: Receive, send: Send, **said: Any
) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        **said,
    }
    asyncio.run(RequestBoundsMiddleware(app, _BODIES)(scope, receive, send))


async def read_all(_scope: Scope, receive: Receive, _send: Send) -> None:
    while (await receive()).get("more_body"):
        pass


async def receive_all() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def receive_nothing() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def fail_to_send(_message: Message) -> None:
    await asyncio.Event().wait()


def test_a_body_that_is_not_received_in_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "CHUNK_S", 0.01)
    with pytest.raises(HTTPException, match="408"):
        call_bounded(read_all, receive_nothing, fail_to_send)


def test_a_response_that_the_client_does_not_receive_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SEND_S", 0.01)

    async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(SlowClientError):
        call_bounded(answers, receive_nothing, fail_to_send)


def test_a_large_response_is_sent_in_parts() -> None:
    """For a slow client only one chunk is kept, not the whole response."""
    sent: list[Message] = []
    body = bytes(range(256)) * (3 * PIECE // 256) + b"end"

    async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def takes(message: Message) -> None:
        sent.append(message)

    call_bounded(answers, receive_nothing, takes)
    assert b"".join(message["body"] for message in sent) == body
    assert [message["more_body"] for message in sent] == [True] * 3 + [False]


@pytest.mark.parametrize("begun", [False, True])
def test_errors_of_the_host_are_logged_with_their_traceback(
    caplog: pytest.LogCaptureFixture, *, begun: bool
) -> None:
    async def breaks(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise StoreError("a document of executions is damaged")

    sent: list[Message] = []

    async def takes(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"x-request-id", b"mine-1")]}
    asyncio.run(RequestIdMiddleware(breaks, Counters(), PluginFailedError)(scope, receive_nothing, takes))
    assert sent[0]["status"] == (200 if begun else 500)
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "mine-1" in logged.getMessage()
    assert "is damaged" in logged.getMessage()
    assert logged.exc_info


@pytest.mark.parametrize("begun", [False, True])
def test_a_request_cancelled_at_shutdown_is_answered_with_503(*, begun: bool) -> None:
    async def waits(_scope: Scope, _receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise asyncio.CancelledError

    sent: list[Message] = []

    async def takes(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(RequestIdMiddleware(waits, Counters(), PluginFailedError)(scope, receive_nothing, takes))
    assert sent[0]["status"] == (200 if begun else 503)
    assert begun or json.loads(sent[1]["body"])["type"] == "/problems/ending"


def test_an_error_response_is_logged_if_the_host_caused_it(
    host: Host, viewer: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreError("a document of chips is damaged")

    monkeypatch.setattr(host.qdash.get(EVENTS), "page", broken)
    answer = viewer.get("/events/recorded")
    assert answer.status_code == 500
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert answer.json()["instance"] in logged.getMessage()
    assert logged.exc_info
    caplog.clear()
    assert viewer.get("/chips/a").status_code == 404
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_host_is_ready_until_it_shuts_down(host: Host) -> None:
    assert host.client.get("/ready").json() == {"status": "ready"}
    host.app.state.hub.closed = True
    ends = host.client.get("/ready")
    assert (ends.status_code, ends.json()["type"]) == (503, "/problems/ending")


def test_health_and_readiness_respond_while_all_threads_are_busy(host: Host) -> None:
    async def look() -> list[int]:
        limiter = to_thread.current_default_thread_limiter()
        before, limiter.total_tokens = limiter.total_tokens, 0
        try:
            async with AsyncClient(transport=ASGITransport(host.app), base_url="http://host") as client:
                with fail_after(60):
                    return [(await client.get(path)).status_code for path in ("/health", "/ready")]
        finally:
            limiter.total_tokens = before

    assert host.client.portal is not None
    assert host.client.portal.call(look) == [200, 200]


def test_a_refused_write_does_not_wait_for_the_threads_of_the_audit_log(host: Host) -> None:
    headers = {"authorization": f"Bearer {host.token('viewer')}"}

    async def write() -> int:
        limiter = get_current_limits().audit
        before, limiter.total_tokens = limiter.total_tokens, 0
        try:
            async with AsyncClient(transport=ASGITransport(host.app), base_url="http://host") as client:
                with fail_after(10) as scope:
                    status = (await client.delete("/chips/a", headers=headers)).status_code
                assert not scope.cancel_called
                return status
        finally:
            limiter.total_tokens = before

    assert host.client.portal is not None
    assert host.client.portal.call(write) == 403


def test_a_host_is_not_ready_while_its_store_is_unavailable(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise StoreUnavailableError("the store at mongodb://host is away")

    monkeypatch.setattr(host.app.state, "readiness", Readiness(away))
    answer = host.client.get("/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")
    assert "mongodb" not in answer.text


def test_concurrent_readiness_requests_share_one_check() -> None:
    from threading import Event

    answered, asked = Event(), []

    def ask() -> None:
        asked.append(1)
        answered.wait()

    readiness = Readiness(ask, in_time_s=0.01)

    async def look() -> list[bool]:
        return await asyncio.gather(*(readiness.home_answers() for _ in range(3)))

    assert asyncio.run(look()) == [False] * 3
    assert asked == [1]
    answered.set()
    readiness.close()


def test_prometheus_reads_requests_by_route_and_the_queue(host: Host, viewer: TestClient) -> None:
    viewer.get("/chips/a")
    viewer.get("/chips/b")
    host.client.get("/nowhere/at/all")
    viewer.get("/plugins/fake/devices")
    for made_up in ("ABC1", "ABC2"):
        host.client.request(made_up, "/x")
    text = viewer.get("/prometheus").text
    assert 'qdash_requests_total{method="GET",route="/chips/{chip_id}",status="404"} 2.0' in text
    assert 'route="elsewhere",status="401"' in text
    assert 'method="other",route="elsewhere",status="401"} 2.0' in text
    assert "ABC" not in text
    assert 'route="/plugins/fake/devices"' in text
    assert 'qdash_runs{state="waiting"} 0.0' in text
    assert "qdash_workers 0.0" in text
    assert host.client.get("/prometheus").status_code == 401
