"""The host as the browser reaches it: by the cookie of who looks, which no script reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from starlette.responses import JSONResponse, Response, StreamingResponse

from qdash_ui_streamlit.session import COOKIE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

_PASSED = ("content-type", "etag", "content-disposition", "cache-control")
_ASKED = ("if-none-match", "last-event-id")


class Host:
    """The host behind the dashboard."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=60.0)

    async def log_in(self, request: Request) -> Response:
        """Log in, and keep the token in a cookie."""
        answer = await self._client.post(
            "/auth/login", content=await request.body(), headers={"content-type": "application/json"}
        )
        if answer.is_error:
            return Response(answer.content, answer.status_code, media_type="application/problem+json")
        response = JSONResponse({})
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, answer.json()["token"], httponly=True, samesite="strict", secure=secure)
        return response

    async def log_out(self, request: Request) -> Response:
        """Log out, and forget the cookie."""
        await self._client.post("/auth/logout", headers=_headers(request, "-"))
        response = JSONResponse({})
        response.delete_cookie(COOKIE)
        return response

    async def get(self, request: Request) -> Response:
        """Answer what the host answers."""
        project = request.path_params["project"]
        answer = await self._client.get(
            "/" + request.path_params["path"],
            params=tuple(request.query_params.multi_items()),
            headers=_headers(request, project),
        )
        kept = {name: answer.headers[name] for name in _PASSED if name in answer.headers}
        return Response(answer.content, answer.status_code, headers=kept)

    async def events(self, request: Request) -> Response:
        """Pass on what happens."""
        asked = {name: value for name, value in request.query_params.items() if name != "project"}
        headers = _headers(request, request.query_params.get("project", "-"))

        async def stream() -> AsyncIterator[bytes]:
            async with self._client.stream(
                "GET", "/events", params=asked, headers=headers, timeout=60.0
            ) as answer:
                async for part in answer.aiter_raw():
                    yield part

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )


def _headers(request: Request, project: str) -> dict[str, str]:
    headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
    headers["authorization"] = f"Bearer {request.cookies.get(COOKIE, '')}"
    if project != "-":
        headers["x-project-id"] = project
    return headers
