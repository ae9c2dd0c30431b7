"""Command `qdash compare`: a chip at two points in time, or two chips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.values.commands.values import GivenTargets, metrics_option, split_names, target_options
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, format_count, format_value, print_message, print_table
from qdash_cli.rendering.times import format_short_time, get_zone_abbreviation
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.views.comparisons import (
        ComparedStateDocument,
        ComparedValueDocument,
        PointComparisonDocument,
    )
    from qdash_builtin.values.views.shown_values import ValueDocument


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="[B]", default="now")
@click.option(
    "--chip",
    "chip_id",
    metavar="CHIP",
    help="Chip, if the points name none; default: the only one of the project.",
)
@target_options
@metrics_option
@click.option(
    "--limit", type=click.IntRange(1), default=40, show_default=True, help="Maximum number of listed values."
)
@click.option("--all", "everything", is_flag=True, help="List every value that differs.")
@access_options
@options.json_option
def compare(
    before: str,
    after: str,
    chip_id: str | None,
    targets: GivenTargets,
    metrics: str | None,
    limit: int,
    everything: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Compare a chip at two points in time, or two chips, the most significant changes first.

    A and B are a time ('2026-11-20 18:00', 18:00 for the last one, 12h before now, last-night or night-before-last for 18:00 of
    that night), an execution id (its end), release:NAME,
    cooldown:ID (its end), cooldown-start:ID (its first values), chip:ID (its present state), day:DATE (its daily
    copies at the end of the day) or now. B is now by default.

    The table lists values that moved by more than their usual scatter in the time between A and B, and by more than the
    tolerance of their metric, whether they became better or worse, and the multiplexer, module or line that they share with others. The page Compare of the dashboard shows them on the map.
    """
    from qdash_builtin.comparisons.operations import compare_points_of_project

    with command_user.connect() as home:
        zone = home.zone
        shown = home.ask(
            compare_points_of_project,
            before,
            after,
            chip=chip_id,
            qubits=targets.qubits,
            muxes=targets.muxes,
            couplings=targets.couplings,
            metric=tuple(split_names(metrics) or ()),
        )
    if as_json:
        emit_json(shown)
    else:
        print_comparison(shown, zone, limit=None if everything else limit)


def print_comparison(shown: PointComparisonDocument, zone: ZoneInfo, *, limit: int | None = None) -> None:
    """Print sentences, then the values that moved, up to a limit, or every value that differs if it is None."""
    print_message(f"{_describe_state(shown.before, zone)} → {_describe_state(shown.after, zone)}")
    sentences = [
        f"{text}: {targets}" for text, targets in shown.list_shared_changes()
    ] + shown.list_sentences()
    if sentences:
        print_message()
    for sentence in sentences:
        print_message(sentence)
    listed = shown.values if limit is None else shown.moved[:limit]
    if listed:
        print_message()
        print_table(
            ("target", "parameter", "before", "after", "difference", "change", "effect", "shared by"),
            map(_make_row, listed),
            fold=("shared by",),
        )
    print_message()
    if not shown.values and not sentences:
        print_message(f"nothing changed: {format_count(shown.unchanged, 'equal value')}")
        return
    hidden = len(shown.moved) - len(listed)
    more = f"; {hidden} more with --all" if hidden > 0 else ""
    print_message(f"{shown.describe_counts()}{more}")


def _describe_state(state: ComparedStateDocument, zone: ZoneInfo) -> str:
    """Return the chip and the point, as in `chip a at release:friday (11-20 18:00 CET)`."""
    time = (
        "not ended"
        if state.at is None
        else f"{format_short_time(state.at, zone)} {get_zone_abbreviation(zone, state.at)}"
    )
    if state.name == f"chip:{state.chip_id}":
        return f"chip {state.chip_id} ({time})"
    if state.name == "now":
        return f"chip {state.chip_id} now ({time})"
    return f"chip {state.chip_id} at {f'{state.name} ({time})' if state.name else time}"


def _make_row(one: ComparedValueDocument) -> tuple[str | None, ...]:
    difference = (
        None
        if one.difference is None or one.after is None
        else format_quantity(one.difference, one.error, one.after.get("unit", ""))
    )
    return (
        one.target,
        one.parameter,
        _format(one.before),
        _format(one.after),
        difference,
        one.describe_difference(),
        one.effect,
        one.shared,
    )


def _format(value: ValueDocument | None) -> str:
    return format_value(value) or "-"
