"""`qdash ui`: the dashboard."""

from __future__ import annotations

from functools import partial

import click

PORT = 8501


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="Port; 0: any that is free.",
)
@click.option(
    "--forwarded-allow-ips",
    default="",
    metavar="ADDRESSES",
    help="Proxies whose headers are believed, separated by commas; by default none.",
)
@click.option("--open", "opens", is_flag=True, help="Open the browser.")
def ui(host: str, port: int, forwarded_allow_ips: str, opens: bool) -> None:
    """Serve the dashboard, a client of the host that QDASH_API_URL names, as long as it lives."""
    from qdash_core.settings import load_settings
    from qdash_ui_streamlit.server import serve

    serve(
        load_settings(),
        host=host,
        port=port,
        forwarded_allow_ips=forwarded_allow_ips,
        opens=opens,
        told=partial(click.echo, err=True),
    )
