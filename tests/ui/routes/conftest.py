"""Routes of the dashboard on a fake host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from qdash_ui_streamlit.routes.all_routes import make_middleware, make_routes
from qdash_ui_streamlit.routes.upstream import Upstream
from qdash_ui_streamlit.session import COOKIE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

ORIGIN = "http://testserver"


class Parts(httpx.AsyncByteStream):
    """A body in parts, which records whether it is closed."""

    def __init__(
        self, *parts: bytes, breaks: bool = False, then: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self.parts, self.breaks, self.then = parts, breaks, then
        self.read = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            self.read += 1
            yield part
        if self.breaks:
            raise httpx.ReadError("gone")
        if self.then is not None:
            await self.then()

    async def aclose(self) -> None:
        self.closed = True


@dataclass
class FakeHost:
    """A fake host that records requests and returns given responses."""

    asked: list[httpx.Request] = field(default_factory=list)
    answer: Callable[[httpx.Request], httpx.Response] = field(init=False)

    def __post_init__(self) -> None:
        self.respond_with(json={})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)

    def respond_with(
        self,
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        *,
        stream: Parts | None = None,
        **content: Any,
    ) -> None:
        """Set the response; its body is a stream, as from any host."""
        said = httpx.Response(status, headers=list(headers), **content)
        kept = [(name, value) for name, value in said.headers.items() if name != "content-length"]
        self.answer = lambda _request: httpx.Response(
            status, headers=kept, stream=stream or Parts(said.content)
        )

    @property
    def last(self) -> httpx.Request:
        return self.asked[-1]


@pytest.fixture
def fake() -> FakeHost:
    return FakeHost()


@pytest.fixture
def upstream(fake: FakeHost) -> Upstream:
    return Upstream("http://host:8000/below", transport=httpx.MockTransport(fake))


@pytest.fixture
def app(upstream: Upstream) -> Starlette:
    return Starlette(routes=make_routes(upstream), middleware=make_middleware(upstream))


@pytest.fixture
def anonymous(app: Starlette) -> TestClient:
    """A browser without a cookie, on a page of the dashboard."""
    return TestClient(app, base_url=ORIGIN, headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"})


@pytest.fixture
def browser(anonymous: TestClient) -> TestClient:
    """A browser of a logged-in user."""
    anonymous.cookies.set(COOKIE, "secret")
    return anonymous
