"""Command `qdash metrics`: the values of a chip."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.period_options import parse_optional_time
from qdash_cli.rendering.output import emit, print_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.requests.values import ValuesQuery
    from qdash_builtin.metrics.selection import Selection
    from qdash_core.models.marks import Mark
    from qdash_core.operations.transport import Transport

_MODES = ("latest", "best", "average", "median")
_CHOICES = (
    click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges."),
    click.option("--couplings", metavar="0-1,..", help="Only these couplings."),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        metavar="NAME,..",
        help="Only these metrics, or groups of the metrics file.",
    ),
    click.option(
        "--mode", type=click.Choice(_MODES), help="Statistic of the recorded results; default: latest."
    ),
    click.option("--cooldown", metavar="ID", help="Only results of this cool-down."),
    click.option(
        "--since", metavar="TIME", help="Only results since this time: 2026-11-20, 2026-11-20T18:30, 24h."
    ),
    click.option("--until", metavar="TIME", help="Only results before this time."),
    click.option("--older-than", metavar="24h", help="Only values older than this."),
    click.option("--failed", is_flag=True, help="Only metrics whose newest measurement failed."),
    click.option("--out-of-spec", is_flag=True, help="Only values outside their thresholds."),
    click.option(
        "--marked",
        is_flag=False,
        flag_value="any",
        metavar="[MARK,..]",
        help="Only values with one of these marks, such as too-old,set-broken, or with any.",
    ),
    click.option("--all", "flagged", is_flag=True, help="Include newer flagged values, with reasons."),
)


@dataclass(frozen=True, slots=True)
class _MetricOptions:
    """Options of the command, unparsed."""

    qids: str | None
    couplings: str | None
    metrics: tuple[str, ...]
    mode: str | None
    cooldown: str | None
    since: str | None
    until: str | None
    older_than: str | None
    failed: bool
    out_of_spec: bool
    marked: str | None
    flagged: bool

    def make_query(self, zone: ZoneInfo) -> ValuesQuery:
        """Return the query; raise InvalidInputError if an option is invalid."""
        from qdash_builtin.metrics.requests.values import ValuesQuery
        from qdash_builtin.metrics.selection import Mode, parse_marks
        from qdash_core.models.target_lists import parse_couplings, parse_qubits

        return ValuesQuery(
            target=[
                *(() if self.qids is None else parse_qubits(self.qids)),
                *(() if self.couplings is None else parse_couplings(self.couplings)),
            ],
            metric=_split_metric_names(self.metrics),
            mode=Mode(self.mode or Mode.LATEST),
            cooldown_id=self.cooldown,
            since=parse_optional_time(self.since, zone, option="--since"),
            until=parse_optional_time(self.until, zone, option="--until"),
            flagged=self.flagged,
            older_than=self.older_than,
            failed=self.failed,
            out_of_spec=self.out_of_spec,
            marked=[] if self.marked is None else [*parse_marks(self.marked.split(","))],
        )


def _add_selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the selection options to a command, passed as one argument `metric_options`."""
    names = [field.name for field in fields(_MetricOptions)]

    @wraps(command)
    def chosen(*args: Any, **given: Any) -> Any:
        metric_options = _MetricOptions(**{name: given.pop(name) for name in names})
        return command(*args, metric_options=metric_options, **given)

    for option in reversed(_CHOICES):
        chosen = option(chosen)
    return chosen


@click.command()
@click.argument("chip_id", metavar="CHIP")
@_add_selection_options
@click.option("--long", "one_a_row", is_flag=True, help="One row for each value, with age and origin.")
@click.option(
    "--summary",
    is_flag=True,
    help="Number of values, yield, median and best value of each metric; in JSON also the CDF.",
)
@click.option(
    "--trend",
    is_flag=True,
    help="Change points (sizes in noise sd, the standard deviation of the noise around the level), drift, and the spread beyond the error bars of each metric; with --long every series.",
)
@access_options
@options.json_option
def metrics(
    chip_id: str,
    metric_options: _MetricOptions,
    one_a_row: bool,
    summary: bool,
    trend: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the values of a chip, or statistics of its recorded results."""
    from qdash_core.errors import InvalidInputError

    if summary and (one_a_row or trend):
        raise InvalidInputError("use --summary without --long and --trend")
    from qdash_builtin.metrics.operations import metrics as operations

    with command_user.connect() as home:
        zone = home.zone
        query = metric_options.make_query(zone)
        selection = query.make_selection()
        if trend:
            _show_trends(home, chip_id, query, selection, every=one_a_row, as_json=as_json)
            return
        if summary and (as_json or selection.leaves_out):  # which is refused
            emit(home.ask(operations.metric_summary, chip_id, query).as_json_text())
            return
        if as_json:
            emit(home.ask(operations.chip_values, chip_id, query).as_json_text())
            return
        table = home.ask(operations.value_table, chip_id, query)
    from qdash_builtin.metrics.text_output import metric_tables

    is_empty = not (table.values.qubits or table.values.couplings)
    if not any(table.summaries.values()) if summary else is_empty:
        print_message(_describe_missing_values(chip_id, selection))
    elif summary:
        metric_tables.show_summaries(table)
    elif one_a_row:
        metric_tables.show_each_value(table, zone)
    else:
        metric_tables.show_values(table, selection)


def _show_trends(
    home: Transport, chip_id: str, query: ValuesQuery, selection: Selection, *, every: bool, as_json: bool
) -> None:
    from dataclasses import replace

    from qdash_builtin.metrics.operations.chip_trends import chip_trends
    from qdash_builtin.metrics.operations.metrics import metric_definitions
    from qdash_builtin.metrics.selection import ALL_TIME, Selection
    from qdash_core.errors import InvalidInputError

    if replace(selection, targets=(), metrics=(), period=ALL_TIME) != Selection():
        raise InvalidInputError(
            "trends are of all accepted values: with --trend use only --qids, --couplings, --metric, --cooldown, --since and --until"
        )
    trends = home.ask(
        chip_trends,
        chip_id,
        tuple(query.target),
        tuple(query.metric),
        query.cooldown_id,
        query.since,
        query.until,
    )
    if as_json:
        emit(trends.as_json_text())
        return
    from qdash_builtin.metrics.text_output.trends import show_trends

    if not trends.series:
        print_message(_describe_missing_values(chip_id, selection))
    else:
        show_trends(trends, home.ask(metric_definitions), home.zone, every=every)


def _describe_missing_values(chip_id: str, selection: Selection) -> str:
    from dataclasses import replace

    from qdash_builtin.metrics.selection import Selection

    chosen = "selected " if selection.targets or selection.metrics else ""
    rest = replace(selection, targets=(), metrics=(), flagged=False)
    if rest == Selection(failed=True):
        return f"no newest {chosen}measurement of {chip_id} failed"
    if selection.marks and rest == Selection(marks=selection.marks):
        return f"no {chosen}value in use of {chip_id} has {_describe_marks(selection.marks)}"
    if selection != Selection(flagged=selection.flagged):
        return f"chip {chip_id} has no matching values"
    return f"no values yet: calibrate with `qdash calibrate {chip_id} --flow bring-up`"


def _describe_marks(marks: Sequence[Mark]) -> str:
    from qdash_core.models.marks import Mark

    return "a mark" if set(marks) == set(Mark) else f"the mark {' or '.join(marks)}"


def _split_metric_names(given: Iterable[str]) -> list[str]:
    """Return the named metrics and groups of metrics."""
    from qdash_core.errors import InvalidInputError

    names = [name.strip() for text in given for name in text.split(",")]
    if "" in names:
        raise InvalidInputError("--metric has an empty entry: write names of metrics such as t1,t2_echo")
    return names
