"""Commands `qdash provenance`: the origin and use of a value, and the impact of a result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import (
    emit,
    emit_json,
    format_count,
    format_quantity,
    print_indented,
    print_message,
    print_table,
    write_file,
)
from qdash_core.cli.rendering.provenance_trees import SHORT_ID, ProvenanceTrees
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.documents.provenance import ImpactDocument, ProvenanceDocument, TracedValueDocument
    from qdash_core.provenance.service import Direction

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
        formatter.write_usage(ctx.command_path, "CHIP TARGET METRIC [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")


@click.group(cls=_Provenance)
def provenance() -> None:
    """Show the origin and use of a value, and the impact of a result.

    `qdash provenance CHIP TARGET METRIC` is `qdash provenance show CHIP TARGET METRIC`.
    """


def _parse_depth(_ctx: click.Context, _parameter: click.Parameter, text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_STEPS:
        raise click.BadParameter(f"{text!r} is neither a number from 1 to {_MOST_STEPS} nor `all`")
    return int(text)


@provenance.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("target", metavar="TARGET")
@click.argument("metric", metavar="METRIC")
@click.option(
    "--back", "direction", flag_value="back", help="Only the results and changes that it came from."
)
@click.option(
    "--forward",
    "direction",
    flag_value="forward",
    help="Only the results, changes and releases that used it.",
)
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
    chip_id: str,
    target: str,
    metric: str,
    direction: Direction | None,
    depth: int | None,
    picture: Path | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the origin and use of the value in use.

    They are printed as two trees. --json has the terms of W3C PROV.
    """
    from qdash_core.documents.provenance import ProvenanceDocument
    from qdash_core.models.base import utc_now
    from qdash_core.provenance.service import select_directions
    from qdash_core.tasks.figure_files import get_figure_renderer

    draw = None if picture is None else get_figure_renderer(picture.suffix)
    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        pictures = None if picture is None else qdash.registry.pictures()
        graph = qdash.provenance.trace_value(
            access, chip_id, target, metric, directions=select_directions(direction), depth=depth
        )
    document = ProvenanceDocument.from_graph(graph)
    if picture is not None and draw is not None and pictures is not None:
        write_file(picture, draw(pictures.provenance(graph, now=utc_now(), zone=zone)))
    if as_json:
        emit(document.as_json_text())
    elif picture is not None:
        print_message(f"results and changes in {picture}: {len(document.activity)}")
    else:
        _print_trees(document, zone, direction)


@provenance.command()
@click.argument("task_id", metavar="TASK_ID")
@access_options
@options.json_option
def impact(task_id: str, command_user: CommandUser, as_json: bool) -> None:
    """List everything that depends on a result.

    These are the results that used its values, directly or through other results, values in use, and releases.
    """
    from qdash_core.documents.provenance import ImpactDocument

    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        graph = qdash.provenance.find_impact(access, qdash.results.resolve_id(access, task_id))
    found = ImpactDocument.from_graph(graph)
    if as_json:
        emit_json(found)
    else:
        _print_impact(found, zone)


def _print_trees(document: ProvenanceDocument, zone: ZoneInfo, direction: Direction | None) -> None:
    trees = ProvenanceTrees(document, zone)
    assert document.value is not None
    print_message(_describe_value(document.value, zone))
    if not document.root:
        print_message("its origin is not recorded")
        return
    print_message(trees.describe(document.root))
    for title, lines, nothing, wanted in (
        ("it came from", trees.iter_earlier(), "nothing else", "back"),
        ("it was used by", trees.iter_later(), "nothing yet", "forward"),
    ):
        if direction not in (None, wanted):
            continue
        print_message()
        print_message(f"{title}:")
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
    if not found.results and not found.releases:
        print_message("no result used its values, and no release contains them")
        return
    direct = sum(one.steps == 1 for one in found.results)
    print_message(
        f"{format_count(len(found.results), 'result')} used its values, {direct} of them directly; "
        f"{format_count(len(found.values), 'value')} in use on {format_count(len({one.target for one in found.values}), 'target')}, and "
        f"{format_count(len(found.releases), 'release')} depend on them"
    )
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
    if found.results:
        print_message()
        print_table(
            (
                "steps",
                "task",
                "target",
                "outcome",
                format_time_header("begun", zone, [one.start_at for one in found.results]),
                "id",
            ),
            (
                (
                    one.steps,
                    one.name,
                    one.target,
                    one.outcome,
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
