"""Command `qdash values history`: all recorded values of a metric, as a table, JSON, CSV or a figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.figures.output import write_figure
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.period_options import parse_optional_time
from qdash_cli.rendering.output import (
    emit,
    format_count,
    format_reasons,
    print_message,
    print_table,
)
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.quantities import format_quantity, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.views.metric_history import (
        FailedAttemptDocument,
        HistoryPointDocument,
        MetricHistoryDocument,
    )

_SHOWN = 50
"""Number of values in a table unless `--limit` is given."""


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("target", metavar="TARGET")
@click.argument("metric", metavar="METRIC")
@click.option(
    "--since",
    metavar="TIME",
    help="Only results since this time: 2026-11-20, 2026-11-20T18:30, 24h (24 hours ago).",
)
@click.option("--until", metavar="TIME", help="Only results before this time.")
@click.option("--cooldown", metavar="ID", help="Only results of this cool-down.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Only the newest N values; default: {_SHOWN} in the table, otherwise all.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a row of CSV for each value.")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a figure to this file: .json, .html, .png or .svg.",
)
@access_options
@options.json_option
def history(
    chip_id: str,
    target: str,
    metric: str,
    since: str | None,
    until: str | None,
    cooldown: str | None,
    limit: int | None,
    as_csv: bool,
    picture: Path | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List all recorded values of a metric on a target, newest first."""
    from qdash_builtin.figures.files import get_figure_renderer
    from qdash_builtin.metrics.operations import metric_histories
    from qdash_builtin.metrics.requests.histories import CompleteHistoryQuery
    from qdash_core.errors import InvalidInputError

    if as_csv and as_json:
        raise InvalidInputError("use --json or --csv, not both")
    if picture is not None:
        get_figure_renderer(picture.suffix)
    with command_user.connect() as home:
        zone = home.zone
        start = parse_optional_time(since, zone, option="--since")
        end = parse_optional_time(until, zone, option="--until")
        query = CompleteHistoryQuery(
            target=target, metric=metric, cooldown_id=cooldown, since=start, until=end, newest=limit
        )
        if picture is not None:
            write_figure(picture, home.ask(metric_histories.draw_metric_history, chip_id, query))
        if as_csv:
            for chunk in home.ask(metric_histories.metric_history_file, chip_id, query).chunks:
                emit(chunk.decode())
            return
        found = home.ask(metric_histories.complete_metric_history, chip_id, query)
    if as_json:
        emit(found.as_json_text())
    elif picture is not None:
        print_message(f"{format_count(len(found.points), 'value')} in {picture}")
    elif found.points:
        _print_points(found, zone, shown=limit or _SHOWN)
    else:
        further = " in this period" if cooldown or start or end else " yet"
        print_message(f"chip {chip_id} has no values of {metric} for {found.target}{further}")


def _print_points(found: MetricHistoryDocument, zone: ZoneInfo, *, shown: int) -> None:
    from qdash_core.models.marks import format_signs

    points = found.points[:shown]
    print_table(
        (
            "",
            format_time_header("measured", zone, (one.measured_at for one in points)),
            found.metric,
            "verdict",
            "by",
            "cool-down",
            "task",
            "remark",
            "task id",
        ),
        (
            (
                ("*" if one.in_use else "") + format_signs(one.mark_reasons or ()),
                format_short_time(one.measured_at, zone),
                format_quantity(one.value, one.error, one.unit),
                one.outcome,
                _name_author(one),
                one.cooldown_id or "",
                one.task,
                _describe(one, zone),
                one.task_id,
            )
            for one in points
        ),
        fold=("remark",),
    )
    print_message()
    if any(one.in_use for one in points):
        print_message("* in use")
    for mark in next((one.mark_reasons or () for one in points if one.in_use), ()):
        print_message(f"{mark.mark.sign} {mark.mark}: {use_unit_symbols(mark.reason)}")
    if found.failures:
        print_message(_describe_failures(found.failures, zone))
    if len(found.points) > shown:
        print_message(f"and {len(found.points) - shown} older: --limit shows more; --json and --csv show all")


def _describe_failures(failures: Sequence[FailedAttemptDocument], zone: ZoneInfo) -> str:
    """Return the number of failed task attempts without a value, and the newest one."""
    newest = failures[0]
    return (
        f"{format_count(len(failures), 'failed attempt')} without a value; the newest, {newest.task} {format_short_time(newest.start_at, zone)}: "
        f"`qdash task results --execution {newest.execution_id} --task {newest.task} --status failed`"
    )


def _name_author(point: HistoryPointDocument) -> str:
    """Return the user who decided on or entered a value; empty for a verdict of the validation."""
    if point.decision is not None:
        return point.decision.username
    return point.username if point.manual else ""


def _describe(point: HistoryPointDocument, zone: ZoneInfo) -> str:
    parts = [
        f"control {point.control}" if point.control is not None else "",
        point.condition or "",
        point.remark,
        _describe_refit(point, zone),
    ]
    if point.decision is not None:
        was = point.verdict or point.status
        parts += [point.decision.reason, f"validation: {was}" if was != point.outcome else ""]
    return "; ".join(filter(None, (*parts, format_reasons(point.reasons))))


def _describe_refit(point: HistoryPointDocument, zone: ZoneInfo) -> str:
    if not point.refit_of:
        return ""
    at = "" if point.start_at is None else f" {format_short_time(point.start_at, zone)}"
    return f"{name_analysis(point.analysis_model)}{at} by {point.username}"
