"""`qdash ui`: the dashboard."""

from __future__ import annotations

import click

PORT = 8501


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="Port.")
def ui(host: str, port: int) -> None:
    """Serve the dashboard, a client of the host that QDASH_API_URL names, as long as it lives."""
    from qdash_core.settings import load_settings
    from qdash_ui_streamlit.server import serve

    serve(load_settings(), host=host, port=port)
