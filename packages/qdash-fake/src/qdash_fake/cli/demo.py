"""`qdash demo`: the main job in one go."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import emit_json, quantity, table, to_the_digits_of

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.chips.service import Chip
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.settings import Settings
    from qdash_fake.comparison import Comparison

_SHOWN = ("qubit_frequency", "t1", "t2_echo", "t2_star", "average_readout_fidelity")


@click.command()
@click.option(
    "--device",
    default="jakarta",
    show_default=True,
    metavar="NAME|FILE",
    help="Table that the twin is made from.",
)
@click.option("--qubits", type=click.IntRange(min=1), metavar="N", help="Only the first N qubits.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws what the table does not say.")
@click.option("--flow", default="bring-up", show_default=True, metavar="NAME", help="The flow to run.")
@options.as_json
@click.pass_context
def demo(ctx: click.Context, device: str, qubits: int | None, seed: int, flow: str, as_json: bool) -> None:
    """Bring up a twin of a real processor, and compare what was found with what is true.

    Everything is written below QDASH_HOME if that is set, else into a folder of its own.
    """
    from qdash_core.application import open_qdash
    from qdash_core.cli.watching import Watcher
    from qdash_core.errors import InvalidInputError, QDashError
    from qdash_core.flows.running import run_to_end, steps_of
    from qdash_core.flows.service import CalibService
    from qdash_core.flows.targets import QubitTargets
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.models.project import DEFAULT_USER
    from qdash_fake.chips import create_twin_chip, truth_of_chip
    from qdash_fake.comparison import compare
    from qdash_fake.devices import load_device

    begun = time.monotonic()
    source = load_device(device)
    if qubits is not None and qubits > source.n_qubits:
        raise InvalidInputError(f"--qubits {qubits}: {source.device} has {source.n_qubits}")
    registry = load_plugins()
    steps = steps_of(flow, registry, backend="fake")
    with open_qdash(_settings(), registry) as qdash, Watcher() as watcher:
        project_id = qdash.projects.require_editor(DEFAULT_USER, None)
        chip_id = _free_name(qdash, project_id, source.device)
        chip = create_twin_chip(qdash, project_id, chip_id, source, seed=seed, username=DEFAULT_USER)
        calibration = CalibService(
            DEFAULT_USER,
            chip_id,
            project_id=project_id,
            flow_name=flow,
            tags=("demo",),
            qdash=qdash,
            progress=watcher,
        )
        try:
            execution = run_to_end(calibration, QubitTargets(list(chip.qubits)[:qubits]), steps)
        except QDashError:
            _remove_unused(qdash, project_id, chip_id)
            raise
        comparisons = compare(
            qdash.metrics.values(project_id, chip_id), truth_of_chip(qdash, project_id, chip_id)
        )
        left_out = _not_calibrated(qdash, execution)
        home = qdash.settings.home
    if as_json:
        emit_json(
            _document(source.device, chip, home, execution, comparisons, left_out, time.monotonic() - begun)
        )
    else:
        _show(source.device, chip, home, execution, comparisons, left_out)
    ctx.exit(0 if execution.status == "completed" else 1)


def _settings() -> Settings:
    from qdash_core.settings import load_settings

    settings = load_settings()
    if "home" in settings.model_fields_set:
        return settings
    return load_settings(home=Path(tempfile.mkdtemp(prefix="qdash-demo-")))


def _free_name(qdash: QDash, project_id: str, device: str) -> str:
    taken = {header.chip_id for header in qdash.chips.of_project(project_id)}
    name, number = device, 2
    while name in taken:
        name, number = f"{device}-{number}", number + 1
    return name


def _remove_unused(qdash: QDash, project_id: str, chip_id: str) -> None:
    """Remove the chip and its twin when nothing was ever run on them."""
    from qdash_fake.twin import twin_folder

    if not qdash.executions.newest(project_id, chip_id=chip_id, limit=1):
        qdash.chips.delete(project_id, chip_id)
        shutil.rmtree(twin_folder(qdash.settings.home, project_id=project_id, chip_id=chip_id))


def _not_calibrated(qdash: QDash, execution: ExecutionModel) -> dict[str, str]:
    """Return the qubits that were not brought up, each with the first thing that went wrong."""
    _, results = qdash.executions.show(execution.project_id, execution.execution_id)
    reasons: dict[str, str] = {}
    for result in results:
        if result.status != "completed" or result.verdict != "accepted":
            reasons.setdefault(result.qid, f"{result.name} {result.status}: {result.message}")
    return reasons


def _document(
    device: str,
    chip: Chip,
    home: Path,
    execution: ExecutionModel,
    comparisons: list[Comparison],
    left_out: dict[str, str],
    wall_s: float,
) -> dict[str, Any]:
    from qdash_fake.comparison import accuracy

    return {
        "device": device,
        "chip": chip.header.chip_id,
        "home": str(home),
        "n_qubits": len(chip.qubits),
        "n_couplings": len(chip.couplings),
        "execution_ids": [execution.execution_id],
        "status": str(execution.status),
        "tasks": execution.tasks,
        "wall_s": round(wall_s, 3),
        "lab_s": execution.lab_seconds,
        "accuracy": {name: asdict(found) for name, found in accuracy(comparisons).items()},
        "not_calibrated": left_out,
    }


def _show(
    device: str,
    chip: Chip,
    home: Path,
    execution: ExecutionModel,
    comparisons: list[Comparison],
    left_out: dict[str, str],
) -> None:
    from qdash_fake.comparison import accuracy

    found = {(one.target, one.parameter): one for one in comparisons}
    table(
        ("qubit", *(f"{name} found, true" for name in _SHOWN)),
        (
            (qid, *(_beside(found.get((qid, name))) for name in _SHOWN))
            for qid in chip.qubits
            if any((qid, name) in found for name in _SHOWN)
        ),
        title=f"A twin of {device}: what was found, and what is true",
    )
    table(
        ("parameter", "n", "within 1 sigma", "within 2 sigma", "median error"),
        (
            (
                name,
                one.n,
                f"{one.within_1_sigma:.0%}",
                f"{one.within_2_sigma:.0%}",
                f"{one.median_relative_error:.2g}",
            )
            for name, one in accuracy(comparisons).items()
        ),
        title="How the estimates lie about the truth (honest error bars: 68 % and 95 %)",
    )
    for qid, reason in left_out.items():
        click.echo(f"qubit {qid} is not calibrated: {reason}")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(execution.tasks.items()))
    click.echo(f"{execution.execution_id} {execution.status}: {counts}")
    click.echo(f"{execution.elapsed_time:.1f} s here, {execution.lab_seconds or 0:.0f} s in a laboratory")
    click.echo(f"look around: QDASH_HOME={home} qdash metrics {chip.header.chip_id}")


def _beside(one: Comparison | None) -> str:
    if one is None:
        return ""
    return f"{quantity(one.estimate, one.error, one.unit)}, {to_the_digits_of(one.error, one.truth)}"
