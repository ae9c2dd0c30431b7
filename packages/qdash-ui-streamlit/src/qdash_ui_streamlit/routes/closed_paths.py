"""Paths of Streamlit that the dashboard closes: its metrics and its interfaces for other programs, and uploads without a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from qdash_ui_streamlit.routes.host import DEFAULT_PROJECT, make_auth_headers
from qdash_ui_streamlit.routes.problems import make_login_problem, make_problem
from qdash_ui_streamlit.routes.upstream import HostUnreachableError
from qdash_ui_streamlit.session import COOKIE, is_valid_header_value

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qdash_ui_streamlit.routes.upstream import Upstream

CLOSED_PATHS = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent", "/app/static")
"""Paths that tell of the process or of other users, or that programs could use in place of the host. The paths below them are closed, too."""
_UPLOADS = "/_stcore/upload_file"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ClosedPathsMiddleware:
    """Middleware that answers for the closed paths, and asks the host about the user of an upload."""

    def __init__(self, app: ASGIApp, upstream: Upstream) -> None:
        self._app = app
        self._upstream = upstream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or refuse it."""
        refusal = await self._refuse(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    async def _refuse(self, scope: Scope) -> Response | None:
        """Return the refusal of a request, or None if it is allowed."""
        path = scope["path"]
        if any(_is_below(path, closed) for closed in CLOSED_PATHS):
            return make_problem(404, "not-found", "the dashboard does not serve this path")
        if _is_below(path, _UPLOADS) and scope["method"] not in _SAFE_METHODS:
            return await self._refuse_stranger(Request(scope))
        return None

    async def _refuse_stranger(self, request: Request) -> Response | None:
        """Return a refusal unless the user is logged in at the host: the dashboard keeps uploaded files in its memory."""
        token = request.cookies.get(COOKIE)
        if not token or not is_valid_header_value(token):
            return make_login_problem()
        headers = make_auth_headers(request, DEFAULT_PROJECT)
        try:
            answer = await self._upstream.fetch("GET", "/auth/me", headers=headers, content=b"")
        except HostUnreachableError as away:
            return make_problem(503, "host-away", str(away))
        return None if answer.status_code == 200 else make_login_problem()


def _is_below(path: str, closed: str) -> bool:
    """Return whether a path is a closed one or below it, however many slashes it begins with."""
    plain = f"/{path.strip('/')}"
    return plain == closed or plain.startswith(f"{closed}/")
