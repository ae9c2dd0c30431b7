"""Server of the editor alone: in a Streamlit page, and its library in a page with a strict security policy."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import uvicorn
from starlette.responses import Response
from starlette.routing import Route
from streamlit.web.bootstrap import load_config_options

from qdash_ui_streamlit.routes.scripts import EDITOR_LIBRARY, make_script_routes
from qdash_ui_streamlit.server import _CONFIG

from ...journeys.command_line import wait_until
from ...journeys.hosts import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

_PAGE = Path(__file__).with_name("editor_page.py")
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:"
_HTML = '<!doctype html><title>Strict</title><div id="place"></div><script type="module" src="/strict.js"></script>'
_SCRIPT = f"""
import {{ EditorState, EditorView, languages, lineNumbers, lintGutter, search, setDiagnostics, syntaxHighlighting, classHighlighter }} from "{EDITOR_LIBRARY}";
const root = document.getElementById("place").attachShadow({{ mode: "open" }});
const extensions = [lineNumbers(), lintGutter(), search(), syntaxHighlighting(classHighlighter), languages.json()];
const view = new EditorView({{ parent: root, root, state: EditorState.create({{ doc: '{{"a": 1}}', extensions }}) }});
view.dispatch(setDiagnostics(view.state, [{{ from: 1, to: 4, severity: "error", message: "wrong" }}]));
"""


async def _serve_strict_page(_request: Request) -> Response:
    return Response(_HTML, media_type="text/html", headers={"content-security-policy": _POLICY})


async def _serve_strict_script(_request: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript")


def main(port: int) -> None:
    """Serve until the process is terminated."""
    own = [Route("/strict", _serve_strict_page), Route("/strict.js", _serve_strict_script)]
    load_config_options(_CONFIG)
    app = st.App(_PAGE, routes=[*make_script_routes(), *own])
    uvicorn.run(app, port=port, log_level="warning")


@contextmanager
def serve_editor(folder: Path) -> Iterator[str]:
    """Yield the URL of a server in another process."""
    port = free_port()
    with (
        (folder / "said").open("w") as err,
        subprocess.Popen(
            (sys.executable, "-m", __name__, str(port)),
            stdout=err,
            stderr=err,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "HOME": str(folder)},
        ) as process,
    ):
        try:
            wait_until(lambda: _is_listening(port) or process.poll() is not None, what="the editor answers")
            assert process.poll() is None, (folder / "said").read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _is_listening(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/strict")
            return connection.getresponse().status == 200
        except OSError:
            return False


if __name__ == "__main__":
    main(int(sys.argv[1]))
