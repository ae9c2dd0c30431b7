"""Command `qdash chip`: create, list, show, edit, draw and delete chips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.chips.commands.chip_days import parse_day, show_on_day
from qdash_builtin.chips.commands.chip_exclusion import exclude, include
from qdash_builtin.chips.deletion import describe_impact
from qdash_builtin.chips.operations import chip_days, chips
from qdash_builtin.chips.views.chips import DeletionDocument
from qdash_builtin.figures.output import write_figure
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_cli.rendering.times import format_short_time, get_zone_abbreviation
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import use_unit_symbols

_MAX_REASONS = 20
"""Maximum number of reasons of failed targets that are printed."""

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.chips.views.chips import ChipDocument


@click.group()
def chip() -> None:
    """Create, list, show, edit, draw and delete chips."""


for _command in (exclude, include):
    chip.add_command(_command)


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--topology",
    "layout",
    required=True,
    metavar="NAME|FILE",
    help="Built-in topology (square-lattice-mux-64, heavy-hex-127, linear-16, ..), or a JSON or YAML file.",
)
@click.option("--wiring", "wired", metavar="FILE", help="YAML file with its wiring.")
@click.option("--design", "designed", metavar="FILE", help="YAML or JSON file with its design values.")
@click.option("--backend", default="fake", show_default=True, help="Backend that measures it.")
@access_options
@options.json_option
def create(
    chip_id: str,
    layout: str,
    wired: str | None,
    designed: str | None,
    backend: str,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Create a chip from a topology."""
    from qdash_builtin.chips.design_files import read_design
    from qdash_builtin.chips.operations.chips import create_chip
    from qdash_builtin.chips.requests.chips import ChipRequest, DesignRequest
    from qdash_builtin.chips.topology_files import is_path, load_topology
    from qdash_builtin.chips.views.layouts import TopologyDocument, WiringDocument
    from qdash_builtin.chips.wiring_files import read_wiring

    found = load_topology(layout)
    request = ChipRequest(
        chip_id=chip_id,
        topology=TopologyDocument.from_topology(found) if is_path(layout) else layout,
        backend=backend,
        wiring=None if wired is None else WiringDocument.from_wiring(read_wiring(wired, chip_id, found)),
        design=None if designed is None else DesignRequest.from_targets(read_design(designed, found)),
    )
    with command_user.connect() as home:
        made = home.ask(create_chip, request)
        zone = home.zone
    show_chip(made, zone, as_json=as_json)


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--on", "day", metavar="DATE", help="Show its values and statuses at the end of this day.")
@access_options
@options.json_option
def show(chip_id: str, day: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Show a chip with the status of its qubits and couplings, and the number of values with each mark."""
    if day is not None:
        show_on_day(chip_id, parse_day(day), command_user=command_user, as_json=as_json)
        return
    with command_user.connect() as home:
        found = home.ask(chips.show_chip, chip_id)
        zone = home.zone
    show_chip(found, zone, as_json=as_json)


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("target", metavar="[TARGET]", required=False)
@click.argument("settings", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--from", "file", metavar="FILE", help="File with design values to set.")
@access_options
@options.json_option
def design(
    chip_id: str,
    target: str | None,
    settings: tuple[str, ...],
    file: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show or set design values: NAME=VALUE in GHz, MHz, ns or a.u., NAME= for none.

    Tasks start from these values. For a qubit without them, they search a wide range.
    """
    from qdash_builtin.chips.operations.chips import chip_design, set_design
    from qdash_builtin.chips.operations.topology import chip_topology
    from qdash_builtin.chips.requests.chips import DesignRequest
    from qdash_core.chips.design import validate_design
    from qdash_core.models.targets import parse_target_id

    about = None if target is None else parse_target_id(target)
    with command_user.connect() as home:
        if file is not None or about is not None:
            topology = home.ask(chip_topology, chip_id).to_topology()
        if file is not None:
            from qdash_builtin.chips.design_files import read_design

            home.ask(set_design, chip_id, DesignRequest.from_targets(read_design(file, topology)))
        if about is not None and settings:
            values = _parse_design_values(settings)
            home.ask(set_design, chip_id, DesignRequest.from_targets({about: values}))
        shown = home.ask(chip_design, chip_id)
        if about is not None:
            validate_design({about: {}}, {*topology.qids, *topology.couplings}, chip=f"chip {chip_id}")
            shown = shown.select(about)
    if as_json:
        emit_json(shown)
        return
    rows = [
        (one, name, f"{known.value:g}", unit_symbol(known.unit))
        for one, values in {**shown.qubits, **shown.couplings}.items()
        for name, known in values.items()
    ]
    if rows:
        print_table(("target", "parameter", "value", "unit"), rows)
    else:
        print_message(
            f"no design values of {about or chip_id}: set one with `qdash chip design {chip_id} TARGET NAME=VALUE`"
        )


def _parse_design_values(settings: tuple[str, ...]) -> dict[str, float | None]:
    """Return the values of `NAME=VALUE` settings, None for `NAME=`; raise InvalidInputError otherwise."""
    from qdash_core.errors import InvalidInputError

    found: dict[str, float | None] = {}
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        try:
            found[name] = float(value) if value else None
        except ValueError:
            equals = ""
        if not equals or not name:
            raise InvalidInputError(f"{setting}: write NAME=VALUE with a number, or NAME= for none")
    return found


@chip.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--metric", required=True, metavar="NAME", help="Metric to draw, such as t1 or zx90_gate_fidelity."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Output file: .json, .html, .png or .svg.",
)
@click.option(
    "--all-labels",
    is_flag=True,
    help="Write qubit numbers and values on chips with more than 150 qubits, too.",
)
@access_options
@options.json_option
def picture(
    chip_id: str, metric: str, output: Path, all_labels: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Draw the accepted values of a metric on the map of a chip."""
    from qdash_builtin.chips.views.chips import ChipPictureDocument
    from qdash_builtin.figures.files import get_figure_renderer
    from qdash_builtin.metrics.operations.metrics import chip_values, draw_chip_map
    from qdash_builtin.metrics.requests.values import ValuesQuery

    get_figure_renderer(output.suffix)
    with command_user.connect() as home:
        figure = home.ask(draw_chip_map, chip_id, metric, all_labels)
        values = home.ask(chip_values, chip_id, ValuesQuery())
    write_figure(output, figure)
    known = {**values.qubits, **values.couplings}
    drawn = ChipPictureDocument(
        chip_id=chip_id,
        metric=metric,
        targets=[target for target, own in known.items() if metric in own],
        file=str(output),
    )
    if as_json:
        emit_json(drawn)
    else:
        print_message(f"{metric} of {format_count(len(drawn.targets), 'target')} of {chip_id}: {output}")


def show_chip(found: ChipDocument, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print a chip, with the fitness of its targets, the reasons of failed ones and the number of marked values."""
    if as_json:
        emit_json(found)
        return
    from qdash_builtin.metrics.text_output.fitness import describe_fitness
    from qdash_builtin.metrics.text_output.marks import print_marked
    from qdash_core.models.judgement import Fitness

    print_message(
        f"{found.chip_id}: {format_count(found.size, 'qubit')}, {format_count(found.n_couplings, 'coupling')}, {found.topology_id}, backend {found.backend}"
    )
    if fitness := describe_fitness(found.list_fitness()):
        print_message(f"  {fitness}")
    states: dict[str, list[str]] = {}
    for qid, qubit in found.qubits.items():
        states.setdefault(str(qubit.status), []).append(qid)
    for state, qids in states.items():
        print_message(f"  {state}: {', '.join(qids)}")
    targets = found.targets
    if designed := sum(bool(target.design) for target in targets.values()):
        print_message(
            f"  design values of {format_count(designed, 'target')}: `qdash chip design {found.chip_id}`"
        )
    for state, couplings in _group_couplings_by_state(found).items():
        # A chip before bring-up has many pending couplings; their number is enough.
        named = len(couplings) if state == "pending" else ", ".join(couplings)
        print_message(f"  couplings {state}: {named}")
    _print_reasons(found, zone)
    if degraded := [qid for qid, one in targets.items() if one.fitness is Fitness.DEGRADED]:
        print_message(f"  degraded: {', '.join(degraded)}")
    if found.n_trusted:
        print_message(f"  values: {', '.join(f'{n} {trust.words}' for trust, n in found.n_trusted.items())}")
    print_marked(found.chip_id, found.n_marked or {}, of="  marked values")


def _print_reasons(found: ChipDocument, zone: ZoneInfo) -> None:
    """Print the reason of each failed status, targets with the same one together, and what to do about failed targets."""
    from qdash_builtin.runs.text_output.failed_targets import describe_advice
    from qdash_core.models.base import read_moment
    from qdash_core.models.chip import TargetStatus

    every = {qid: one for qid, one in found.targets.items() if one.status is TargetStatus.FAILED}
    if not every:
        return
    failed: dict[str, list[str]] = {}
    for qid, target in every.items():
        if (reason := target.status_reason) is None:
            continue
        at, origin = read_moment(target.status_at), reason.execution_id
        since = f" since {format_short_time(at, zone)} {get_zone_abbreviation(zone, at)}" if at else ""
        shown = f" (`qdash executions show {origin}`)" if origin else ""
        failed.setdefault(f"failed{since}: {use_unit_symbols(reason.text)}{shown}", []).append(qid)
    for text, qids in [*failed.items()][:_MAX_REASONS]:
        print_message(f"  {', '.join(qids)}: {text}")
    if len(failed) > _MAX_REASONS:
        print_message(f"  and {len(failed) - _MAX_REASONS} more: see all with --json")
    print_message(f"  {describe_advice(found.chip_id, [*every])}")


def _group_couplings_by_state(found: ChipDocument) -> dict[str, list[str]]:
    """Return couplings by status; if a direction was chosen, with the control first: `1>0`."""
    from qdash_core.tasks.inputs import get_direction

    states: dict[str, list[str]] = {}
    for qid, coupling in found.couplings.items():
        shown = qid if coupling.control is None else ">".join(get_direction(qid, coupling.control))
        states.setdefault(str(coupling.status), []).append(shown)
    return states


def _print_deletion(impact: DeletionDocument, _zone: ZoneInfo) -> None:
    gone = describe_impact(impact.removed, impact.kept, impact.cooldown_ids)
    print_message(f"chip {impact.chip_id} was deleted; {gone}")


add_commands(chip, chips.operations, {DeletionDocument: _print_deletion})
add_commands(chip, chip_days.operations)
