"""All routes and middleware of the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.routing import Route

from qdash_ui_streamlit.routes.closed_paths import ClosedPathsMiddleware
from qdash_ui_streamlit.routes.documentation import make_documentation_route
from qdash_ui_streamlit.routes.host import PATH, HostRoutes
from qdash_ui_streamlit.routes.logins import LoginRoutes
from qdash_ui_streamlit.routes.same_origin import SameOriginMiddleware
from qdash_ui_streamlit.routes.scripts import make_script_routes
from qdash_ui_streamlit.routes.security_headers import DashboardSecurityHeaders
from qdash_ui_streamlit.routes.start_page import StartPage
from qdash_ui_streamlit.routes.unknown_pages import UnknownPages

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from qdash_ui_streamlit.routes.upstream import Upstream


def make_middleware(upstream: Upstream) -> list[Middleware]:
    """Return the middleware of a dashboard in front of a host, the outermost first."""
    return [
        Middleware(DashboardSecurityHeaders),
        Middleware(SameOriginMiddleware),
        Middleware(ClosedPathsMiddleware, upstream=upstream),
        Middleware(UnknownPages),
        Middleware(StartPage),
    ]


def make_routes(upstream: Upstream) -> list[BaseRoute]:
    """Return the routes of a dashboard in front of a host."""
    logins, host = LoginRoutes(upstream), HostRoutes(upstream)
    return [
        Route("/auth/login", logins.log_in, methods=["POST"]),
        Route("/auth/setup", logins.set_up, methods=["POST"]),
        Route("/auth/logout", logins.log_out, methods=["POST"]),
        Route("/live/events", host.events, methods=["GET"]),
        Route(PATH, host.get, methods=["GET"]),
        make_documentation_route(),
        *make_script_routes(),
    ]
