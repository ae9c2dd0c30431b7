"""`qdash twin`: simulated chips with a hidden truth."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.plugin_commands import works_with_host
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import use_minus_sign
from qdash_fake.cli.faults import describe_faults, parse_faults
from qdash_fake.fault_kinds import FAULT_KINDS

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.timetables.simulated_time import TimeStep
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash
    from qdash_fake.devices import DeviceTable

logger = logging.getLogger(__name__)


@click.group()
def twin() -> None:
    """Create and inspect twins: simulated chips with a hidden truth, from tables of real processors."""


@twin.command("list")
@access_options
@options.json_option
def list_twins(command_user: CommandUser, as_json: bool) -> None:
    """List the twins of a project, and the devices that twins can be made from."""
    from qdash_core.errors import InvalidInputError, NotFoundError
    from qdash_core.repositories.chips import ChipRepository
    from qdash_fake.devices import list_device_names
    from qdash_fake.documents import TwinDocument, TwinsDocument
    from qdash_fake.folders import twin_folder
    from qdash_fake.twin import load_twin

    twins: list[TwinDocument] = []
    with command_user.open_for_reading() as (qdash, access):
        for header in qdash.repositories.of(ChipRepository).list_by_project(access.project_id):
            folder = twin_folder(qdash.settings.home, project_id=access.project_id, chip_id=header.chip_id)
            try:
                found = load_twin(folder)
            except NotFoundError:
                continue
            except InvalidInputError as error:
                logger.warning("%s", error)
                continue
            twins.append(TwinDocument.from_twin(header, found))
    if as_json:
        emit_json(TwinsDocument(twins=twins, devices=list_device_names()))
        return
    if twins:
        print_table(
            ("chip", "backend", "device", "qubits", "seed", "options", "sessions", "clock"),
            (
                (
                    one.chip_id,
                    one.backend,
                    one.device,
                    one.n_qubits,
                    one.seed,
                    describe_faults(one.options),
                    one.sessions,
                    f"{one.clock_s / 3600:.2f} h",
                )
                for one in twins
            ),
        )
    print_message(f"devices: {', '.join(list_device_names())}")


@works_with_host
@twin.command()
@click.argument("chip_id", metavar="[CHIP]", required=False)
@click.option(
    "--for",
    "simulated_chip",
    metavar="CHIP",
    help="Existing chip with another backend, or a twin without its file, instead of CHIP and --device: its topology, "
    "design and known values define the twin, which `--backend fake` measures.",
)
@click.option("--replace", is_flag=True, help="With --for: replace the twin that the chip has.")
@click.option(
    "--device",
    metavar="NAME|FILE",
    help="Built-in table or JSON file in its format; or name or file of a topology, for which all parameters are drawn at random.",
)
@click.option(
    "--ibm-props",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Published properties of an IBM backend (JSON), instead of --device.",
)
@click.option(
    "--ibm-conf",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration (JSON) that belongs to --ibm-props.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Seed for the parameters that are not in the table.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE]",
    help="Fault of the chip or the instruments; may be repeated. slow=S: every measurement takes S seconds. "
    "model-mismatch[=STRENGTH]: signals deviate from the models of the fits (default 1). tls[=N]: on average N "
    "two-level-system defects per qubit drift through its frequency (default 1). dead-line=QID[@HOURS], "
    "dead-readout=QID[@HOURS]: the drive or readout line of the qubit is dead from this laboratory time on (default 0). "
    "no-active-reset: passive reset only. plane-turns=DEGREES: each call rotates the IQ plane of each qubit by a random "
    "angle with this standard deviation. grid=1|2|4: time grid of all lines in ns. keeps=mean|each|both: which shots "
    "the instruments return. iq=SCALE@DEGREES: scale and rotation of the IQ plane. shared-feed-lines: a scan shows "
    "the resonators of the whole multiplexer. With --pulse-level only: left-pad=NS: "
    "delay of every program; envelope-mirrored, phase-mirrored: generators mirror envelopes or phases; signs-unknown: the "
    "laboratory does not know these signs. Between two hours of laboratory time, as t1-fall=QID:FACTOR@HOUR[-HOUR] "
    f"(`qdash docs timed faults`): {', '.join(FAULT_KINDS)}.",
)
@click.option(
    "--drift",
    is_flag=False,
    flag_value="1",
    default="0",
    metavar="[SIZE|NAME=SIZE,...]",
    help="Drift of the parameters in laboratory time: SIZE times that of real chips, by default 1. With "
    "names, only these drift: t1, dephasing, frequency, drive, readout.",
)
@click.option(
    "--pulse-level",
    is_flag=True,
    help="Play pulses only: every measurement is compiled to pulses. Slow; for developers of adapters.",
)
@access_options
@options.json_option
def create(
    chip_id: str | None,
    simulated_chip: str | None,
    replace: bool,
    device: str | None,
    ibm_props: Path | None,
    ibm_conf: Path | None,
    seed: int,
    faults: tuple[str, ...],
    drift: str,
    pulse_level: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Create a twin and its chip, or the twin of an existing chip.

    The source is a device table, the published properties and configuration of a backend, or an existing chip (--for).
    """
    from qdash_core.errors import InvalidInputError
    from qdash_fake.chips import create_twin_chip
    from qdash_fake.documents import NewTwinDocument, TwinRequest
    from qdash_fake.operations import create_twin
    from qdash_fake.options import TwinOptions
    from qdash_fake.simulations import simulate_chip

    twin_options = TwinOptions.parse({**parse_faults(faults), "drift": drift, "pulse_level": pulse_level})
    if simulated_chip is not None:
        if chip_id is not None or device is not None or ibm_props is not None or ibm_conf is not None:
            raise InvalidInputError(
                "--for names the chip and the source of the twin: leave out CHIP, --device and --ibm-*"
            )
        with command_user.open_for_writing() as (qdash, access):
            chip, simulated = simulate_chip(
                qdash, access, simulated_chip, seed=seed, options=twin_options, replace=replace
            )
        made = NewTwinDocument.from_chip(chip, simulated.table.device, seed=seed, options=twin_options)
        run = f"calibrate {simulated_chip} --flow bring-up --backend fake"
    else:
        if chip_id is None or replace:
            raise InvalidInputError("name the new chip, CHIP; --replace needs --for")
        run = f"calibrate {chip_id} --flow bring-up"
        if device is not None and ibm_props is None and ibm_conf is None and command_user.asks_host:
            wanted = twin_options.model_dump(exclude_defaults=True)
            request = TwinRequest(chip_id=chip_id, device=device, seed=seed, options=wanted)
            with command_user.connect() as host:
                made = host.ask(create_twin, request)
        else:
            source = _load_source(device, ibm_props, ibm_conf)
            with command_user.open_for_writing() as (qdash, access):
                chip = create_twin_chip(
                    qdash, access, chip_id, source, seed=seed, options=twin_options.model_dump()
                )
            made = NewTwinDocument.from_chip(chip, source.device, seed=seed, options=twin_options)
    if as_json:
        emit_json(made)
    else:
        print_message(
            f"{made.chip_id}: twin of {made.device} with {format_count(made.n_qubits, 'qubit')}"
            f"{describe_faults(made.options, before=', ')}; `qdash {run}` calibrates its qubits"
        )


@twin.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges.")
@click.option("--couplings", metavar="0-1,..", help="Only these couplings.")
@access_options
@options.json_option
def truth(
    chip_id: str, qids: str | None, couplings: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Show the current true values of a twin at the settings in use, with remarks for comparisons.

    The best possible gate of each coupling is computed once, which takes most of a second each, and stored with the twin. With --qids
    or --couplings nothing is computed for other targets.
    """
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.models.target_lists import parse_couplings, parse_qubits
    from qdash_fake.chips import compute_truth_with_remarks
    from qdash_fake.documents import TruthDocument

    targets = (
        *(() if qids is None else parse_qubits(qids)),
        *(() if couplings is None else parse_couplings(couplings)),
    )
    with command_user.open_for_reading() as (qdash, access), ProgressBar() as progress:
        true, remarks = compute_truth_with_remarks(qdash, access, chip_id, targets, progress=progress)
    if as_json:
        emit_json(TruthDocument.from_parameters(true, remarks))
        return
    for target, said in remarks.items():
        print_message(f"{target}: {'; '.join(said)}")
    print_table(
        ("target", "parameter", "truth"),
        (
            (target, name, f"{use_minus_sign(f'{value:.9g}')} {unit_symbol(unit)}".rstrip())
            for found in (true["qubits"], true["couplings"])
            for target, parameters in found.items()
            for name, (value, unit) in parameters.items()
        ),
    )


@works_with_host
@twin.command()
@click.argument("chip_id", metavar="[CHIP]", required=False)
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True, max=1e6),
    metavar="H",
    help="Laboratory time in hours, at most a million.",
)
@click.option(
    "--until",
    metavar="TIME",
    help="Wait until this time instead of for --hours; only in a home with a simulated clock.",
)
@click.option(
    "--without-worker",
    is_flag=True,
    help="In a home with a simulated clock, let time pass although no worker is running: what is due is not performed.",
)
@access_options
@options.json_option
def wait(
    chip_id: str | None,
    hours: float | None,
    until: str | None,
    without_worker: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Let laboratory time pass without measuring; the parameters of a twin with drift change.

    In a home with a simulated clock, the time of the whole home passes, and CHIP is not needed. The clock advances from one due timetable
    or deadline to the next. At each, the command waits until the workers have performed what is due; their runs advance the clock by their
    laboratory time. It waits for a worker for half a minute before something that is due. After an error, as while the store is away, write it
    again with the same --until.
    """
    from qdash_core.errors import InvalidInputError

    if (hours is None) is (until is None):
        raise InvalidInputError("give exactly one of --hours H and --until TIME")
    with command_user.open_for_writing() as (qdash, access):
        if chip_id is not None:
            qdash.chip_record.show(access.project_id, chip_id)
        if qdash.clock.simulated:
            _pass_time(qdash, access, hours, until, without_worker=without_worker, as_json=as_json)
        elif chip_id is None or hours is None:
            raise InvalidInputError(
                "this home has the clock of the machine, and each twin its own: write `qdash twin wait CHIP --hours H`"
            )
        else:
            _advance_twin(qdash, access, chip_id, hours, as_json=as_json)


def _advance_twin(qdash: QDash, access: Access, chip_id: str, hours: float, *, as_json: bool) -> None:
    """Advance the laboratory clock of a twin in a home with the clock of the machine."""
    from qdash_fake.documents import WaitDocument
    from qdash_fake.folders import twin_folder
    from qdash_fake.twin import load_twin

    folder = twin_folder(qdash.settings.home, project_id=access.project_id, chip_id=chip_id)
    waited = load_twin(folder).wait(hours * 3600)
    if as_json:
        emit_json(WaitDocument(chip_id=chip_id, clock_s=waited.clock_s))
    else:
        print_message(f"{chip_id}: the laboratory clock shows {waited.clock_s / 3600:.2f} h")


def _pass_time(
    qdash: QDash,
    access: Access,
    hours: float | None,
    until: str | None,
    *,
    without_worker: bool,
    as_json: bool,
) -> None:
    """Let time pass in a home with a simulated clock, with one line for each step on stderr."""
    from qdash_builtin.timetables.feature import SIMULATED_TIME
    from qdash_cli.period_options import parse_time_option
    from qdash_core.models.times import format_time
    from qdash_fake.documents import PassedTimeDocument, TimeStepDocument

    now = qdash.clock.now()
    if until is not None:
        end = parse_time_option(until, qdash.zone, option="--until", ahead=True)
    else:
        end = _add_hours(now, hours or 0.0)

    def show(step: TimeStep) -> None:
        events = TimeStepDocument.from_step(step).events
        nothing = "nothing was performed" if step.unattended else "no run ended, and no timetable was due"
        print_message(f"{format_time(step.at, qdash.zone)}  {', '.join(events) or nothing}", err=True)

    steps = qdash.get(SIMULATED_TIME).pass_until(access, end, without_worker=without_worker, on_step=show)
    if as_json:
        documents = [TimeStepDocument.from_step(one) for one in steps]
        unattended = any(one.unattended for one in steps)
        emit_json(PassedTimeDocument(now=steps[-1].at, steps=documents, unattended=unattended))
    else:
        print_message(f"the clock of the home shows {format_time(steps[-1].at, qdash.zone)}")


def _add_hours(now: datetime, hours: float) -> datetime:
    from datetime import timedelta

    from qdash_core.errors import InvalidInputError

    try:
        return now + timedelta(hours=hours)
    except (OverflowError, ValueError):
        raise InvalidInputError(f"hours: {hours} is not a positive time that a clock can show") from None


def _load_source(device: str | None, properties: Path | None, configuration: Path | None) -> DeviceTable:
    """Load the device table of the named device, or of a snapshot."""
    from qdash_core.errors import InvalidInputError
    from qdash_fake.devices import load_device, load_snapshot

    if device is not None and properties is None and configuration is None:
        return load_device(device)
    if device is None and properties is not None and configuration is not None:
        return load_snapshot(properties, configuration)
    raise InvalidInputError("name the source of the twin: --device, or both --ibm-props and --ibm-conf")
