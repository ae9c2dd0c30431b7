"""The server of the dashboard: Streamlit as an ASGI application, with routes of our own on the same origin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamlit.starlette import App

    from qdash_core.settings import Settings

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
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "theme.headingFontSizes": ["1.8rem", "1.35rem", "1.1rem", "1rem", "0.95rem", "0.9rem"],
    "theme.paddingTop": "2.5rem",
    **{f"theme.light.{name}": colour for name, colour in _LIGHT.items()},
    **{f"theme.dark.{name}": colour for name, colour in _DARK.items()},
}


def create_app(settings: Settings) -> App:
    """Return the dashboard as an ASGI application.

    Parameters
    ----------
    settings : Settings
        `api_url` is where its host is.
    """
    import streamlit as st
    from streamlit.web.bootstrap import load_config_options

    from qdash_ui_streamlit.routes.everything import routes

    load_config_options(_CONFIG)
    return st.App(MAIN, routes=routes(str(settings.api_url)))


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve the dashboard until this process is told to end."""
    import uvicorn

    uvicorn.run(create_app(settings), host=host, port=port, log_level="warning", access_log=False)
