"""Login and logout: the token is in a cookie that scripts cannot read, and only our own pages can use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from qdash_ui_streamlit.routes.all_routes import make_middleware
from qdash_ui_streamlit.routes.logins import LARGEST_BODY
from qdash_ui_streamlit.session import COOKIE

from .conftest import ORIGIN

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send

    from qdash_ui_streamlit.routes.upstream import Upstream

    from .conftest import FakeHost

SESSION = {"token": "secret", "username": "alice", "expires_at": "2037-04-01T21:00:00Z"}


@pytest.mark.parametrize("path", ["/auth/login", "/auth/setup"])
def test_a_login_sets_a_cookie_until_the_token_expires(
    anonymous: TestClient, fake: FakeHost, path: str
) -> None:
    fake.respond_with(json=SESSION)
    answer = anonymous.post(path, json={"some": "thing"})
    assert answer.json() == {"username": "alice"}, "the token is for no script"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=secret; ")
    for part in ("HttpOnly", "SameSite=strict", "expires=Wed, 01 Apr 2037 21:00:00 GMT", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    assert (fake.last.url.path, fake.last.content) == (f"/below{path}", b'{"some":"thing"}')
    assert "authorization" not in fake.last.headers


def test_the_cookie_is_secure_behind_tls(app: Starlette, fake: FakeHost) -> None:
    fake.respond_with(json=SESSION)
    browser = TestClient(app, base_url="https://lab", headers={"origin": "https://lab"})
    assert "Secure" in browser.post("/auth/login", json={}).headers["set-cookie"]


def test_a_refused_login_is_forwarded_with_its_reason(anonymous: TestClient, fake: FakeHost) -> None:
    fake.respond_with(
        429,
        [("retry-after", "60"), ("content-type", "application/problem+json")],
        content=b'{"detail": "too often"}',
    )
    answer = anonymous.post("/auth/login", json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert answer.json()["detail"] == "too often"
    assert "set-cookie" not in answer.headers


def test_a_response_of_another_server_is_reported(anonymous: TestClient, fake: FakeHost) -> None:
    fake.respond_with(404, html="<h1>nginx</h1>")
    answer = anonymous.post("/auth/login", json={})
    assert (answer.status_code, answer.json()["type"]) == (502, "/problems/host-away")


def test_large_and_non_json_bodies_are_refused(anonymous: TestClient, fake: FakeHost) -> None:
    assert anonymous.post("/auth/login", data={"username": "a"}).status_code == 415
    large = anonymous.post(
        "/auth/login", content=b" " * (LARGEST_BODY + 1), headers={"content-type": "application/json"}
    )
    assert large.status_code == 413
    assert not fake.asked


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://testserver:9999"},
        {"origin": "null"},
        {"origin": ""},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_writes_of_other_origins_are_refused(
    browser: TestClient, fake: FakeHost, headers: dict[str, str]
) -> None:
    for path in ("/auth/login", "/auth/setup", "/auth/logout"):
        assert browser.post(path, json={}, headers=headers).status_code == 403
    assert not fake.asked


def test_a_websocket_of_another_origin_is_refused(upstream: Upstream) -> None:
    async def accepts(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    app = accepts
    for middleware in reversed(make_middleware(upstream)):
        app = middleware.cls(app, **middleware.kwargs)  # type: ignore[assignment, call-arg]
    browser = TestClient(app)
    with browser.websocket_connect("/_stcore/stream", headers={"origin": ORIGIN}):
        pass
    with (
        pytest.raises(WebSocketDisconnect),
        browser.websocket_connect("/_stcore/stream", headers={"origin": "http://testserver:9999"}),
    ):
        pass


def test_a_logout_deletes_the_cookie_and_the_token(browser: TestClient, fake: FakeHost) -> None:
    answer = browser.post("/auth/logout")
    assert answer.status_code == 200
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert (fake.last.url.path, fake.last.headers["authorization"]) == ("/below/auth/logout", "Bearer secret")


def test_logout_with_an_invalid_token_succeeds(browser: TestClient, fake: FakeHost) -> None:
    fake.respond_with(401)
    assert browser.post("/auth/logout").status_code == 200


def test_a_logout_without_the_host_reports_that_the_token_stays_valid(
    browser: TestClient, fake: FakeHost
) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    fake.answer = away
    answer = browser.post("/auth/logout")
    assert answer.status_code == 503
    assert "stays valid at the host until it expires" in answer.json()["detail"]
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_only_component_frames_may_be_embedded(anonymous: TestClient) -> None:
    assert "frame-ancestors 'none'" in anonymous.get("/setup").headers["content-security-policy"]
    assert anonymous.get("/nothing").headers["content-security-policy"] == "frame-ancestors 'none'"
    assert anonymous.get("/component/x").headers["content-security-policy"] == "frame-ancestors 'self'"


def test_the_set_up_page_needs_no_login_and_no_other_site(anonymous: TestClient) -> None:
    page = anonymous.get("/setup")
    assert "Set your password" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path in ("/setup/page.js", "/setup/page.css", "/live/worker.js"):
        answer = anonymous.get(path)
        assert answer.status_code == 200
        assert "http://" not in answer.text
        assert "https://" not in answer.text
