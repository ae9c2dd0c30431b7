"""Command `qdash task refit`: preview of a new analysis of stored raw data, then its record."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from qdash_builtin.results.text_output.task_result import show_task_result
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command()
@click.argument("task_id", metavar="TASK_ID")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Analysis option, such as fit_window=0..60 or exclude=3,17; an empty value restores the default. `qdash task show` lists them.",
)
@click.option("--note", default="", metavar="TEXT", help="Reason for the refit: a note on the new result.")
@click.option("--yes", is_flag=True, help="Record the refit without asking.")
@click.option("--dry-run", is_flag=True, help="Show the refit beside the original; never record it.")
@access_options
@options.json_option
@click.pass_context
def refit(
    ctx: click.Context,
    task_id: str,
    settings: tuple[str, ...],
    note: str,
    yes: bool,
    dry_run: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Refit the stored raw data of a result, without hardware, and record the refit after a preview of both analyses.

    Without a terminal, it is recorded only with --yes or --json.
    """
    from qdash_builtin.results.operations.results import preview_refit, refit_result
    from qdash_builtin.results.requests import RefitPreviewRequest, RefitRequest
    from qdash_builtin.results.text_output.refits import show_refit_preview

    given = parse_analysis_options(settings)
    recorded = None
    with command_user.connect() as home:
        if as_json and not dry_run:
            recorded = home.ask(refit_result, task_id, RefitRequest(options=given, note=note))
        else:
            preview = home.ask(preview_refit, task_id, RefitPreviewRequest(options=given))
            if as_json:
                emit_json(preview)
            else:
                show_refit_preview(preview, home.zone)
            if not dry_run and (yes or (sys.stdin.isatty() and click.confirm("Record this refit?"))):
                recorded = home.ask(
                    refit_result, task_id, RefitRequest(options=given, basis=preview.basis, note=note)
                )
    if recorded is not None:
        if not as_json:
            print_message()
        show_task_result(recorded, as_json=as_json)
    elif not as_json:
        print_message(
            "not recorded" if dry_run or sys.stdin.isatty() else "not recorded: add --yes to record it"
        )
    status = preview.refit.status if recorded is None else recorded.status
    ctx.exit(0 if status == "completed" else 1)


def parse_analysis_options(settings: Sequence[str]) -> dict[str, object]:
    """Return the options by name; an empty one is None, which restores its default."""
    parsed = options.parse_run_parameters(tuple(settings))
    return {name: None if value == "" else value for name, value in parsed.items()}
