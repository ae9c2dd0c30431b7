"""The simulated chips: the `fake` backend, its tasks, and the commands `twin` and `demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import BaseBackend, BaseTask


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    from qdash_fake.backend import FakeBackend

    return [FakeBackend]


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    from qdash_fake.tasks import TASKS

    return list(TASKS)


@hookimpl
def qdash_cli(app: click.Group) -> None:
    from qdash_fake.cli.demo import demo
    from qdash_fake.cli.twin import twin

    app.add_command(demo)
    app.add_command(twin)
