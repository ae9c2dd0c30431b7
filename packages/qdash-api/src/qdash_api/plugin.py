"""Plugin with the commands and the routes of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import Feature


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the commands that serve the home of this machine, whatever other commands ask."""
    from qdash_api.cli.api import api
    from qdash_api.cli.up import up

    app.add_command(api)
    app.add_command(up)


@hookimpl
def qdash_features() -> list[Feature]:
    """Return the host's own routes, without which it does not start."""
    from qdash_core import Feature

    return [
        Feature(
            "api",
            operations=(
                "qdash_api.resources.health:operations",
                "qdash_api.resources.prometheus:operations",
                "qdash_api.resources.documentation:operations",
                "qdash_api.resources.streams:operations",
            ),
        )
    ]
