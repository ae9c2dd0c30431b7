"""Static files of the dashboard: the page of set-up links, the worker script of the event stream, and the libraries of the editor and of figures."""

from __future__ import annotations

import gzip
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

_PACKAGE = "qdash_ui_streamlit"
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # The URL of the page contains the username, and its fragment the code.
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}
_FOREVER = "public, max-age=31536000, immutable"
WORKER = "/live/worker.js"
EDITOR_LIBRARY = "/scripts/codemirror.js"
FIGURE_LIBRARY = "/scripts/plotly.js"
_FILES = {
    "/setup": (("routes/set_up/page.html",), "text/html"),
    "/setup/page.js": (("components/sentences.js", "routes/set_up/page.js"), "text/javascript"),
    "/setup/page.css": (("routes/set_up/page.css",), "text/css"),
    WORKER: (("components/live/stream.js", "components/live/worker.js"), "text/javascript"),
    EDITOR_LIBRARY: (("components/editor/library/codemirror.js",), "text/javascript"),
    FIGURE_LIBRARY: (("components/figure/library/plotly-cartesian.min.js",), "text/javascript"),
}


def make_script_routes() -> list[Route]:
    """Return a route for each file."""
    return [Route(path, _make_handler(path, kind), methods=["GET"]) for path, (_, kind) in _FILES.items()]


@cache
def make_script_url(path: str) -> str:
    """Return the URL of a file with a digest of its content, so that browsers keep it."""
    return f"{path}?v={sha256(_read_file(path)).hexdigest()[:12]}"


def _make_handler(path: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        headers = _HEADERS | {"vary": "accept-encoding"}
        if "v" in request.query_params:
            headers["cache-control"] = _FOREVER
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(_read_file(path), media_type=media_type, headers=headers)
        packed = headers | {"content-encoding": "gzip"}
        return Response(_compress_file(path), media_type=media_type, headers=packed)

    return serve


def _read_file(path: str) -> bytes:
    names, _ = _FILES[path]
    return b"\n".join(files(_PACKAGE).joinpath(name).read_bytes() for name in names)


@cache
def _compress_file(path: str) -> bytes:
    """Return a compressed file; Streamlit would compress it for each browser."""
    return gzip.compress(_read_file(path))
