"""`qdash api`: the HTTP host."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qdash_cli.app import ServerCommand

if TYPE_CHECKING:
    from qdash_api.server.logs import LogFormat

PORT = 8000


@click.command(cls=ServerCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="Port; 0: any free port.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Number of processes.",
)
@click.option("--root-path", default="", metavar="PATH", help="Path below which a proxy serves the host.")
@click.option(
    "--forwarded-allow-ips",
    default="",
    metavar="ADDRESSES",
    help="Trusted proxies, whose headers are used, separated by commas; by default none.",
)
@click.option(
    "--log-format",
    type=click.Choice(["json", "text"]),
    help="Format of the log on standard error; by default text on a terminal, otherwise JSON lines.",
)
@click.option("--no-log-requests", is_flag=True, help="Log failures of the host, but not each request.")
def api(
    host: str,
    port: int,
    workers: int,
    root_path: str,
    forwarded_allow_ips: str,
    log_format: LogFormat | None,
    no_log_requests: bool,
) -> None:
    """Serve chips, runs and results over HTTP until Ctrl-C.

    If no user has a password yet, a link to set the first one is printed. Ctrl-C or SIGTERM ends the host within 5 s:
    requests in progress have 3 s to finish. The same signal again ends it at once.
    """
    from functools import partial

    from qdash_api.server.http_server import ServerOptions, serve
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import load_settings

    options = ServerOptions(
        host=host,
        port=port,
        workers=workers,
        root_path=root_path,
        forwarded_allow_ips=forwarded_allow_ips,
        log_format=log_format or ("text" if sys.stderr.isatty() else "json"),
        log_requests=not no_log_requests,
    )
    # No line breaks: users copy the link and the command.
    serve(load_settings(), load_plugins(), options, report=partial(click.echo, err=True))
