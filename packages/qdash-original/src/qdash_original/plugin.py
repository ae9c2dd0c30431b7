"""Plugin that provides the command `qdash store import-qdash`."""

from __future__ import annotations

import click

from qdash_core import hookimpl


@hookimpl
def qdash_cli(app: click.Group) -> None:
    from qdash_original.cli import import_qdash

    store = app.commands.get("store")
    if isinstance(store, click.Group):
        store.add_command(import_qdash)
