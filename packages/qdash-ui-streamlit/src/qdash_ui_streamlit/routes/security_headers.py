"""Security headers of all responses of the dashboard, including Streamlit's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COMPONENT_PREFIX = "/component/"
"""Path prefix of the frames of plugins' components, which may be embedded in our own pages."""


class DashboardSecurityHeaders:
    """Middleware that adds security headers, against embedding in other sites and against content sniffing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, and add the headers that its response lacks."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        by = "'self'" if scope["path"].startswith(_COMPONENT_PREFIX) else "'none'"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("content-security-policy", f"frame-ancestors {by}")
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cross-origin-resource-policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_with_headers)
