"""Response to an address at which the dashboard has no page. Streamlit would show its default page instead."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse, RedirectResponse

from qdash_core.parsing.similar_names import find_similar
from qdash_ui_streamlit.page import DEFAULT_PATH, RESERVED_PATHS
from qdash_ui_streamlit.process_cache import get_page_titles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_OF_STREAMLIT = "_stcore"
_MOST_SIMILAR = 3
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Page not found · QDash</title>
<link rel="stylesheet" href="/setup/page.css">
<main>
<h1>Page not found</h1>
<p>The dashboard has no page at <code>{path}</code>.</p>
{similar}<p><a href="/">Open the overview</a>, whose side bar lists all pages.</p>
</main>
</html>
"""


class UnknownPages:
    """Middleware that responds to browsers that open a page which does not exist.

    `titles` returns the titles of all pages by path; by default those of the installed ones.
    """

    def __init__(self, app: ASGIApp, titles: Callable[[], Mapping[str, str]] = get_page_titles) -> None:
        self._app, self._titles = app, titles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or respond that there is no such page."""
        if scope["type"] == "http" and opens_page(scope):
            titles = await run_in_threadpool(self._titles)  # the first time, it loads all plugins
            path = scope["path"].strip("/")
            if path == DEFAULT_PATH:
                query = urlencode(QueryParams(scope["query_string"]).multi_items())
                await RedirectResponse(f"/?{query}" if query else "/")(scope, receive, send)
                return
            if path and path not in titles:
                await _make_response(scope["path"], titles)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def opens_page(scope: Scope) -> bool:
    """Return whether a browser opens a page, instead of a file or a route of the server."""
    first = scope["path"].strip("/").partition("/")[0]
    return (
        scope["method"] in ("GET", "HEAD")
        and first not in RESERVED_PATHS
        and first != _OF_STREAMLIT
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _make_response(path: str, titles: Mapping[str, str]) -> Response:
    name = path.strip("/").partition("/")[0]
    links = ", ".join(
        f'<a href="/{"" if one == DEFAULT_PATH else escape(one)}">{escape(titles[one])}</a>'
        for one in find_similar(name, titles, n=_MOST_SIMILAR)
    )
    similar = f"<p>Pages with a similar address: {links}.</p>\n" if links else ""
    return HTMLResponse(_PAGE.format(path=escape(path), similar=similar), 404, _HEADERS)
