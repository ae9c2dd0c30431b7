"""Plugin with the commands and the routes of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click
    from fastapi import APIRouter


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the commands that serve the home of this machine, whatever other commands ask."""
    from qdash_api.cli.api import api
    from qdash_api.cli.up import up

    app.add_command(api)
    app.add_command(up)


@hookimpl
def qdash_api_routers() -> list[APIRouter]:
    """Return the router of the host's own resources, the only one that is mounted at the root."""
    from qdash_api.resources.all_operations import OPERATIONS
    from qdash_api.routing.routes import make_router

    return [make_router(OPERATIONS)]
