"""`qdash up`: host, worker and dashboard in one command."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from qdash_api.cli.api import PORT
from qdash_cli.app import ServerCommand
from qdash_cli.rendering.output import print_message

if TYPE_CHECKING:
    from qdash_core.settings import Settings

UI_PORT = 8501


@click.command(cls=ServerCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="Port of the host."
)
@click.option(
    "--ui-port",
    type=click.IntRange(1, 65_535),
    default=UI_PORT,
    show_default=True,
    help="Port of the dashboard.",
)
@click.option("--open", "opens", is_flag=True, help="Open the browser.")
@click.option(
    "--no-worker", is_flag=True, help="Start no worker: workers started elsewhere perform the runs."
)
@click.option("--no-dashboard", is_flag=True, help="Start no dashboard.")
@click.option("--verbose", is_flag=True, help="Print a line for each request to the host.")
@click.pass_context
def up(
    ctx: click.Context,
    host: str,
    port: int,
    ui_port: int,
    opens: bool,
    no_worker: bool,
    no_dashboard: bool,
    verbose: bool,
) -> None:
    """Run the host, a worker and, if it is installed, the dashboard, until Ctrl-C ends all of them.

    A process that crashes is restarted after a delay, which doubles from 1 s to 60 s. Runs that are in progress at the
    end are recorded as interrupted, and resumed first when a worker starts again.
    """
    from qdash_api.server.browser import open_when_ready
    from qdash_api.server.supervisor import SupervisedProcess, Supervisor, is_ready, make_qdash_command
    from qdash_cli.listening_sockets import get_local_address, make_server_url

    settings = _settings()
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    has_dashboard = not no_dashboard and group.get_command(ctx.find_root(), "ui") is not None
    _refuse_taken(host, port, ui_port if has_dashboard else None)
    reached, url, dashboard_url = (
        get_local_address(host),
        make_server_url(host, port),
        make_server_url(host, ui_port),
    )
    logging = () if verbose else ("--no-log-requests",)
    api = SupervisedProcess(
        "the host",
        make_qdash_command("api", "--host", host, "--port", str(port), *logging),
        answers=partial(is_ready, (reached, port)),
    )
    dashboard = None
    if has_dashboard:
        dashboard = SupervisedProcess(
            "the dashboard",
            make_qdash_command("ui", "--host", host, "--port", str(ui_port)),
            {"QDASH_API_URL": url},
            answers=partial(is_ready, (reached, ui_port), "/_stcore/health"),
        )
        # The dashboard tells the host the address of each user.
        api.command = (*api.command, "--forwarded-allow-ips", reached)
        api.environment = {"QDASH_DASHBOARD_URL": settings.dashboard_url or dashboard_url}
    report = partial(print_message, err=True)
    supervisor = Supervisor(
        api,
        worker=None
        if no_worker
        else SupervisedProcess("the worker", make_qdash_command("worker"), announces=True),
        dashboard=dashboard,
        report=report,
    )

    def started() -> None:
        shown = (
            f"dashboard at {dashboard_url}" if has_dashboard else f"documentation of the host at {url}/docs"
        )
        report(f"all processes have started: {shown}; Ctrl-C ends all of them")
        if opens and has_dashboard:
            open_when_ready(dashboard_url, (reached, ui_port))
        elif opens:
            open_when_ready(f"{url}/docs", (reached, port))

    sys.exit(supervisor.run(started))


def _settings() -> Settings:
    from urllib.parse import urlsplit

    from qdash_core.errors import InvalidInputError
    from qdash_core.settings import load_settings

    settings = load_settings()
    if urlsplit(settings.store_url).scheme == "memory":
        raise InvalidInputError(
            "several processes cannot share a store in memory: set QDASH_STORE_URL to another store"
        )
    return settings


def _refuse_taken(host: str, port: int, ui_port: int | None) -> None:
    """Refuse ports in use before anything starts: another host on the port would be mistaken for this one."""
    from qdash_cli.listening_sockets import open_listener

    with open_listener(host, port):
        if ui_port is not None:
            open_listener(host, ui_port, options="--host or --ui-port").close()
