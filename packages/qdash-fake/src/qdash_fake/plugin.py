"""Simulated chips: the `fake` backend, the commands `twin` and `demo`, and operations to create twins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import BaseBackend, PluginOperations


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    from qdash_fake.backend import FakeBackend

    return [FakeBackend]


@hookimpl
def qdash_cli(app: click.Group) -> None:
    from qdash_fake.cli.demo import demo
    from qdash_fake.cli.twin import twin

    app.add_command(demo)
    app.add_command(twin)

    @app.group("fake")
    def fake() -> None:
        """List the devices that twins can be made from, also at a host."""


@hookimpl
def qdash_operations() -> list[PluginOperations]:
    from qdash_fake.operations import operations

    return [operations]
