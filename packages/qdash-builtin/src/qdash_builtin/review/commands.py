"""Command `qdash review`: flagged results one by one on a terminal, or as a list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.values.commands.values import GivenTargets, target_options
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_core.operations.transport import Transport


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
    from qdash_builtin.review.operations import list_reviewed_results

    with command_user.connect() as home:
        asked = (chip_id, targets.qubits, targets.muxes, targets.couplings, task, metric, every_state)
        task_ids = home.ask(list_reviewed_results, *asked).task_ids
        if as_json or as_list or not _is_on_terminal():
            items = _list_items(home, asked, limit)
            zone, project_id = home.zone, home.project_id
        elif task_ids:
            from qdash_builtin.review.session import ReviewSession

            ReviewSession(home, command_user, task_ids, every_state=every_state, figures=figures).run()
            return
        else:
            items = []
    n_further = len(task_ids) - len(items)
    more = f"{n_further} more: --limit {len(task_ids)} shows all"
    if as_json:
        emit_json(items)
        if n_further > 0:
            print_message(f"and {more}", err=True)
        return
    if not items:
        all_option = "; `--all` also shows superseded ones and those of excluded targets"
        print_message(
            f"no flagged result of chip {chip_id} awaits a decision{'' if every_state else all_option}"
        )
        return
    from qdash_builtin.review.item_texts import show_review_commands, show_review_table

    show_review_table(items, zone)
    if n_further > 0:
        print_message(f"and {more}")
    further = command_user.make_options(project_id)
    show_review_commands(chip_id, items, f"{' --all' if every_state else ''}{further}")


def _list_items(
    home: Transport,
    asked: tuple[str, str | None, str | None, str | None, str | None, str | None, bool],
    limit: int,
) -> list[ReviewItemDocument]:
    from qdash_builtin.review.operations import list_review
    from qdash_core.operations.transport import list_some

    return list_some(home, list_review, limit, *asked)[0]


def _is_on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
