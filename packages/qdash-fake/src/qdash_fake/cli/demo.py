"""`qdash demo`: the whole bring-up of a twin, compared with its truth."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.rendering.output import emit_json, print_message
from qdash_core.models.times import format_duration
from qdash_fake.cli.faults import parse_faults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash
    from qdash_core.settings import Settings
    from qdash_fake.devices import DeviceTable
    from qdash_fake.options import TwinOptions

_TRIES = 20


@click.command()
@click.option(
    "--device",
    default="jakarta",
    show_default=True,
    metavar="NAME|FILE",
    help="Device table of the twin.",
)
@click.option("--qubits", type=click.IntRange(min=1), metavar="N", help="Only the first N qubits.")
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
    help="Fault of the twin, as for `qdash twin create`; may be repeated.",
)
@click.option("--flow", default="bring-up", show_default=True, metavar="NAME", help="Flow to run.")
@options.json_option
@click.pass_context
def demo(
    ctx: click.Context,
    device: str,
    qubits: int | None,
    seed: int,
    faults: tuple[str, ...],
    flow: str,
    as_json: bool,
) -> None:
    """Calibrate a twin of a real processor, and compare the estimates with the truth.

    All files are written below QDASH_HOME if it is set, otherwise into a new folder.
    """
    from qdash_builtin.metrics.feature import METRICS
    from qdash_builtin.runs.commands.watched_runs import prestart_process
    from qdash_builtin.runs.feature import EXECUTIONS, RUNS
    from qdash_builtin.runs.text_output.run_display import RunDisplay
    from qdash_core.backends.base import BackendContext
    from qdash_core.errors import InvalidInputError, QDashError
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.models.project import DEFAULT_USER, ProjectRole
    from qdash_core.models.request import RunRequest, TargetSelection
    from qdash_core.runs.run_preparation import get_steps
    from qdash_core.runtime.application import open_qdash
    from qdash_core.settings import load_settings
    from qdash_fake.backend import FakeBackend
    from qdash_fake.chips import compute_truth_as_measured
    from qdash_fake.cli.estimates import show_comparisons
    from qdash_fake.cli.gates import show_gates
    from qdash_fake.comparison import compare, compute_accuracy
    from qdash_fake.devices import load_device
    from qdash_fake.documents import AccuracyDocument, DemoDocument, GatesDocument
    from qdash_fake.gate_comparison import compare_gates, summarize_gates
    from qdash_fake.options import TwinOptions

    begun = time.monotonic()
    source, twin_options = load_device(device), TwinOptions.parse(parse_faults(faults))
    twin_options.check_qubits(source.qids, device=source.device)
    if qubits is not None and qubits > source.n_qubits:
        raise InvalidInputError(f"--qubits {qubits}: {source.device} has {source.n_qubits}")
    registry = load_plugins()
    if flow not in registry.flows():  # looking up a task takes as long as importing all of them
        context = BackendContext("", "", (), load_settings().home)
        get_steps(flow, registry, registry.catalogue(FakeBackend, context))
    with open_qdash(_load_settings(), registry) as qdash, prestart_process(qdash), RunDisplay() as watcher:
        access = qdash.access(DEFAULT_USER, role=ProjectRole.EDITOR)
        chip = _create_chip(qdash, access, source, seed=seed, twin_options=twin_options)
        chip_id = chip.header.chip_id
        request = RunRequest(
            chip_id=chip_id,
            flow=flow,
            targets=TargetSelection(qubits=tuple(chip.qubits)[:qubits]),
            tags=("demo",),
        )
        try:
            execution = qdash.get(RUNS).run(access, request, progress=watcher)
        except QDashError:
            _remove_unused(qdash, access, chip_id)
            raise
        values, truth = (
            qdash.get(METRICS).values(access, chip_id),
            compute_truth_as_measured(qdash, access, chip_id),
        )
        _, results = qdash.get(EXECUTIONS).show(access, execution.execution_id)
        comparisons = compare(values, truth, results)
        catalogue = qdash.get(RUNS).get_catalogue(access, chip_id)
        couplings = (
            _choose_couplings(chip, qubits)
            if _has_couplings(get_steps(flow, registry, catalogue), registry, catalogue)
            else []
        )
        left_out = _find_uncalibrated(execution, results, couplings)
        gates = compare_gates(values, truth["couplings"], couplings)
        home = qdash.settings.home
    if as_json:
        emit_json(
            DemoDocument(
                device=source.device,
                chip=chip_id,
                home=str(home),
                n_qubits=len(chip.qubits),
                n_couplings=len(chip.couplings),
                execution_ids=[execution.execution_id],
                status=str(execution.status),
                tasks=execution.tasks,
                wall_s=round(time.monotonic() - begun, 3),
                lab_s=execution.lab_seconds,
                accuracy={
                    name: AccuracyDocument(**asdict(one))
                    for name, one in compute_accuracy(comparisons).items()
                },
                not_calibrated=left_out,
                couplings=GatesDocument.from_record(summarize_gates(gates)) if couplings else None,
            )
        )
    else:
        show_comparisons(source.device, chip, comparisons)
        for qid, reason in left_out.items():
            if qid not in couplings:
                print_message(f"qubit {qid} is not calibrated: {reason}")
        if couplings:
            show_gates(gates, summarize_gates(gates), left_out)
        _show_outcome(execution)
        same = " with the same QDASH_STORE_URL" if "store_url" in qdash.settings.model_fields_set else ""
        print_message(f"explore the chip{same}: {_make_command(home)} metrics {chip.header.chip_id}")
    ctx.exit(0 if execution.status == "completed" else 1)


def _load_settings() -> Settings:
    from qdash_core.settings import load_settings

    settings = load_settings()
    if "home" in settings.model_fields_set:
        return settings
    return load_settings(home=Path(tempfile.mkdtemp(prefix="qdash-demo-")))


def _create_chip(
    qdash: QDash, access: Access, source: DeviceTable, *, seed: int, twin_options: TwinOptions
) -> Chip:
    """Create a chip under the first free name; another demo may take it first."""
    from qdash_core.errors import ConflictError
    from qdash_fake.chips import create_twin_chip

    for _ in range(_TRIES):
        name = _free_name(qdash, access, source.device)
        try:
            return create_twin_chip(qdash, access, name, source, seed=seed, options=twin_options.model_dump())
        except ConflictError:
            continue
    raise ConflictError(f"other demos have taken all names for {source.device}: try again")


def _free_name(qdash: QDash, access: Access, device: str) -> str:
    from qdash_core.repositories.chips import ChipRepository

    chips = qdash.repositories.of(ChipRepository).list_by_project(access.project_id)
    taken = {header.chip_id for header in chips}
    name, number = device, 2
    while name in taken:
        name, number = f"{device}-{number}", number + 1
    return name


def _remove_unused(qdash: QDash, access: Access, chip_id: str) -> None:
    """Remove the chip and its twin if nothing was ever run on them."""
    from qdash_builtin.chips.feature import CHIPS
    from qdash_builtin.runs.feature import EXECUTIONS
    from qdash_fake.folders import twin_folder

    if not qdash.get(EXECUTIONS).newest(access, chip_id=chip_id, limit=1):
        qdash.get(CHIPS).delete(access, chip_id)
        shutil.rmtree(twin_folder(qdash.settings.home, project_id=access.project_id, chip_id=chip_id))


def _has_couplings(steps: Sequence[Step], registry: Registry, catalogue: Catalogue) -> bool:
    from qdash_core.flows.task_selection import find_usual_tasks

    names = [name for step in steps for name in find_usual_tasks(step, registry) if catalogue.has(name)]
    return any(catalogue.task(name).task_type == "coupling" for name in names)


def _choose_couplings(chip: Chip, qubits: int | None) -> list[str]:
    """Return the couplings among the first qubits of a device."""
    from qdash_core.models.targets import split_coupling

    wanted = set(tuple(chip.qubits)[:qubits])
    return [coupling for coupling in chip.couplings if wanted.issuperset(split_coupling(coupling))]


def _find_uncalibrated(
    execution: ExecutionModel, results: list[TaskResultModel], couplings: Sequence[str]
) -> dict[str, str]:
    """Return the qubits and couplings that were not calibrated, each with its first failure."""
    from qdash_core.models.targets import split_coupling

    reasons: dict[str, str] = {}
    for result in results:
        if not result.accepted:
            reasons.setdefault(result.qid, f"{result.name} {result.status}: {result.message}")
    measured = {result.qid for result in results}
    for coupling in couplings:
        missing = [qid for qid in split_coupling(coupling) if qid in reasons]
        if coupling not in measured and missing:
            reasons.setdefault(coupling, f"not measured: qubit {' and '.join(missing)} is not calibrated")
    for target, why in execution.left_out.items():
        if target not in measured:
            reasons.setdefault(target, f"not measured: {why}")
    return reasons


def _show_outcome(execution: ExecutionModel) -> None:
    from qdash_builtin.runs.commands.run_results import print_counts

    print_counts(execution, f"qdash executions show {execution.id_with_options}")
    print_message(
        f"{format_duration(execution.elapsed_time or 0.0)} elapsed, {format_duration(execution.lab_seconds or 0.0)} of laboratory time"
    )


def _make_command(home: Path) -> str:
    """Return the `qdash` command for this home, with `uv run` if the user started it that way."""
    through_uv = "uv run " if "UV_RUN_RECURSION_DEPTH" in os.environ else ""
    return f"QDASH_HOME={shlex.quote(str(home))} {through_uv}qdash"
