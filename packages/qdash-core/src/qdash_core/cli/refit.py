"""Command `qdash task refit`: previews a new analysis of stored raw data, and records it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.cli.rendering.task_result import show_task_result

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("task_id", metavar="TASK_ID")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Option of the analysis, such as fit_window=0..60 or exclude=3,17; empty: the default. `qdash task show` lists them.",
)
@click.option("--yes", is_flag=True, help="Record the refit without asking.")
@click.option("--dry-run", is_flag=True, help="Show the refit beside the original; never record it.")
@access_options
@options.json_option
@click.pass_context
def refit(
    ctx: click.Context,
    task_id: str,
    settings: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Refit the stored raw data of a result, without hardware: shows both analyses, then asks whether to record it.

    Without a terminal it is recorded only with --yes or --json.
    """
    from qdash_core.cli.rendering.refits import show_refit_preview
    from qdash_core.documents.refits import RefitPreviewDocument

    given = parse_analysis_options(settings)
    open_qdash = command_user.open_for_reading if dry_run else command_user.open_for_writing
    recorded = None
    with open_qdash() as (qdash, access):
        named = qdash.results.resolve_id(access, task_id)
        if as_json and not dry_run:
            recorded = qdash.results.refit(access, named, options=given)
        else:
            preview = qdash.results.preview_refit(access, named, options=given)
            document = RefitPreviewDocument.from_preview(preview)
            if as_json:
                emit_json(document)
            else:
                show_refit_preview(document, qdash.zone)
            if not dry_run and (yes or (sys.stdin.isatty() and click.confirm("Record this refit?"))):
                recorded = qdash.results.refit(access, named, options=given, basis=preview.basis)
    if recorded is not None:
        if not as_json:
            print_message()
        show_task_result(recorded, as_json=as_json)
    elif not as_json:
        print_message(
            "not recorded" if dry_run or sys.stdin.isatty() else "not recorded: add --yes to record it"
        )
    outcome = preview.refit if recorded is None else recorded
    ctx.exit(0 if outcome.status == "completed" else 1)


def parse_analysis_options(settings: Sequence[str]) -> dict[str, object]:
    """Return the options by name, None for an empty one, which restores the default."""
    parsed = options.parse_run_parameters(tuple(settings))
    return {name: None if value == "" else value for name, value in parsed.items()}
