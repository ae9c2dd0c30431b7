"""Command `qdash schedule`: groups of targets measured together, with a lower bound on their number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table, write_file

if TYPE_CHECKING:
    from qdash_builtin.chips.views.schedules import ScheduleDocument
    from qdash_core.models.targets import TargetKind


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--kind", required=True, type=click.Choice(["coupling", "qubit"]), help="Kind of the targets.")
@click.option(
    "--strategy",
    metavar="S",
    help="Strategy: for couplings best (default), bipartite, exact, group-by-group, saturation, largest-first; for qubits "
    "uncoupled (default), synchronized, checkerboard, synchronized-boxes, boxes, serial; or a plugin's.",
)
@click.option(
    "--max-parallel",
    type=click.IntRange(min=1),
    metavar="N",
    help="Largest number of targets measured at once.",
)
@click.option(
    "--flow", metavar="NAME", help="Flow whose tasks are scheduled; default: two-qubit or bring-up."
)
@click.option("--couplings", metavar="0-1,..", help="Only these couplings.")
@click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges.")
@click.option("--exclude", metavar="5,8-11,..", help="Exclude these qubits and ranges.")
@click.option("--spectators", is_flag=True, help="Couplings that are one coupling apart exclude each other.")
@click.option(
    "--collisions", is_flag=True, help="Couplings exclude each other if a drive is close to a transition."
)
@click.option("--one-of-each-mux", is_flag=True, help="One qubit of each multiplexer is measured at a time.")
@click.option(
    "--wiring/--no-wiring",
    default=None,
    help="Whether targets on one module exclude each other; default: as the backend declares, most often couplings do.",
)
@click.option(
    "--direction",
    metavar="RULE",
    help="Direction of couplings: error (default), higher, lower, checkerboard, checkerboard-inverse, stored, or "
    "control-target pairs such as 1-0,2-3.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a timeline to this file: .json, .html, .png or .svg.",
)
@access_options
@options.json_option
def schedule(
    chip_id: str,
    kind: TargetKind,
    strategy: str | None,
    max_parallel: int | None,
    flow: str | None,
    couplings: str | None,
    qids: str | None,
    exclude: str | None,
    spectators: bool,
    collisions: bool,
    one_of_each_mux: bool,
    wiring: bool | None,
    direction: str | None,
    picture: Path | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Divide the couplings or qubits of a chip into groups that can be measured at once."""
    from qdash_builtin.chips.operations.schedules import chip_schedule, chip_schedule_figure
    from qdash_builtin.chips.requests.schedules import ScheduleFilter
    from qdash_builtin.figures.files import get_figure_renderer
    from qdash_core.models.target_lists import parse_couplings, parse_qubits

    draw = None if picture is None else get_figure_renderer(picture.suffix)
    _check_selection(kind, couplings=couplings, qids=qids)
    pairs = () if couplings is None else parse_couplings(couplings)
    asked = ScheduleFilter(
        kind=kind,
        target=pairs if qids is None else parse_qubits(qids),
        exclude=() if exclude is None else parse_qubits(exclude),
        strategy=strategy,
        flow=flow,
        max_parallel=max_parallel,
        one_of_each_mux=one_of_each_mux,
        wiring=wiring,
        direction=direction,
        spectators=spectators,
        collisions=collisions,
    )
    with command_user.connect() as home:
        made = home.ask(chip_schedule, chip_id, asked)
        if picture is not None and draw is not None:
            write_file(picture, draw(dict(home.ask(chip_schedule_figure, chip_id, asked))))
    if as_json:
        emit_json(made)
    else:
        _show(made, kind)


def _check_selection(kind: TargetKind, *, couplings: str | None, qids: str | None) -> None:
    from qdash_core.errors import InvalidInputError

    if kind == "coupling" and qids is not None:
        raise InvalidInputError(
            "--qids does not apply to --kind coupling: use --couplings, or exclude qubits with --exclude"
        )
    if kind == "qubit" and couplings is not None:
        raise InvalidInputError("--couplings does not apply to --kind qubit: use --qids")


def _format_target(made: ScheduleDocument, target: str) -> str:
    """Return the name of a target; for a coupling with a direction, control first."""
    direction = (made.directions or {}).get(target)
    return target if direction is None else f"{direction.control}>{direction.target}"


def _show(made: ScheduleDocument, kind: TargetKind) -> None:
    from qdash_core.scheduling.blocks import split_groups

    blocks = split_groups(made.groups, made.barriers)
    waits = bool(made.barriers)
    numbers = [number if waits else None for number, block in enumerate(blocks, 1) for _ in block]
    print_table(
        ("block", "group", f"{kind}s", "which"),
        [
            (block, number, len(group), ", ".join(_format_target(made, target) for target in group))
            for number, (block, group) in enumerate(zip(numbers, made.groups, strict=True), 1)
        ],
        fold=("which",),
    )
    if waits:
        print_message(f"{len(blocks)} blocks one after another: each starts after the end of the one before")
    proof = "the minimum" if made.proved_optimal else f"at least {made.lower_bound} required"
    print_message(
        f"{format_count(len(made.groups), 'group')}, {proof}: {made.limited_by} "
        f"(strategy {made.strategy}, {made.seconds or 0.0:.2f} s)"
    )
    print_message(
        f"{made.makespan_s:.0f} s of laboratory time, at least {made.makespan_lower_bound_s:.0f} s required; "
        f"group by group {made.makespan_by_groups_s:.0f} s"
    )
