"""`qdash store import-qdash`: import a database of the original system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.rendering.output import emit_json, print_message, print_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.tasks.base import BaseTask
    from qdash_original.original_document import Omission
    from qdash_original.original_import import CollectionCounts, ImportReport


@click.command("import-qdash")
@click.argument("url", metavar="URL")
@click.option(
    "--project",
    "projects",
    multiple=True,
    metavar="ID",
    help="Only this project of the original, by id or name; may be repeated.",
)
@click.option(
    "--backend", metavar="NAME", help="Backend of the chips for which the original does not name one."
)
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and write nothing.")
@click.option(
    "--details",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write everything that is left out to a CSV file.",
)
@options.json_option
def import_qdash(
    url: str,
    projects: tuple[str, ...],
    backend: str | None,
    dry_run: bool,
    details: Path | None,
    as_json: bool,
) -> None:
    """Import a database of the original system, mongodb://host/name, and list its collections and what cannot be converted.

    The original database is only read, and existing records of this store stay unchanged. The command can be repeated: it
    skips records that are already here, and adds new ones.
    """
    from functools import partial

    from qdash_builtin.home.migration.store_pair import get_store_class
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.runtime.application import open_qdash
    from qdash_original.omission_kinds import write_details
    from qdash_original.original_import import OriginalImport
    from qdash_original.source import count_documents, read_documents

    registry = load_plugins()
    get_store_class(registry, url)  # refuses a URL that no store can open
    documents = partial(read_documents, url)
    with open_qdash(registry=registry) as qdash, ProgressBar() as progress:
        original = OriginalImport(
            documents,
            qdash.store,
            projects=projects,
            sizes=count_documents(url),
            backend=backend,
            units=_collect_output_units(registry.tasks().values()),
            dry_run=dry_run,
            progress=progress,
        )
        try:
            report = original.run()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "records imported so far stay; repeat the command to import the rest"
            ) from None
    if details is not None:
        write_details(report.left_out, details)
    if as_json:
        from qdash_original.documents import OriginalImportDocument

        emit_json(OriginalImportDocument.from_report(report, source=url, dry_run=dry_run))
    else:
        _show_report(report, details)


def _show_report(report: ImportReport, details: Path | None) -> None:
    print_table(
        ("collection", "read", "imported", "already here", "omitted", "outcome", "where or why"),
        (
            (name, one.read, *_format_written(one), one.left_out, one.outcome, one.where)
            for name, one in report.collections.items()
        ),
        fold=("where or why",),
    )
    if report.left_out:
        _show_omissions(report, details)
    if report.without_password:
        _show_passwords(report.without_password)


def _format_written(counts: CollectionCounts) -> tuple[int | str, int | str]:
    """Return the numbers of written and of present records, which merged documents have in other collections."""
    return ("–", "–") if counts.outcome == "merged" else (counts.imported, counts.already_there)


def _show_omissions(report: ImportReport, details: Path | None) -> None:
    from qdash_original.omission_kinds import group_omissions

    print_message()
    print_table(
        ("omitted from", "field", "number", "example", "reason"),
        (
            (
                one.collection,
                one.field or "(document)",
                one.count,
                _format_example(one.example),
                one.example.why,
            )
            for one in group_omissions(report.left_out)
        ),
        fold=("reason",),
    )
    where = "--details FILE lists" if details is None else f"{details} lists"
    print_message(f"{where} all {len(report.left_out)}")


def _format_example(one: Omission) -> str:
    return f"{one.id} {one.field}".strip()


def _show_passwords(names: list[str]) -> None:
    """Print for each user how to get a password: the original's bcrypt hashes are not imported."""
    print_message()
    print_message(
        "Passwords are not imported: the original's are bcrypt hashes, which QDash does not use. A host without any password prints the "
        "set-up link of the administrator when it starts. Each other user gets one from the administrator, here or in the dashboard (Users):"
    )
    print_table(("user", "set-up link"), ((name, f"qdash user link {name}") for name in names))


def _collect_output_units(tasks: Iterable[type[BaseTask]]) -> dict[str, str]:
    """Return the unit of each output parameter of tasks, from the first task that declares it."""
    units: dict[str, str] = {}
    for task in tasks:
        for name, declared in task.output_parameters.items():
            units.setdefault(name, declared.unit)
    return units
