"""Login and logout routes, which keep the token in an HTTP-only cookie."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from qdash_ui_streamlit.routes.host import DEFAULT_PROJECT, make_auth_headers
from qdash_ui_streamlit.routes.problems import MEDIA_TYPE, make_problem
from qdash_ui_streamlit.routes.upstream import HostUnreachableError
from qdash_ui_streamlit.session import COOKIE, is_valid_header_value

if TYPE_CHECKING:
    import httpx
    from starlette.requests import Request

    from qdash_ui_streamlit.routes.upstream import Upstream

LARGEST_BODY = 16 * 1024
"""Largest body of a request, in bytes."""
_LOGGED_OUT = frozenset({401})
"""Statuses of the host for a token that is already invalid, which count as logged out."""


class LoginRoutes:
    """Login with a password or a set-up link, and logout."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def log_in(self, request: Request) -> Response:
        """Log in with a password."""
        return await self._start_session(request, "/auth/login")

    async def set_up(self, request: Request) -> Response:
        """Set a password with the code of a set-up link, and log in."""
        return await self._start_session(request, "/auth/setup")

    async def log_out(self, request: Request) -> Response:
        """Log out, and delete the cookie in any case. If the host cannot be reached, the token stays valid."""
        response: Response = JSONResponse({})
        token = request.cookies.get(COOKIE)
        if token and is_valid_header_value(token):
            try:
                answer = await self._post(request, "/auth/logout", b"")
            except HostUnreachableError as away:
                text = f"{away}; this browser is logged out, but the token stays valid at the host until it expires"
                response = make_problem(503, "host-away", text)
            else:
                if answer.is_error and answer.status_code not in _LOGGED_OUT:
                    response = _forward_problem(answer)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_is_https(request))
        return response

    async def _start_session(self, request: Request, path: str) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return make_problem(
                415,
                "unsupported-media-type",
                "the body must be JSON: set `content-type` to `application/json`",
            )
        body = await _read_body(request)
        if body is None:
            return make_problem(413, "too-large", f"the body is larger than {LARGEST_BODY} bytes")
        try:
            answer = await self._post(request, path, body)
        except HostUnreachableError as away:
            return make_problem(503, "host-away", str(away))
        if answer.is_error:
            return _forward_problem(answer)
        return _make_session_response(request, answer.json())

    async def _post(self, request: Request, path: str, body: bytes) -> httpx.Response:
        headers = make_auth_headers(request, DEFAULT_PROJECT) | {"content-type": "application/json"}
        if path != "/auth/logout":
            del headers["authorization"]
        return await self._upstream.fetch("POST", path, headers=headers, content=body)


def _make_session_response(request: Request, session: dict[str, str]) -> Response:
    response = JSONResponse({"username": session["username"]}, headers={"cache-control": "no-store"})
    response.set_cookie(
        COOKIE,
        session["token"],
        expires=datetime.fromisoformat(session["expires_at"]).astimezone(UTC),
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )
    return response


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https"


def _forward_problem(answer: httpx.Response) -> Response:
    """Return a problem document of the host, with its `retry-after`; make one of any other response."""
    if not answer.headers.get("content-type", "").startswith(MEDIA_TYPE):
        text = f"unexpected response {answer.status_code}, not from a QDash host: check QDASH_API_URL"
        return make_problem(502, "host-away", text)
    headers = {name: answer.headers[name] for name in ("retry-after",) if name in answer.headers}
    return Response(answer.content, answer.status_code, headers, media_type=MEDIA_TYPE)


async def _read_body(request: Request) -> bytes | None:
    """Return the body, or None if it is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return None
    return body
