"""Who may act with the cookie of who looks: pages of this origin alone.

A cookie goes with requests from every port of a machine, and Streamlit takes websockets from any page of this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.websockets import WebSocketClose

from qdash_ui_streamlit.routes.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_READING = ("GET", "HEAD", "OPTIONS")
_REFUSED = 1008


class OwnOrigin:
    """Middleware: what changes something, and every websocket, is refused unless a page of this origin asks for it.

    Parameters
    ----------
    app : ASGIApp
        What answers the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        websocket = scope["type"] == "websocket"
        acts = websocket or (scope["type"] == "http" and scope["method"] not in _READING)
        if not acts or _is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif websocket:
            await WebSocketClose(_REFUSED)(scope, receive, send)
        else:
            refused = problem(
                403, "access-denied", "this is for the pages of the dashboard alone: open it, and act there"
            )
            await refused(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    """Whether a page of this origin asks. Behind a proxy the origin is that which the proxy passes on as `Host`."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == headers.get("host")
