"""Paths of Streamlit: those that tell of the process are closed, and a stranger uploads nothing."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from qdash_ui_streamlit.routes.all_routes import make_middleware
from qdash_ui_streamlit.session import COOKIE

from .conftest import ORIGIN

if TYPE_CHECKING:
    from starlette.requests import Request

    from qdash_ui_streamlit.routes.upstream import Upstream

    from .conftest import FakeHost

_CLOSED = (
    "/_stcore/metrics",
    "/_stcore/metrics/",
    "//_stcore/metrics",
    "/_stcore/metrics?families=cache_memory_bytes",
    "/_stcore/script-health-check",
    "/_stcore/agent/interact",
    "/_stcore/agent/mcp",
    "/_stcore/agent/openapi.json",
    "/app/static/notes.txt",
)
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"]
_UPLOAD = "/_stcore/upload_file/session/file"


@pytest.fixture
def streamlit(upstream: Upstream) -> TestClient:
    """A page of the dashboard, behind which a server answers at every path."""

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    app = Starlette(
        routes=[Route("/{path:path}", answer, methods=_METHODS)], middleware=make_middleware(upstream)
    )
    return TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"})


def test_closed_paths_are_not_found_with_or_without_a_login(streamlit: TestClient) -> None:
    found = []
    for cookie in ("", "secret"):
        streamlit.cookies.set(COOKIE, cookie)
        found += [
            (cookie, method, path)
            for path, method in product(_CLOSED, _METHODS)
            if streamlit.request(method, f"{ORIGIN}{path}").status_code != 404
        ]
    assert found == []


@pytest.mark.parametrize(
    "path",
    ["/", "/chip", "/_stcore/health", "/_stcore/host-config", "/media/1.png", "/component/a/b.js", "/app"],
)
def test_paths_that_the_login_form_needs_are_open(streamlit: TestClient, path: str) -> None:
    assert streamlit.get(path).text == path


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize(("cookie", "status", "asked"), [("", 200, 0), ("expired", 401, 1), ("é", 200, 0)])
def test_a_stranger_uploads_nothing(
    streamlit: TestClient, fake: FakeHost, method: str, cookie: str, status: int, asked: int
) -> None:
    fake.respond_with(status, json={})
    headers = {"cookie": f"{COOKIE}={cookie}".encode()} if cookie else {}
    answer = streamlit.request(method, _UPLOAD, content=b"x", headers=headers)
    assert (answer.status_code, len(fake.asked)) == (401, asked)


def test_a_user_uploads(streamlit: TestClient, fake: FakeHost) -> None:
    streamlit.cookies.set(COOKIE, "secret")
    assert streamlit.put(_UPLOAD, content=b"x").text == _UPLOAD
    assert fake.last.headers["authorization"] == "Bearer secret"
    assert fake.last.url.path == "/below/auth/me"
