"""Server of the dashboard: Streamlit as an ASGI application, with QDash's routes on the same origin."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from qdash_cli.listening_sockets import make_server_url, open_listener
from qdash_core.process.interrupts import leave_signals_to_server
from qdash_core.process.process_start import limit_memory_arenas
from qdash_ui_streamlit.complete_runs import begin_runs_in_turn, keep_unsent_fragments
from qdash_ui_streamlit.process_cache import get_installed_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from streamlit.starlette import App

    from qdash_core.settings import Settings
    from qdash_ui_streamlit.routes.upstream import Upstream

MAIN = Path(__file__).parent / "script" / "main.py"
"""Script that Streamlit runs for each user. A folder `pages` beside it would add pages automatically."""

_LIGHT = {
    "primaryColor": "#0b6e99",
    "linkColor": "#0b6e99",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f3f5f7",
    "textColor": "#1c2328",
}
_DARK = {
    "primaryColor": "#4fb3d9",
    "linkColor": "#4fb3d9",
    "backgroundColor": "#11161a",
    "secondaryBackgroundColor": "#1b2329",
    "textColor": "#e6eaed",
}
_CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    # Without it, pages of Streamlit's own sites could send commands to a dashboard that they have opened.
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    # Error boxes would offer web searches.
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    # The browser discards messages after this number of runs, including ones that a running script
    # still refers to: with the default of 2, rapid clicks lost the connection. The server keeps
    # them as long, for each session.
    "global.maxCachedMessageAge": 10,
    "runner.magicEnabled": False,
    # A full collection after each run of a script took nine tenths of the processor time; the interpreter collects by itself.
    "runner.postScriptGC": False,
    # A new thread for a request, while that before still ends, restores the old page and query: both change the same session.
    "runner.fastReruns": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    # For requests from other pages of this machine, and for uploads.
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    # Programs use the host, with tokens.
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.maxUploadSize": 50,
    "theme.headingFontSizes": ["1.8rem", "1.35rem", "1.1rem", "1rem", "0.95rem", "0.9rem"],
    "theme.paddingTop": "2.5rem",
    **{f"theme.light.{name}": colour for name, colour in _LIGHT.items()},
    **{f"theme.dark.{name}": colour for name, colour in _DARK.items()},
}


GRACE_S = 3
"""Time limit for open responses at shutdown, in seconds."""


def create_app(upstream: Upstream) -> App:
    """Return the dashboard as an ASGI application in front of a host."""
    import streamlit as st
    from streamlit.web.bootstrap import load_config_options

    from qdash_ui_streamlit.routes.all_routes import make_middleware, make_routes

    load_config_options(_CONFIG)
    keep_unsent_fragments()
    begin_runs_in_turn()

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        Thread(target=_warm_up, daemon=True).start()
        yield
        await upstream.close()

    return st.App(MAIN, routes=make_routes(upstream), middleware=make_middleware(upstream), lifespan=lifespan)


def _warm_up() -> None:
    """Load the pages in the background, so that the first user does not wait for them."""
    from streamlit.dataframe_util import convert_anything_to_pandas_df

    get_installed_pages()
    convert_anything_to_pandas_df(())  # imports pandas, which the first component needs
    gc.freeze()  # garbage collections need not scan these permanent objects


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    forwarded_allow_ips: str,
    on_started: Callable[[str, str], None],
) -> None:
    """Serve the dashboard until the process is terminated.

    Parameters
    ----------
    port : int
        0 selects a free one.
    forwarded_allow_ips : str
        Addresses of trusted proxies, whose headers are used, separated by commas.
    on_started : callable
        Called once the server accepts connections, with its URL and that of the host.

    Raises
    ------
    InvalidInputError
        If the address is not available.
    """
    from uvicorn import Config

    from qdash_ui_streamlit.routes.upstream import Upstream
    from qdash_ui_streamlit.uvicorn_server import StreamEndingServer

    limit_memory_arenas()  # each script run has a thread of its own
    with open_listener(host, port) as listener:
        upstream = Upstream(str(settings.api_url))
        config = Config(
            create_app(upstream),
            forwarded_allow_ips=forwarded_allow_ips,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        on_started(make_server_url(host, listener.getsockname()[1]), str(settings.api_url))
        with leave_signals_to_server():
            StreamEndingServer(config, shutdown_event=upstream.shutdown).run([listener])
