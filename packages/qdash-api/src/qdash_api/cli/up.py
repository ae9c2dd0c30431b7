"""`qdash up`: host, worker and dashboard in one command."""

from __future__ import annotations

import sys
from functools import partial

import click

from qdash_api.cli.api import PORT
from qdash_core.cli.rendering.output import say


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65_535), default=PORT, show_default=True, help="Port.")
@click.option("--open", "opens", is_flag=True, help="Open the browser.")
@click.option("--no-worker", is_flag=True, help="Without a worker: others perform the runs.")
@click.pass_context
def up(ctx: click.Context, host: str, port: int, opens: bool, no_worker: bool) -> None:
    """Run the host, a worker and, where it is installed, the dashboard, until Ctrl-C ends all in order.

    One that dies is started again. What runs when all are ended is recorded as interrupted, and goes on first when a
    worker is there again.
    """
    from urllib.parse import urlsplit

    from qdash_api.serving.listening import listening
    from qdash_api.serving.together import Part, Together
    from qdash_core.errors import InvalidInputError
    from qdash_core.settings import load_settings

    if urlsplit(load_settings().store_url).scheme == "memory":
        raise InvalidInputError(
            "several processes do not see one store in memory; set QDASH_STORE_URL to another"
        )
    # Another host that answers there would be taken for this one.
    listening(host, port).close()
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    url = f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"
    told = partial(say, err=True)
    worker = None if no_worker else Part("the worker", ("worker",))
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    has_dashboard = group.get_command(ctx.find_root(), "ui") is not None
    dashboard = Part("the dashboard", ("ui",), {"QDASH_API_URL": url}) if has_dashboard else None
    api = Part("the host", ("api", "--host", host, "--port", str(port)))
    together = Together(api, worker=worker, dashboard=dashboard, address=(reached, port), told=told)

    def began() -> None:
        told(f"all is up: {url}/docs shows what the host can do; Ctrl-C ends all")
        if opens:
            click.launch(url if has_dashboard else f"{url}/docs")

    sys.exit(together.run(began))
