"""`qdash store`: back the store up, verify and restore it, move it to another place, bring in one of the original system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.backups import backup, recover, restore, verify
from qdash_core.cli.rendering.output import counted, emit_json, say, table
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.migration.original.importing import Report
    from qdash_core.migration.transfer import Moved

_SHOWN = 20
"""So many of the things that were left out are listed for people."""


@click.group()
def store() -> None:
    """Back the store up, verify, restore and move it, or bring in a database of the original system."""


for _command in (backup, restore, verify, recover):
    store.add_command(_command)


@store.command()
@click.argument("from_url", metavar="FROM_URL")
@click.argument("to_url", metavar="TO_URL")
@options.as_json
@click.pass_context
def migrate(ctx: click.Context, from_url: str, to_url: str, as_json: bool) -> None:
    """Copy everything from one store to another, and verify it.

    The target is empty, or as `qdash init` leaves it, or a migration of the same source that was cut off: then it goes
    on from there. The source is not changed. Raw data and figures stay where they are.
    """
    from qdash_core.cli.rendering.progress import Progress
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.lease.liveness import is_live
    from qdash_core.migration.opening import both_opened
    from qdash_core.migration.transfer import Migration

    with both_opened(load_plugins(), from_url, to_url) as (source, target), Progress() as progress:
        migration = Migration(source, target, is_live, progress)
        try:
            moved = migration.run()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"{counted(migration.copied, 'document')} copied; the same command goes on from there"
            ) from None
    _show_moved(moved, from_url, to_url, as_json=as_json)
    if unlike := [name for name, one in moved.items() if not one.verified]:
        say(
            f"error: {', '.join(unlike)} differ: somebody wrote to a store meanwhile. Stop what uses them, and migrate "
            "again into an empty store",
            err=True,
        )
        ctx.exit(1)


@store.command("import-qdash")
@click.argument("url", metavar="URL")
@click.option(
    "--project",
    "projects",
    multiple=True,
    metavar="ID",
    help="Only this project of the original; may be repeated.",
)
@click.option(
    "--backend", metavar="NAME", help="What the chips are measured with, where the original does not say."
)
@click.option("--dry-run", is_flag=True, help="Show what would come, and write nothing.")
@options.as_json
def import_qdash(
    url: str, projects: tuple[str, ...], backend: str | None, dry_run: bool, as_json: bool
) -> None:
    """Bring in a database of the original system, mongodb://host/name, and list what cannot be converted.

    Nothing is written there, and nothing that is here already is changed. It can be run again: what is here is passed
    over, and what is new there is added.
    """
    from functools import partial

    from qdash_core.application import open_qdash
    from qdash_core.cli.rendering.progress import Progress
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.migration.opening import class_for
    from qdash_core.migration.original.importing import OriginalImport
    from qdash_core.tasks.definitions import output_units

    registry = load_plugins()
    documents = partial(class_for(registry, url).original_documents, url)
    with open_qdash(registry=registry) as qdash, Progress() as progress:
        original = OriginalImport(
            documents,
            qdash.store,
            projects=projects,
            backend=backend,
            units=output_units(registry.tasks().values()),
            dry_run=dry_run,
            progress=progress,
        )
        try:
            report = original.run()
        except KeyboardInterrupt:
            raise KeyboardInterrupt("what has come is here; the same command brings the rest") from None
    if as_json:
        from qdash_core.documents.migrations import ImportDocument

        emit_json(ImportDocument.of(report, source=url, dry_run=dry_run))
    else:
        _show_report(report)


def _show_report(report: Report) -> None:
    table(
        ("collection", "there", "imported", "here already", "left out"),
        (
            (name, tally.read, tally.imported, tally.already_there, tally.left_out)
            for name, tally in report.collections.items()
        ),
    )
    if not report.left_out:
        return
    say()
    table(
        ("left out of", "id", "field", "why"),
        ((left.collection, left.id, left.field, left.why) for left in report.left_out[:_SHOWN]),
        fold=("why",),
    )
    if len(report.left_out) > _SHOWN:
        say(f"and {len(report.left_out) - _SHOWN} more: --json has them all")


def _show_moved(moved: Mapping[str, Moved], from_url: str, to_url: str, *, as_json: bool) -> None:
    if as_json:
        from qdash_core.documents.migrations import MigrationDocument

        emit_json(MigrationDocument.of(moved, source=from_url, target=to_url))
        return
    table(
        ("collection", "copied", "already there", "checksum"),
        (
            (name, one.copied, one.already_there, one.checksum[:12])
            for name, one in moved.items()
            if one.copied or one.already_there
        ),
    )
    say(f"the new store is used with QDASH_STORE_URL={redacted(to_url)}")
