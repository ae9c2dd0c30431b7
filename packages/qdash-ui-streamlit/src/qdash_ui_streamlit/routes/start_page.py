"""First HTML of a page: that of Streamlit with the styles and scripts that all pages need, so that little moves when a page is drawn."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse
from streamlit.file_util import get_static_dir

from qdash_ui_streamlit.page import DEFAULT_PATH, GROUPS
from qdash_ui_streamlit.process_cache import get_installed_pages
from qdash_ui_streamlit.routes.scripts import FIGURE_LIBRARY, make_script_url
from qdash_ui_streamlit.routes.unknown_pages import opens_page
from qdash_ui_streamlit.session import COOKIE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from qdash_ui_streamlit.page import Page

_STYLES = Path(__file__).with_name("pages.css")
_ROOT = '<div id="root">'
"""Element that Streamlit fills: styles before it are later than Streamlit's, and earlier than those of a page."""
_ELEMENTS = (
    "BidiComponent",
    "Html",
    "Button",
    "ButtonGroup",
    "Checkbox",
    "LinkButton",
    "Selectbox",
    "rehype-raw",
)
"""Scripts of Streamlit for elements of all pages, which it would load one after the other when a page has the first of them."""
_IMPORT = re.compile(r'(?:from|import)"\./([^"]+\.js)"')
# Without it, Streamlit looks for its server below the address of the page first, and waits 100 ms before it looks elsewhere.
_SERVER = "<script>window.__streamlit = { BACKEND_BASE_URL: location.origin };</script>\n"
_FIGURES = f"""<link rel="preload" as="script" href="{make_script_url(FIGURE_LIBRARY)}">
<script>
(function evaluate() {{
  if (!document.querySelector("h1")) return setTimeout(evaluate, 20);
  const script = document.createElement("script");
  script.src = "{make_script_url(FIGURE_LIBRARY)}";
  script.onerror = () => script.remove();
  document.head.append(script);
}})();
</script>
"""
"""Library of figures: evaluated below the title of a page, while the server draws the rest. `figure.js` waits for it."""
_LEAVE = """<script>
(function leave() {
  const drawn = "#root :is([data-testid=stSidebar], h1, [data-test-script-state=notRunning])";
  if (document.querySelector(drawn)) document.querySelector(".qdash-outline").remove();
  else setTimeout(leave, 50);
})();
</script>
"""
"""Script that removes the outline of a page once Streamlit has drawn the side bar, or a page without one."""
_HEADERS = {"cache-control": "no-cache"}


class StartPage:
    """Middleware that responds to browsers that open a page.

    Parameters
    ----------
    app : ASGIApp
        Application that responds to all other requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._html = _make_html(Path(get_static_dir()))
        self._html_with_figures = self._html.replace("</head>", _FIGURES + "</head>")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with the page, or forward a request."""
        opened = (
            scope["type"] == "http" and opens_page(scope) and scope["path"][1:] == scope["path"].strip("/")
        )
        if not opened:
            await self._app(scope, receive, send)
            return
        path = scope["path"].strip("/") or DEFAULT_PATH
        page = next((one for one in get_installed_pages().placed if one.path == path), None)
        html = self._html_with_figures if page is not None and page.has_figures else self._html
        if page is not None and COOKIE in Request(scope).cookies:
            html = html.replace(_ROOT, _make_outline(page) + _ROOT)
        await HTMLResponse(html, headers=_HEADERS)(scope, receive, send)


def _make_html(static: Path) -> str:
    html = (static / "index.html").read_text("utf-8")
    scripts = (name for name in _list_scripts(static / "static" / "js") if name not in html)
    links = "".join(f'<link rel="modulepreload" href="./static/js/{name}">\n' for name in scripts)
    styles = f"<style>\n{_STYLES.read_text('utf-8')}</style>\n"
    return (
        html.replace("<head>", f"<head>\n{_SERVER}")
        .replace("</head>", f"{links}</head>")
        .replace(_ROOT, styles + _ROOT)
    )


def _make_outline(page: Page) -> str:
    """Return the title of a page and the links to all groups, which a logged-in user sees until Streamlit draws them."""
    groups = get_installed_pages().list_groups()
    items = "".join(
        f'<li><a href="/{"" if pages[0].path == DEFAULT_PATH else pages[0].path}">{escape(group)}</a></li>'
        for group in GROUPS
        if (pages := groups.get(group))
    )
    title = get_installed_pages().make_title(page)
    return f'<div class="qdash-outline"><nav aria-label="Pages"><b>QDash</b><ul>{items}</ul></nav>{title}</div>\n{_LEAVE}'


def _list_scripts(folder: Path) -> list[str]:
    """Return the names of the scripts of the elements, and of those that they import."""
    found = [path.name for element in _ELEMENTS for path in folder.glob(f"{element}.*.js")]
    for name in found:  # which grows
        imported = _IMPORT.findall((folder / name).read_text("utf-8"))
        found += dict.fromkeys(one for one in imported if one not in found)
    return found
