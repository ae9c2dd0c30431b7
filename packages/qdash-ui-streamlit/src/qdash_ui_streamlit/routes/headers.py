"""What every answer of the dashboard tells the browser to refuse, Streamlit's pages included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FRAMED_BY_US = "/component/"
"""Below it lie frames that components of plugins may be, within our own pages."""


class SecurityHeaders:
    """Middleware: no page of ours stands in a page of somebody else, and nothing is taken for what it is not.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers that the answer does not have itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        by = "'self'" if scope["path"].startswith(_FRAMED_BY_US) else "'none'"

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.setdefault("content-security-policy", f"frame-ancestors {by}")
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cross-origin-resource-policy", "same-origin")
            await send(message)

        await self._app(scope, receive, said)
