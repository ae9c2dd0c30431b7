"""Command `qdash review`: flagged results one by one on a terminal, or as a list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.cli.values import GivenTargets, target_options

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.review.query import ReviewQuery


@click.command()
@click.argument("chip_id", metavar="CHIP")
@target_options
@click.option("--task", metavar="NAME", help="Only results of this task.")
@click.option("--metric", metavar="NAME", help="Only results with a flagged value of this parameter.")
@click.option(
    "--all", "every_state", is_flag=True, help="Include superseded results and those of excluded targets."
)
@click.option("--list", "as_list", is_flag=True, help="Print a table, as without a terminal.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Maximum number of results in a table or with --json; the review one by one has no limit.",
)
@click.option(
    "--figures",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="Folder for figures written during the review, created if it does not exist; by default the current one.",
)
@access_options
@options.json_option
def review(
    chip_id: str,
    targets: GivenTargets,
    task: str | None,
    metric: str | None,
    every_state: bool,
    as_list: bool,
    limit: int,
    figures: Path,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Decide on flagged results one by one, newest first.

    Each is shown with its reasons, its values beside those in use, the effect of an acceptance, and the last values. Keys accept or reject it,
    refit it, measure again, exclude its target, write a note or leave it for later.
    """
    from qdash_core.review.query import ReviewQuery

    query = ReviewQuery(targets.parse(), task, metric, every_state)
    if as_json or as_list or not _is_on_terminal():
        with command_user.open_for_reading() as (qdash, access):
            _show_list(qdash, access, chip_id, query, limit=limit, as_json=as_json)
        return
    from qdash_core.cli.review_session import ReviewSession

    with command_user.open_for_writing() as (qdash, access):
        task_ids = qdash.review.list_ids(access, chip_id, query)
        if not task_ids:
            _report_none(chip_id, query)
            return
        session = ReviewSession(
            qdash,
            access,
            command_user,
            task_ids,
            every_state=every_state,
            figures=figures,
        )
        session.run()


def _is_on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _show_list(
    qdash: QDash, access: Access, chip_id: str, query: ReviewQuery, *, limit: int, as_json: bool
) -> None:
    found = qdash.review.list_first(access, chip_id, query, limit=limit)
    more = f"{found.n_further} more: --limit {len(found.items) + found.n_further} shows all"
    if as_json:
        from qdash_core.documents.review import ReviewItemDocument

        emit_json([ReviewItemDocument.from_item(one) for one in found.items])
        if found.n_further:
            print_message(f"and {more}", err=True)
        return
    if not found.items:
        _report_none(chip_id, query)
        return
    from qdash_core.cli.rendering.review_items import show_review_commands, show_review_table
    from qdash_core.models.project import make_command_options

    show_review_table(found.items, qdash.zone)
    if found.n_further:
        print_message(f"and {more}")
    further = make_command_options(access.project_id, access.username)
    show_review_commands(chip_id, found.items, f"{' --all' if query.every_state else ''}{further}")


def _report_none(chip_id: str, query: ReviewQuery) -> None:
    further = (
        "" if query.every_state else "; `--all` also shows superseded ones and those of excluded targets"
    )
    print_message(f"no flagged result of chip {chip_id} awaits a decision{further}")
