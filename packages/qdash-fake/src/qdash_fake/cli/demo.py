"""`qdash demo`: the main job in one go."""

from __future__ import annotations

import math
import os
import shlex
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.executions import flagged_of
from qdash_core.cli.output import counts, emit_json, quantity, table, to_the_digits_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.application import QDash
    from qdash_core.chips.service import Chip
    from qdash_core.flows.steps import Step
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.settings import Settings
    from qdash_fake.comparison import Comparison
    from qdash_fake.devices import DeviceTable

_SHOWN = ("qubit_frequency", "t1", "t2_echo", "t2_star", "average_readout_fidelity")
_TRIES = 20
_MANY, _AMISS = 30, 3.0
"""Qubits above which only those are shown that have an estimate off by so many standard deviations."""


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
    from qdash_core.flows.job import FlowJob, TargetSelection
    from qdash_core.flows.local import LocalRunner
    from qdash_core.flows.running import steps_of
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.models.project import DEFAULT_USER
    from qdash_fake.chips import truth_as_measured
    from qdash_fake.cli.gates import show_gates
    from qdash_fake.comparison import compare
    from qdash_fake.devices import load_device
    from qdash_fake.gates_found import gates_found, summary

    begun = time.monotonic()
    source = load_device(device)
    if qubits is not None and qubits > source.n_qubits:
        raise InvalidInputError(f"--qubits {qubits}: {source.device} has {source.n_qubits}")
    registry = load_plugins()
    if flow not in registry.flows():  # to look for a task takes as long as importing all of them
        steps_of(flow, registry, backend="fake")
    settings, runner = _settings(), LocalRunner()
    with runner.ahead(settings), open_qdash(settings, registry) as qdash, Watcher() as watcher:
        project_id = qdash.projects.require_editor(DEFAULT_USER, None)
        chip = _create_chip(qdash, project_id, source, seed=seed)
        chip_id = chip.header.chip_id
        job = FlowJob(
            username=DEFAULT_USER,
            chip_id=chip_id,
            flow=flow,
            project_id=project_id,
            targets=TargetSelection(qubits=tuple(chip.qubits)[:qubits]),
            tags=("demo",),
        )
        try:
            execution = runner.run(qdash, job, watcher)
        except QDashError:
            _remove_unused(qdash, project_id, chip_id)
            raise
        values, truth = (
            qdash.metrics.values(project_id, chip_id),
            truth_as_measured(qdash, project_id, chip_id),
        )
        comparisons = compare(values, truth)
        _, results = qdash.executions.show(project_id, execution.execution_id)
        couplings = (
            _couplings(chip, qubits) if _has_couplings(steps_of(flow, registry, backend="fake")) else []
        )
        left_out = _not_calibrated(results, couplings)
        gates = gates_found(values, truth["couplings"], couplings)
        home = qdash.settings.home
    if as_json:
        emit_json(
            _document(source.device, chip, home, execution, comparisons, left_out, time.monotonic() - begun)
            | ({"couplings": asdict(summary(gates))} if couplings else {})
        )
    else:
        _show_comparisons(source.device, chip, comparisons)
        for qid, reason in left_out.items():
            if qid not in couplings:
                click.echo(f"qubit {qid} is not calibrated: {reason}")
        if couplings:
            show_gates(gates, summary(gates), left_out)
        _show_outcome(execution, flagged=flagged_of(results))
        same = " with the same QDASH_STORE_URL" if "store_url" in qdash.settings.model_fields_set else ""
        click.echo(f"look around{same}: {_command(home)} metrics {chip.header.chip_id}")
    ctx.exit(0 if execution.status == "completed" else 1)


def _settings() -> Settings:
    from qdash_core.settings import load_settings

    settings = load_settings()
    if "home" in settings.model_fields_set:
        return settings
    return load_settings(home=Path(tempfile.mkdtemp(prefix="qdash-demo-")))


def _create_chip(qdash: QDash, project_id: str, source: DeviceTable, *, seed: int) -> Chip:
    """Make a chip under the first name that is free; another demo may take it first."""
    from qdash_core.errors import ConflictError
    from qdash_core.models.project import DEFAULT_USER
    from qdash_fake.chips import create_twin_chip

    for _ in range(_TRIES):
        name = _free_name(qdash, project_id, source.device)
        try:
            return create_twin_chip(qdash, project_id, name, source, seed=seed, username=DEFAULT_USER)
        except ConflictError:
            continue
    raise ConflictError(f"other demos took every name for {source.device}: try again")


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


def _has_couplings(steps: Sequence[Step]) -> bool:
    return any(getattr(step, "kind", None) == "coupling" for step in steps)


def _couplings(chip: Chip, qubits: int | None) -> list[str]:
    """Return the couplings among the first qubits."""
    from qdash_core.chips.ids import qubits_of

    wanted = set(tuple(chip.qubits)[:qubits])
    return [coupling for coupling in chip.couplings if wanted.issuperset(qubits_of(coupling))]


def _not_calibrated(results: list[TaskResultModel], couplings: Sequence[str]) -> dict[str, str]:
    """Return the qubits and couplings that were not brought up, each with the first thing that went wrong."""
    from qdash_core.chips.ids import qubits_of

    reasons: dict[str, str] = {}
    for result in results:
        if not result.accepted:
            reasons.setdefault(result.qid, f"{result.name} {result.status}: {result.message}")
    measured = {result.qid for result in results}
    for coupling in couplings:
        if coupling not in measured:
            missing = [qid for qid in qubits_of(coupling) if qid in reasons]
            called = f"qubit {' and '.join(missing)}" if missing else "one of its qubits"
            reasons.setdefault(coupling, f"not measured: {called} is not calibrated")
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


def _show_comparisons(device: str, chip: Chip, comparisons: list[Comparison]) -> None:
    found = {(one.target, one.parameter): one for one in comparisons}
    units = {one.parameter: one.unit for one in comparisons}
    shown = _worth_a_row(chip, comparisons)
    which = (
        "each qubit"
        if len(shown) == len(chip.qubits)
        else f"each qubit with an estimate {_AMISS:g} sigma off"
    )
    click.echo(f"A twin of {device}. For {which} what was found, and below it what is true\n")
    table(
        ("qubit", *(f"{name}\n{units.get(name, '')}".rstrip() for name in _SHOWN)),
        [
            row
            for qid in shown
            if any((qid, name) in found for name in _SHOWN)
            for row in _found_and_true(qid, [found.get((qid, name)) for name in _SHOWN])
        ],
    )
    click.echo("\nHow the estimates lie about the truth (honest error bars: 68 % and 95 %)\n")
    table(
        ("parameter", "n", "within\n1 sigma", "within\n2 sigma", "median\nrelative error"),
        _accuracy_rows(comparisons),
    )
    click.echo(f"\n{_scatter(comparisons)}" if comparisons else "")


def _worth_a_row(chip: Chip, comparisons: list[Comparison]) -> list[str]:
    """Return the qubits of a small chip, and of a large one those where an estimate that is shown is amiss."""
    if len(chip.qubits) <= _MANY:
        return list(chip.qubits)
    amiss = {one.target for one in comparisons if one.parameter in _SHOWN and abs(one.pull) > _AMISS}
    return [qid for qid in chip.qubits if qid in amiss]


def _found_and_true(qid: str, of_qubit: list[Comparison | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = (quantity(one.estimate, one.error, "") if one else "" for one in of_qubit)
    true = (to_the_digits_of(one.error, one.truth) if one else "" for one in of_qubit)
    return (qid, *found), ("true", *true)


def _accuracy_rows(comparisons: list[Comparison]) -> list[tuple[object, ...]]:
    """Return a row for each parameter, and one for all: relative errors of different parameters have no median."""
    from qdash_fake.comparison import accuracy

    rows: list[tuple[object, ...]] = [
        (
            name,
            one.n,
            f"{one.within_1_sigma:.0%}",
            f"{one.within_2_sigma:.0%}",
            f"{one.median_relative_error:.2g}",
        )
        for name, one in accuracy(comparisons).items()
    ]
    if comparisons:
        total = len(comparisons)
        rows.append(("all", total, *(f"{_within(comparisons, sigma) / total:.0%}" for sigma in (1, 2)), ""))
    return rows


def _within(comparisons: list[Comparison], sigma: float) -> int:
    return sum(abs(one.pull) <= sigma for one in comparisons)


def _scatter(comparisons: list[Comparison]) -> str:
    """Return how far a share of so few estimates may be from what it would be of many (binomial)."""
    n = max(Counter(one.parameter for one in comparisons).values())
    one, two = (100 * math.sqrt(share * (1 - share) / n) for share in (0.68, 0.95))
    return f"Of {n} estimates these shares scatter by {one:.0f} % and {two:.0f} %; the last row has them all."


def _show_outcome(execution: ExecutionModel, *, flagged: int) -> None:
    click.echo(
        f"{execution.execution_id} {execution.status}: {counts(execution.tasks, flagged=flagged)}\n"
        f"{execution.elapsed_time:.1f} s here, {execution.lab_seconds or 0:.0f} s in a laboratory"
    )


def _command(home: Path) -> str:
    """Return how `qdash` is typed for this home: as it was called, through uv or not."""
    through_uv = "uv run " if "UV_RUN_RECURSION_DEPTH" in os.environ else ""
    return f"QDASH_HOME={shlex.quote(str(home))} {through_uv}qdash"
