"""Commands `qdash provenance`: the origin and use of a value, and the impact of a result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from qdash_builtin.figures.output import write_figure
from qdash_builtin.metrics.requests.histories import TraceQuery, ValueTraceQuery
from qdash_builtin.provenance import operations
from qdash_builtin.provenance.text_output import SHORT_ID, ProvenanceTrees
from qdash_builtin.provenance.views.impacts import ImpactDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import (
    emit,
    format_count,
    format_decisions,
    print_indented,
    print_message,
    print_table,
)
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.errors import InvalidInputError
from qdash_core.models.quantities import format_quantity, use_unit_symbols
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.provenance.views.provenance import ProvenanceDocument, TracedValueDocument

    Direction = Literal["back", "forward"]

_DEPTH = 2
_MOST_STEPS = 1000
_SHOWN = 30


class _Provenance(click.Group):
    """Group whose command `show` needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; without a command name they are those of `show`."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both forms of the command."""
        formatter.write_usage(ctx.command_path, "CHIP TARGET METRIC|TASK_ID [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


@click.group(cls=_Provenance)
def provenance() -> None:
    """Show the origin and use of a value, and the impact of a result.

    `qdash provenance CHIP TARGET METRIC` is `qdash provenance show CHIP TARGET METRIC`, and `qdash provenance TASK_ID` is `qdash provenance
    show TASK_ID`.
    """


def _parse_depth(_ctx: click.Context, _parameter: click.Parameter, text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_STEPS:
        raise click.BadParameter(f"{text!r} is neither a number from 1 to {_MOST_STEPS} nor `all`")
    return int(text)


@provenance.command()
@click.argument("name", metavar="CHIP|TASK_ID")
@click.argument("target", metavar="[TARGET]", required=False)
@click.argument("metric", metavar="[METRIC]", required=False)
@click.option("--back", is_flag=True, help="Only the results and changes that it came from.")
@click.option("--forward", is_flag=True, help="Only the results, changes and releases that used it.")
@click.option(
    "--depth",
    callback=_parse_depth,
    default=str(_DEPTH),
    metavar="N|all",
    show_default=True,
    help="Number of steps in each direction.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a figure to this file: .json, .html, .png or .svg.",
)
@access_options
@options.json_option
def show(
    name: str,
    target: str | None,
    metric: str | None,
    back: bool,
    forward: bool,
    depth: int | None,
    picture: Path | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the origin and use of a value in use or of a result.

    They are printed as two trees. --json has the terms of W3C PROV.
    """
    from qdash_builtin.figures.files import get_figure_renderer

    if target is not None and metric is None:
        raise InvalidInputError("name the parameter, too: `qdash provenance CHIP TARGET METRIC`")
    direction: Direction | None = None if back == forward else "back" if back else "forward"
    if picture is not None:
        get_figure_renderer(picture.suffix)
    with command_user.connect() as home:

        def trace(direction: Direction | None, depth: int | None) -> ProvenanceDocument:
            if target is None or metric is None:
                return home.ask(operations.trace_result, name, TraceQuery(direction=direction, depth=depth))
            query = ValueTraceQuery(target=target, metric=metric, direction=direction, depth=depth)
            return home.ask(operations.trace_value, name, query)

        zone = home.zone
        document = trace(direction, depth)
        if picture is not None:
            if target is None or metric is None:
                of_result = TraceQuery(direction=direction, depth=depth)
                figure = home.ask(operations.draw_provenance_of_result, name, of_result)
            else:
                query = ValueTraceQuery(target=target, metric=metric, direction=direction, depth=depth)
                figure = home.ask(operations.draw_provenance, name, query)
            write_figure(picture, figure)
        # A rejected value may be further away than the tree shows.
        only_text = not as_json and picture is None and direction != "forward"
        rejected = ProvenanceTrees(trace("back", None), zone).list_rejected() if only_text else []
    if as_json:
        emit(document.as_json_text())
    elif picture is not None:
        print_message(f"{document.n_nodes} results, changes and releases in {picture}")
    else:
        _print_trees(document, zone, direction, rejected)


def _print_trees(
    document: ProvenanceDocument, zone: ZoneInfo, direction: Direction | None, rejected: Sequence[str]
) -> None:
    trees = ProvenanceTrees(document, zone)
    if document.value is not None:
        print_message(_describe_value(document.value, zone))
        for mark in document.entity[document.value.entity].mark_reasons or ():
            print_message(f"{mark.mark.sign} {mark.mark}: {use_unit_symbols(mark.reason)}")
    if not document.root:
        print_message("its origin is not recorded")
        return
    print_message(trees.describe(document.root))
    if rejected:
        print_message(f"rejected since, among its origins: {'; '.join(rejected)}")
    times = [one.startTime for one in document.activity.values()]
    for title, lines, nothing, wanted in (
        ("it came from", trees.iter_earlier(), "nothing else", "back"),
        ("it was used by", trees.iter_later(), "nothing yet", "forward"),
    ):
        if direction not in (None, wanted):
            continue
        print_message()
        print_message(f"{format_time_header(title, zone, times)}:")
        printed = False
        for indent, text, further in lines:
            print_indented(text, indent=indent, further=f"{further}    ")
            printed = True
        if not printed:
            print_message(nothing)
    if not document.complete:
        print_message(
            "incomplete: there are more results, changes and releases than a tree shows; `--depth N` selects the nearest ones"
        )


def _describe_value(value: TracedValueDocument, zone: ZoneInfo) -> str:
    quantity = format_quantity(value.value, value.error, value.unit)
    text = f"{value.parameter} of {value.target}: {quantity}"
    if value.put_in_use_by is None:
        return text
    number = value.put_in_use_by.partition(":")[2]
    when = format_short_time(value.changed_at, zone)
    return f"{text}, put in use by {value.username} with event {number}, {when}{f': {value.reason}' if value.reason else ''}"


def _print_impact(found: ImpactDocument, zone: ZoneInfo) -> None:
    in_use = f", in use: {', '.join(found.in_use)}" if found.in_use else ", not in use"
    print_message(f"{found.name} on {found.target} of chip {found.chip_id} [{found.task_id}]{in_use}")
    if found.rejected:
        print_message(format_decisions(found.rejected))
    if not found.results and not found.releases:
        print_message("no result used its values, and no release contains them")
        return
    print_message(_summarise_impact(found))
    if found.releases:
        print_message(f"releases: {', '.join(one.name for one in found.releases)}")
    by_target: dict[str, list[str]] = {}
    for value in found.values:
        by_target.setdefault(value.target, []).append(value.parameter)
    if by_target:
        print_message()
        print_table(
            ("target", "values in use"),
            ((target, ", ".join(sorted(by_target[target]))) for target in sorted(by_target, key=by_number)),
            fold=("values in use",),
        )
    if not found.results:
        return
    print_message()
    supplying = {one.task_id for one in found.values}
    begun = format_time_header("begun", zone, [one.start_at for one in found.results])
    print_table(
        ("steps", "task", "target", "outcome", "in use", begun, "id"),
        (
            (
                one.steps,
                one.name,
                one.target,
                one.outcome,
                "*" if one.task_id in supplying else "",
                format_short_time(one.start_at, zone),
                one.task_id[:SHORT_ID],
            )
            for one in found.results[:_SHOWN]
        ),
    )
    if (rest := len(found.results) - _SHOWN) > 0:
        print_message(f"and {format_count(rest, 'more result')}: --json lists all")
    if not found.complete:
        print_message(
            "incomplete: there are more results than the list contains; "
            "`qdash provenance impact` of a listed result continues from there"
        )


def _summarise_impact(found: ImpactDocument) -> str:
    """Return the numbers of results, values in use and releases; after a rejection also those of values measured since."""
    direct = sum(one.steps == 1 for one in found.results)
    parts = [] if found.complete else ["incomplete, since there are more results than the list contains"]
    if found.results:
        parts.append(
            f"{format_count(len(found.results), 'result')} used its values, {direct} of them directly"
        )
    if found.values:
        targets = format_count(len({one.target for one in found.values}), "target")
        parts.append(f"{format_count(len(found.values), 'value')} in use on {targets} depend on them")
    if found.releases:
        parts.append(f"{format_count(len(found.releases), 'release')} with such values")
    if found.rejected:
        rejected_at = max(one.decided_at for one in found.rejected.values())
        since = [one for one in found.values if one.start_at is not None and one.start_at > rejected_at]
        if since:
            parts.append(
                f"{format_count(len(since), 'value')} in use {'was' if len(since) == 1 else 'were'} measured after the rejection, and "
                "came from it only through other results"
            )
    return "; ".join(parts)


add_commands(provenance, operations.operations, {ImpactDocument: _print_impact})
