"""Command `qdash store`: back up, verify, restore, upgrade, prune and move the store. Plugins add further commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.home.commands.backups import backup, recover, restore, verify
from qdash_builtin.home.commands.prune import prune
from qdash_cli import options
from qdash_cli.open_group import OpenGroup
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.parsing.urls import redact_password

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.home.migration.transfer import CollectionMigration
    from qdash_builtin.home.views.migrations import StoreUpgradeDocument


@click.group(cls=OpenGroup)
def store() -> None:
    """Back up, verify, restore, upgrade, prune and migrate the store, or import the original's database."""


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
    from qdash_builtin.home.migration.store_pair import open_stores
    from qdash_builtin.home.migration.transfer import Migration
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins

    with open_stores(load_plugins(), from_url, to_url) as (source, target), ProgressBar() as progress:
        migration = Migration(source, target, progress)
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


@store.command()
@click.option("--check", is_flag=True, help="Change nothing; exit status 1 if the store must be upgraded.")
@options.json_option
@click.pass_context
def upgrade(ctx: click.Context, check: bool, as_json: bool) -> None:
    """Upgrade the store to the schema of this QDash, while no other process uses it.

    An SQLite file is first copied within its folder; any other command that opens it upgrades it, too. A MongoDB database is upgraded by this command
    only: back it up before, with the version of QDash that wrote it.
    """
    from qdash_builtin.home.migration.upgrade import check_upgrade, upgrade_store
    from qdash_builtin.home.views.migrations import StoreUpgradeDocument
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import load_settings

    url = load_settings().store_url
    result = (check_upgrade if check else upgrade_store)(load_plugins(), url)
    document = StoreUpgradeDocument.from_result(result)
    _show_upgrade(document, as_json=as_json)
    ctx.exit(1 if document.due else 0)


def _show_upgrade(document: StoreUpgradeDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(document)
        return
    if document.upgraded:
        copy = f"; its copy from before is {document.copied_to}" if document.copied_to else ""
        print_message(
            f"the store {document.store} was upgraded from schema {document.before} to {document.after}{copy}"
        )
        return
    if document.due:
        print_message(
            f"the store {document.store} has schema {document.before}, and this QDash uses {document.after}: "
            "qdash store upgrade upgrades it"
        )
    else:
        print_message(f"the store {document.store} has schema {document.before}, that of this QDash")
    if document.users:
        print_message(f"it is in use by {', '.join(document.users)}: stop that before an upgrade")


def _show_moved(
    moved: Mapping[str, CollectionMigration], from_url: str, to_url: str, *, as_json: bool
) -> None:
    if as_json:
        from qdash_builtin.home.views.migrations import MigrationDocument

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
    if all(one.verified for one in moved.values()):
        print_message(f"use the new store with QDASH_STORE_URL={redact_password(to_url)}")
