"""The server of the dashboard: Streamlit as an ASGI application, with routes of our own on the same origin."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from qdash_core.listening import listening, url_at
from qdash_core.processes import limit_memory_arenas
from qdash_ui_streamlit.installed import pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from streamlit.starlette import App

    from qdash_core.settings import Settings
    from qdash_ui_streamlit.routes.upstream import Upstream

MAIN = Path(__file__).parent / "script" / "main.py"
"""What Streamlit runs for each person, again at each thing that they do. A folder `pages` beside it would become pages by itself."""

_LIGHT = {
    "primaryColor": "#0b6e99",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f3f5f7",
    "textColor": "#1c2328",
}
_DARK = {
    "primaryColor": "#4fb3d9",
    "backgroundColor": "#11161a",
    "secondaryBackgroundColor": "#1b2329",
    "textColor": "#e6eaed",
}
_CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    # Boxes of errors would offer searches elsewhere.
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    # A browser forgets messages of so many runs ago, also ones that a run which is under way still refers to: with a click after
    # the other it lost its connection at 2, the default. The server keeps them as long, for each session.
    "global.maxCachedMessageAge": 10,
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    # Of what is asked for by other pages of this machine, and of uploads.
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.maxUploadSize": 50,
    "theme.headingFontSizes": ["1.8rem", "1.35rem", "1.1rem", "1rem", "0.95rem", "0.9rem"],
    "theme.paddingTop": "2.5rem",
    **{f"theme.light.{name}": colour for name, colour in _LIGHT.items()},
    **{f"theme.dark.{name}": colour for name, colour in _DARK.items()},
}


GRACE_S = 3
"""So long what is being answered may take once the dashboard is told to end, in seconds."""


def create_app(upstream: Upstream) -> App:
    """Return the dashboard as an ASGI application in front of a host."""
    import streamlit as st
    from streamlit.web.bootstrap import load_config_options

    from qdash_ui_streamlit.routes.everything import MIDDLEWARE, routes

    load_config_options(_CONFIG)

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        Thread(target=_get_ready, daemon=True).start()
        yield
        await upstream.close()

    return st.App(MAIN, routes=routes(upstream), middleware=MIDDLEWARE, lifespan=lifespan)


def _get_ready() -> None:
    """Import what pages are made of beside the first answers, or the first person would wait for it."""
    import_module("plotly.graph_objs")  # what Streamlit draws figures with
    pages()


def serve(
    settings: Settings, *, host: str, port: int, forwarded_allow_ips: str, began: Callable[[str, str], None]
) -> None:
    """Serve the dashboard until this process is told to end.

    Parameters
    ----------
    settings : Settings
        `api_url` is where its host is.
    host, port : str, int
        Where it listens; port 0: any that is free.
    forwarded_allow_ips : str
        From which addresses headers of a proxy are believed, separated by commas.
    began : callable
        Called as soon as it can be asked: with where it is, and where its host is.

    Raises
    ------
    InvalidInputError
        If the address cannot be had.
    """
    from uvicorn import Config

    from qdash_ui_streamlit.ending import EndingServer
    from qdash_ui_streamlit.routes.upstream import Upstream

    limit_memory_arenas()  # each run of a page is a thread of its own
    with listening(host, port) as listener:
        upstream = Upstream(str(settings.api_url))
        config = Config(
            create_app(upstream),
            forwarded_allow_ips=forwarded_allow_ips,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        began(url_at(host, listener.getsockname()[1]), str(settings.api_url))
        EndingServer(config, ends=upstream.ending).run([listener])
