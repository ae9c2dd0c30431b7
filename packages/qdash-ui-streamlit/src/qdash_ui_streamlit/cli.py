"""Command `qdash ui`, which serves the dashboard."""

from __future__ import annotations

import click

from qdash_cli.app import ServerCommand

PORT = 8501


@click.command(cls=ServerCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="Port; 0 for any free port.",
)
@click.option(
    "--forwarded-allow-ips",
    default="",
    metavar="ADDRESSES",
    help="Trusted proxies, separated by commas; none by default.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
def ui(host: str, port: int, forwarded_allow_ips: str, open_browser: bool) -> None:
    """Serve the dashboard of the host at QDASH_API_URL until the process is terminated."""
    from qdash_core.parsing.urls import is_loopback
    from qdash_core.settings import load_settings
    from qdash_ui_streamlit.server import serve

    def report_urls(url: str, api_url: str) -> None:
        click.echo(f"the dashboard is at {url}, its host at {api_url}", err=True)
        if not is_loopback(host):
            click.echo(
                "it listens on the network without TLS, so passwords are sent unencrypted: put a TLS proxy in front of it "
                "(and name it with --forwarded-allow-ips)",
                err=True,
            )
        if open_browser:
            click.launch(url)

    serve(
        load_settings(), host=host, port=port, forwarded_allow_ips=forwarded_allow_ips, on_started=report_urls
    )
