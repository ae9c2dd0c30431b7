"""All routes of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from qdash_ui_streamlit.routes.host import Host

if TYPE_CHECKING:
    from starlette.routing import BaseRoute


def routes(url: str) -> list[BaseRoute]:
    """Return the routes of a dashboard whose host is at a URL."""
    host = Host(url)
    return [
        Route("/auth/login", host.log_in, methods=["POST"]),
        Route("/auth/logout", host.log_out, methods=["POST"]),
        Route("/live/events", host.events, methods=["GET"]),
        Route("/host/{project}/{path:path}", host.get, methods=["GET"]),
    ]
