"""`qdash store import-qdash`: import a database of the original system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table

if TYPE_CHECKING:
    from qdash_original.original_import import ImportReport

_MAX_OMISSIONS = 20
"""Maximum number of omissions in the printed table."""


@click.command("import-qdash")
@click.argument("url", metavar="URL")
@click.option(
    "--project",
    "projects",
    multiple=True,
    metavar="ID",
    help="Only this project of the original; may be repeated.",
)
@click.option(
    "--backend", metavar="NAME", help="Backend of the chips for which the original does not name one."
)
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and write nothing.")
@options.json_option
def import_qdash(
    url: str, projects: tuple[str, ...], backend: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import a database of the original system, mongodb://host/name, and list what cannot be converted.

    The original database is only read, and existing records of this store stay unchanged. The command can be repeated: it
    skips records that are already here, and adds new ones.
    """
    from functools import partial

    from qdash_core.application import open_qdash
    from qdash_core.cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.migration.store_pair import get_store_class
    from qdash_core.tasks.definitions import collect_output_units
    from qdash_original.original_import import OriginalImport
    from qdash_original.source import read_documents

    registry = load_plugins()
    get_store_class(registry, url)  # refuses a URL that no store can open
    documents = partial(read_documents, url)
    with open_qdash(registry=registry) as qdash, ProgressBar() as progress:
        original = OriginalImport(
            documents,
            qdash.store,
            projects=projects,
            backend=backend,
            units=collect_output_units(registry.tasks().values()),
            dry_run=dry_run,
            progress=progress,
        )
        try:
            report = original.run()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "records imported so far stay; repeat the command to import the rest"
            ) from None
    if as_json:
        from qdash_original.documents import OriginalImportDocument

        emit_json(OriginalImportDocument.from_report(report, source=url, dry_run=dry_run))
    else:
        _show_report(report)


def _show_report(report: ImportReport) -> None:
    print_table(
        ("collection", "read", "imported", "already here", "omitted"),
        (
            (name, tally.read, tally.imported, tally.already_there, tally.left_out)
            for name, tally in report.collections.items()
        ),
    )
    if not report.left_out:
        return
    print_message()
    print_table(
        ("omitted from", "id", "field", "reason"),
        ((one.collection, one.id, one.field, one.why) for one in report.left_out[:_MAX_OMISSIONS]),
        fold=("reason",),
    )
    if len(report.left_out) > _MAX_OMISSIONS:
        print_message(f"and {len(report.left_out) - _MAX_OMISSIONS} more: --json lists all")
