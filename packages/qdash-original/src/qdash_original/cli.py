"""`qdash store import-qdash`: bring in a database of the original system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.rendering.output import emit_json, say, table

if TYPE_CHECKING:
    from qdash_original.original_import import ImportReport

_SHOWN = 20
"""So many of the things that were left out are listed for people."""


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
    from qdash_core.cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.migration.opening import class_for
    from qdash_core.tasks.definitions import output_units
    from qdash_original.original_import import OriginalImport
    from qdash_original.source import original_documents

    registry = load_plugins()
    class_for(registry, url)  # says what is wrong with a URL that no store has
    documents = partial(original_documents, url)
    with open_qdash(registry=registry) as qdash, ProgressBar() as progress:
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
        from qdash_original.documents import ImportDocument

        emit_json(ImportDocument.of(report, source=url, dry_run=dry_run))
    else:
        _show_report(report)


def _show_report(report: ImportReport) -> None:
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
