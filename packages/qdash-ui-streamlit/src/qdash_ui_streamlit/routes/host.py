"""Proxy of GET requests to the host, authenticated by the session cookie, which scripts cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from qdash_core.models.simulated_time import HEADER as SIMULATED_TIME
from qdash_ui_streamlit.routes.problems import make_login_problem, make_problem
from qdash_ui_streamlit.routes.proxy_response import ProxyResponse
from qdash_ui_streamlit.routes.upstream import HostUnreachableError
from qdash_ui_streamlit.session import COOKIE, is_valid_header_value

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from qdash_ui_streamlit.routes.upstream import Upstream

PATH = "/host/{project}/{path:path}"
DEFAULT_PROJECT = "-"
"""Placeholder for the user's default project in a URL."""
_REQUEST_HEADERS = ("accept", "accept-encoding", "if-none-match", "if-modified-since")
_RESPONSE_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-type",
    "etag",
    "last-modified",
    "retry-after",
    "vary",
    SIMULATED_TIME.lower(),
)
_ADDED_HEADERS = {
    # An SVG that is opened alone is a page of our origin: it may do nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
}


class HostRoutes:
    """Proxy of GET requests and of the event stream."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def get(self, request: Request) -> Response:
        """Forward a GET request; refuse HTML responses, which would be pages of our origin."""
        path = _find_host_path(request)
        if path is None:
            return make_problem(404, "not-found", "this is not a path of the host")
        return await self._forward(request, path, project=request.path_params["project"])

    async def events(self, request: Request) -> Response:
        """Forward the event stream; `last-event-id` may be a query parameter, too."""
        return await self._forward(
            request, "/events", project=request.query_params.get("project", DEFAULT_PROJECT), endless=True
        )

    async def _forward(self, request: Request, path: str, *, project: str, endless: bool = False) -> Response:
        token = request.cookies.get(COOKIE)
        if not token or not is_valid_header_value(token):
            return make_login_problem()
        if not is_valid_header_value(project):
            return make_problem(404, "not-found", f"there is no project {project!r}")
        headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
        query = request.scope["query_string"]
        if endless:
            behind = request.headers.get("last-event-id") or request.query_params.get("last-event-id")
            headers = {} if behind is None else {"last-event-id": behind}
            query = b""
        wrong = [name for name, value in headers.items() if not is_valid_header_value(value)]
        if wrong:
            return make_problem(400, "invalid-input", f"invalid characters in header {', '.join(wrong)}")
        try:
            answer = await self._upstream.send(
                request.method,
                path,
                query=query,
                headers=headers | make_auth_headers(request, project),
                endless=endless,
            )
        except HostUnreachableError as away:
            return make_problem(503, "host-away", str(away))
        if answer.headers.get("content-type", "").startswith(("text/html", "application/xhtml")):
            await answer.aclose()
            return make_problem(
                404, "not-found", "HTML pages of the host are not forwarded: open them at the host"
            )
        kept = {name: answer.headers[name] for name in _RESPONSE_HEADERS if name in answer.headers}
        return ProxyResponse(answer, kept | _ADDED_HEADERS, stop=self._upstream.shutdown if endless else None)


def make_auth_headers(request: Request, project: str) -> dict[str, str]:
    """Return the headers that tell the host the user's token, project and address."""
    headers = {"authorization": f"Bearer {request.cookies.get(COOKIE, '')}"}
    if project != DEFAULT_PROJECT:
        headers["x-project-id"] = project
    if request.client is not None:
        headers["x-forwarded-for"] = request.client.host
    return headers


def _find_host_path(request: Request) -> str | None:
    """Return the path on the host as the browser sent it, or None for a path outside the allowed ones.

    Escaped characters stay escaped: a `%2F` in a name is not a separator.
    """
    sent = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
    _, _, below = sent.partition("/host/")
    parts = below.split("/")[1:]
    for part in parts:
        plain = unquote(part)
        if part == "" or plain in (".", "..") or not plain.isprintable() or "\\" in plain:
            return None
    return "/" + "/".join(parts) if parts else None
