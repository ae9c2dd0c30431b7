"""Security headers of every response, which restrict the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders

from qdash_api.routing.route_declarations import PLUGINS
from qdash_api.routing.routes import GuardedRoute

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_STARTS = ("http.response.start", "websocket.http.response.start")
SECURITY_HEADERS = {
    **_EVERYWHERE,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
}
"""Headers of the host's own responses; the content security policy of HTML pages is `PAGE_POLICY`."""


class SecurityHeadersMiddleware:
    """ASGI middleware that adds the security headers that a response lacks.

    Pages of plugins may need scripts and frames: the plugin sets its own policy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, and add the headers to the response."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in _STARTS:
                added = _EVERYWHERE if _is_of_plugin(scope) else SECURITY_HEADERS
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _is_of_plugin(scope: Scope) -> bool:
    """Return whether a route in a router of a plugin made the response."""
    return get_route_path(scope).startswith(PLUGINS) and not isinstance(scope.get("route"), GuardedRoute)
