"""Site of the documentation, if it is installed. It is public, like the source code: it tells nothing of the laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from qdash_core.process.documentation_site import NOT_INSTALLED, find_site

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

PATH = "/documentation"
DOCUMENTATION_URL = f"{PATH}/index.html"
_HEADERS = {
    # The pages contain scripts and styles; they may load nothing from elsewhere.
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Another version has other files under the same names: a browser asks whether they have changed.
    "cache-control": "no-cache",
}


def make_documentation_route() -> BaseRoute:
    """Return the route of all files of the site."""
    return Mount(PATH, _serve_site)


async def _serve_site(scope: Scope, receive: Receive, send: Send) -> None:
    site = find_site()  # it may have been built since the last request
    serve = _Site(directory=site, html=True) if site else PlainTextResponse(NOT_INSTALLED, 404)
    await serve(scope, receive, send)


class _Site(StaticFiles):
    """Files of the site, with headers."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a file, or that it has not changed."""
        response = super().file_response(*args, **kwargs)
        response.headers.update(_HEADERS)
        return response
