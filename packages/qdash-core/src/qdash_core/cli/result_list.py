"""Command `qdash task results`: list task results of all executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import (
    emit_json,
    format_decisions,
    format_values,
    print_message,
    print_table,
)
from qdash_core.cli.rendering.refits import describe_refit
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.cli.result_filters import RecordFilters, record_filter_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.documents.results import ResultDocument


@click.command("results")
@click.option("--chip", metavar="CHIP", help="Only results on this chip.")
@click.option("--execution", metavar="ID|last", help="Only results of this execution.")
@click.option("--task", metavar="NAME", help="Only results of this task.")
@click.option("--target", metavar="Q", help="Only results on this qubit or coupling.")
@click.option(
    "--status", metavar="STATUS", help="Only results with this status, such as completed or failed."
)
@click.option("--verdict", metavar="VERDICT", help="Only accepted, flagged or rejected results.")
@record_filter_options
@click.option("--search", metavar="WORDS", help="Only results whose message contains these words.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Maximum number.")
@click.option("--after", metavar="TASK_ID", help="Only results after this one: the next page.")
@access_options
@options.json_option
def list_results(
    chip: str | None,
    execution: str | None,
    task: str | None,
    target: str | None,
    status: str | None,
    verdict: str | None,
    shared: RecordFilters,
    search: str | None,
    limit: int,
    after: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List task results, newest first.

    A refit has the time of its measurement, and is marked with its own.
    """
    from qdash_core.models.task import TaskStatus, Verdict, parse_choice
    from qdash_core.resources import results as operations

    with command_user.connect() as home:
        zone = home.zone
        conditions = shared.parse(zone)
        page = home.ask(
            operations.list_results.paged(limit=limit),
            chip_id=chip,
            execution_id=execution,
            task=task,
            target=target,
            status=None if status is None else TaskStatus(parse_choice(TaskStatus, "status", status)),
            verdict=None if verdict is None else Verdict(parse_choice(Verdict, "verdict", verdict)),
            q=search,
            tag=conditions["tags"],
            user=conditions["username"],
            cooldown_id=conditions["cooldown_id"],
            since=conditions["since"],
            until=conditions["until"],
            after_result=after,
        )
    if as_json:
        emit_json(page.items)
    elif page.items:
        _print_results(page.items, zone)
        if page.next is not None:
            print_message(f"and more: --after {page.items[-1].task_id}")
    else:
        given = (chip, execution, task, target, status, verdict, search, after, *conditions.values())
        print_message("no matching results" if any(given) else "no results yet")


def _print_results(results: Sequence[ResultDocument], zone: ZoneInfo) -> None:
    begun = format_time_header("begun", zone, (_get_start(one) for one in results))
    print_table(
        ("execution", "chip", "task", "target", "result", begun, "values or reason", "task id"),
        (
            (
                one.execution_id,
                one.chip_id,
                one.name,
                one.qid,
                one.outcome_in_force,
                format_short_time(_get_start(one), zone),
                "; ".join(
                    filter(
                        None,
                        (
                            describe_refit(one, zone),
                            one.message,
                            format_values(one.output_parameters),
                            format_decisions(one.decisions),
                        ),
                    )
                ),
                one.task_id,
            )
            for one in results
        ),
        fold=("values or reason",),
    )


def _get_start(result: ResultDocument) -> datetime | None:
    measured = result.measurement
    return measured.start_at or measured.end_at
