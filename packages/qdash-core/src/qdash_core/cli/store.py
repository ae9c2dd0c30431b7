"""Command `qdash store`: back up, verify, restore, prune and move the store. Plugins add further commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.app import OpenGroup
from qdash_core.cli.backups import backup, recover, restore, verify
from qdash_core.cli.prune import prune
from qdash_core.cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.migration.transfer import CollectionMigration


@click.group(cls=OpenGroup)
def store() -> None:
    """Back up, verify, restore, prune and migrate the store, or import the original's database."""


for _command in (backup, restore, verify, recover, prune):
    store.add_command(_command)


@store.command()
@click.argument("from_url", metavar="FROM_URL")
@click.argument("to_url", metavar="TO_URL")
@options.json_option
@click.pass_context
def migrate(ctx: click.Context, from_url: str, to_url: str, as_json: bool) -> None:
    """Copy everything from one store to another, and verify it.

    The target must be empty, as after `qdash init`, or an unfinished migration of the same source, which is then
    continued. The source is not changed. Raw data and figures stay where they are.
    """
    from qdash_core.cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.locks.liveness import is_live
    from qdash_core.migration.store_pair import open_stores
    from qdash_core.migration.transfer import Migration

    with open_stores(load_plugins(), from_url, to_url) as (source, target), ProgressBar() as progress:
        migration = Migration(source, target, is_live, progress)
        try:
            moved = migration.run()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"{format_count(migration.copied, 'document')} copied; run the same command again to continue"
            ) from None
    _show_moved(moved, from_url, to_url, as_json=as_json)
    if unlike := [name for name, one in moved.items() if not one.verified]:
        print_message(
            f"error: {', '.join(unlike)} differ: another process wrote to a store. Stop all processes that use them "
            "and migrate again into an empty store",
            err=True,
        )
        ctx.exit(1)


def _show_moved(
    moved: Mapping[str, CollectionMigration], from_url: str, to_url: str, *, as_json: bool
) -> None:
    if as_json:
        from qdash_core.documents.migrations import MigrationDocument

        emit_json(MigrationDocument.from_moves(moved, source=from_url, target=to_url))
        return
    print_table(
        ("collection", "copied", "already there", "checksum"),
        (
            (name, one.copied, one.already_there, one.checksum[:12])
            for name, one in moved.items()
            if one.copied or one.already_there
        ),
    )
    print_message(f"use the new store with QDASH_STORE_URL={redact_password(to_url)}")
