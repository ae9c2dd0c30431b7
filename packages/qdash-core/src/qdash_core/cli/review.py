"""Command `qdash review`: flagged results one by one on a terminal, or as a list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.cli.values import target_options

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.review.item import ReviewItem
    from qdash_core.review.query import ReviewQuery
    from qdash_core.values.selection import TargetChoice


@click.command()
@click.argument("chip_id", metavar="CHIP")
@target_options
@click.option("--task", metavar="NAME", help="Only results of this task.")
@click.option("--metric", metavar="NAME", help="Only results with a flagged value of this parameter.")
@click.option(
    "--all", "every_state", is_flag=True, help="Also superseded results and those of excluded targets."
)
@click.option("--list", "as_list", is_flag=True, help="Print a table, as without a terminal.")
@click.option(
    "--figures",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="FOLDER",
    help="Folder for figures that are written during the review, created if it does not exist; default: the current one.",
)
@access_options
@options.json_option
def review(
    chip_id: str,
    targets: TargetChoice,
    task: str | None,
    metric: str | None,
    every_state: bool,
    as_list: bool,
    figures: Path,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Decide on flagged results one by one, last measured first.

    Each is shown with its reasons, its values beside those in use, the effect of an acceptance, and the last values. A key accepts or rejects
    it, refits it, measures again, excludes its target, writes a note or leaves it for later.
    """
    from qdash_core.review.query import ReviewQuery

    query = ReviewQuery(targets, task, metric, every_state)
    if as_json or as_list or not _is_on_terminal():
        with command_user.open_for_reading() as (qdash, access):
            _show_list(qdash, access, chip_id, query, as_json=as_json)
        return
    from qdash_core.cli.review_session import ReviewSession

    with command_user.open_for_writing() as (qdash, access):
        found = _collect(qdash, access, chip_id, query)
        if not found:
            _report_none(chip_id, query)
            return
        session = ReviewSession(
            qdash,
            access,
            command_user,
            [one.result.task_id for one in found],
            every_state=every_state,
            figures=figures,
        )
        session.run()


def _is_on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _collect(qdash: QDash, access: Access, chip_id: str, query: ReviewQuery) -> list[ReviewItem]:
    from qdash_core.models.pages import LARGEST_PAGE, PageRequest

    request: PageRequest | None = PageRequest(LARGEST_PAGE)
    found: list[ReviewItem] = []
    while request is not None:
        page = qdash.review.page(access, chip_id, query, request)
        found += page.items
        request = None if page.next is None else PageRequest(LARGEST_PAGE, page.next)
    return found


def _show_list(qdash: QDash, access: Access, chip_id: str, query: ReviewQuery, *, as_json: bool) -> None:
    found = _collect(qdash, access, chip_id, query)
    if as_json:
        from qdash_core.documents.review import ReviewItemDocument

        emit_json([ReviewItemDocument.from_item(one) for one in found])
        return
    if not found:
        _report_none(chip_id, query)
        return
    from qdash_core.cli.rendering.review_items import show_review_commands, show_review_table
    from qdash_core.models.project import make_command_options

    show_review_table(found, qdash.zone)
    further = make_command_options(access.project_id, access.username)
    show_review_commands(chip_id, found, f"{' --all' if query.every_state else ''}{further}")


def _report_none(chip_id: str, query: ReviewQuery) -> None:
    further = (
        "" if query.every_state else "; `--all` also shows superseded ones and those of excluded targets"
    )
    print_message(f"no flagged result of chip {chip_id} awaits a decision{further}")
