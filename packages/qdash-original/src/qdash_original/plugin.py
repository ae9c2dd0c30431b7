"""Plugin that provides the command `qdash store import-qdash`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def qdash_cli(app: click.Group) -> None:
    from click import Group

    from qdash_original.cli import import_qdash

    store = app.commands.get("store")
    if isinstance(store, Group):
        store.add_command(import_qdash)
