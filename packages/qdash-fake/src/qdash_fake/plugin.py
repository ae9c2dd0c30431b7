"""Simulated chips: the `fake` backend, the commands `twin` and `demo`, and routes to create twins."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click
    from fastapi import APIRouter

    from qdash_core import BaseBackend


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


@hookimpl
def qdash_api_routers() -> list[APIRouter]:
    if find_spec("fastapi") is None:
        return []  # `qdash-fake[api]` provides it
    from qdash_fake.routes import router

    return [router]
