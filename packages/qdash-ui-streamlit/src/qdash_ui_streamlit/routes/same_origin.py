"""Protection against cross-site requests: only pages of this origin may use the session cookie.

Browsers send cookies to every port of a machine, and Streamlit accepts websockets from any page of this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.websockets import WebSocketClose

from qdash_ui_streamlit.routes.problems import make_problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_POLICY_VIOLATION = 1008


class SameOriginMiddleware:
    """Middleware that refuses cross-site writes and websockets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or refuse it."""
        websocket = scope["type"] == "websocket"
        acts = websocket or (scope["type"] == "http" and scope["method"] not in _SAFE_METHODS)
        if not acts or _is_same_origin(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif websocket:
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
        else:
            refused = make_problem(403, "access-denied", "only pages of the dashboard may send this request")
            await refused(scope, receive, send)


def _is_same_origin(headers: Headers) -> bool:
    """Return whether a page of this origin sent a request. A proxy has to pass on the original `Host`."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == headers.get("host")
