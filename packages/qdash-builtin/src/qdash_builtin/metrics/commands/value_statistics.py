"""Command `qdash values statistics`: the values of a metric over the targets of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.period_options import parse_optional_time
from qdash_cli.rendering.output import emit, print_message, print_table
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_quantity, use_unit_symbols

if TYPE_CHECKING:
    from qdash_builtin.metrics.views.metric_statistics import (
        CoefficientDocument,
        MetricStatisticsDocument,
        SetStatisticsDocument,
    )
    from qdash_core.models.targets import TargetKind


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("metric", metavar="METRIC")
@click.option(
    "--mode",
    type=click.Choice(("latest", "best", "average", "median")),
    default="latest",
    help="Statistic of the recorded results of each target; default: latest.",
)
@click.option("--cooldown", metavar="ID", help="Only results of this cool-down.")
@click.option(
    "--since", metavar="TIME", help="Only results since this time: 2026-11-20, 2026-11-20T18:30, 24h."
)
@click.option("--until", metavar="TIME", help="Only results before this time.")
@click.option("--with", "other_metric", metavar="METRIC", help="Correlation with this metric.")
@click.option("--other-chip", metavar="CHIP", help="Values of this chip beside them.")
@click.option("--other-cooldown", metavar="ID", help="Values of this cool-down beside them.")
@click.option(
    "--kind", type=click.Choice(("qubit", "coupling")), help="Kind of target, if both have the metric."
)
@click.option("--without-excluded", is_flag=True, help="Leave out excluded and dead targets.")
@click.option("--series", is_flag=True, help="With --json or --csv: the values with time.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a row of CSV for each target.")
@access_options
@options.json_option
def statistics(
    chip_id: str,
    metric: str,
    mode: str,
    cooldown: str | None,
    since: str | None,
    until: str | None,
    other_metric: str | None,
    other_chip: str | None,
    other_cooldown: str | None,
    kind: TargetKind | None,
    without_excluded: bool,
    series: bool,
    as_csv: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the distribution of a metric over the targets of a chip, and its correlation with another metric."""
    from qdash_builtin.metrics.operations.metric_statistics import metric_statistics
    from qdash_builtin.metrics.requests.statistics import StatisticsQuery
    from qdash_builtin.metrics.selection import Mode
    from qdash_builtin.metrics.views.metric_statistics import make_statistics_csv
    from qdash_core.errors import InvalidInputError

    if as_csv and as_json:
        raise InvalidInputError("use --json or --csv, not both")
    if series and not (as_csv or as_json):
        raise InvalidInputError("use --series with --json or --csv")
    with command_user.connect() as home:
        start = parse_optional_time(since, home.zone, option="--since")
        end = parse_optional_time(until, home.zone, option="--until")
        compares = other_chip is not None or other_cooldown is not None
        query = StatisticsQuery(
            metric=metric,
            kind=kind,
            mode=Mode(mode),
            cooldown_id=cooldown,
            since=start,
            until=end,
            other_metric=other_metric,
            other_chip_id=other_chip,
            other_cooldown_id=(other_cooldown or cooldown) if compares else None,
            other_since=start if compares else None,
            other_until=end if compares else None,
            without_excluded=without_excluded,
            series=series,
        )
        found = home.ask(metric_statistics, chip_id, query)
    if as_json:
        emit(found.as_json_text())
    elif as_csv:
        emit(make_statistics_csv(found, series=series))
    else:
        _print_statistics(found)


def _print_statistics(found: MetricStatisticsDocument) -> None:
    if found.histogram is None:
        print_message(f"chip {found.sets[0].chip_id} has no values of {found.metric} in this selection")
        return
    names = [_describe_set(one) for one in found.sets]
    columns = [_list_facts(one, found) for one in found.sets]
    print_table(
        (found.metric, *names),
        [(name, *(column[name] for column in columns)) for name in columns[0]],
    )
    if found.definition is not None and found.definition.specification:
        print_message(f"\nin specification: {use_unit_symbols(found.definition.specification)}")
    for name, one in zip(names, found.sets, strict=True):
        for words in _list_remarks(one):
            print_message(f"{name}: {words}")


def _describe_set(one: SetStatisticsDocument) -> str:
    return one.chip_id if one.cooldown_id is None else f"{one.chip_id} {one.cooldown_id}"


def _list_facts(one: SetStatisticsDocument, found: MetricStatisticsDocument) -> dict[str, str]:
    summary, best = one.summary, one.best_value
    share = summary.fraction_within
    facts = {
        "measured": f"{summary.n} of {summary.targets}",
        "yield": "" if share is None else f"{summary.within} of {summary.targets} ({100 * share:.0f} %)",
        "best": "" if best is None else f"{_format(best.value, found, best.error)} of {best.target}",
        "mean": _format(one.mean, found, one.mean_error),
        "median": _format(summary.median, found),
        "quartiles": " to ".join(
            _format(value, found) for value in (one.lower_quartile, one.upper_quartile) if value is not None
        ),
        "std": _format(one.std, found),
    }
    if one.correlation is not None:
        facts["pairs"] = str(one.correlation.n)
        for name in ("pearson", "spearman"):
            facts[name] = _format_coefficient(getattr(one.correlation, name))
    return facts


def _format(value: float | None, found: MetricStatisticsDocument, error: float | None = None) -> str:
    """Return a stored value in the display unit, with its error or with five digits."""
    if value is None:
        return ""
    metric = found.definition
    scale, unit = (1.0, found.unit) if metric is None else (metric.scale, metric.unit)
    if error is None:
        return use_unit_symbols(format_quantity(float(f"{value * scale:.5g}"), None, unit))
    return use_unit_symbols(format_quantity(value * scale, error * scale, unit))


def _format_coefficient(one: CoefficientDocument | None) -> str:
    return "" if one is None else f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"


def _list_remarks(one: SetStatisticsDocument) -> list[str]:
    """Return what the numbers include or leave out."""
    remarks = []
    if one.missing:
        remarks.append(f"no value of {summarize_names(one.missing)}")
    if one.set_aside:
        remarks.append(f"excluded or dead, but included: {summarize_names(one.set_aside)}")
    if one.other_units:
        remarks.append(f"left out, stored in another unit: {summarize_names(one.other_units)}")
    if one.correlation is not None and (reason := one.correlation.describe_absence()):
        remarks.append(reason)
    return remarks
