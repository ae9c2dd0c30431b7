"""`qdash calibrate`: run a flow on a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.executions import clocks, flagged_of
from qdash_core.cli.output import counted, counts, emit_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.service import CalibService
    from qdash_core.flows.steps import Step
    from qdash_core.flows.targets import Targets
    from qdash_core.models.execution import ExecutionModel


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--flow",
    required=True,
    metavar="NAME",
    help="A flow (`bring-up`, `check`, `fine-tune`, or a plugin's), or the name of one task.",
)
@click.option("--qids", metavar="0,1,..", help="Only these qubits.")
@click.option("--mux", metavar="0-3,..", help="Only the qubits of these multiplexers.")
@click.option("--couplings", metavar="0-1,..", help="These couplings, for flows of coupling tasks.")
@click.option("--exclude", metavar="5,..", help="Without these qubits.")
@click.option("--backend", metavar="NAME", help="Instead of the chip's own.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Kept with the execution and its results.")
@click.option("--dry-run", is_flag=True, help="Check everything, show what would be run, and run nothing.")
@options.settings
@options.project
@options.user
@options.as_json
@click.pass_context
def calibrate(
    ctx: click.Context,
    chip_id: str,
    flow: str,
    qids: str | None,
    mux: str | None,
    couplings: str | None,
    exclude: str | None,
    backend: str | None,
    tags: tuple[str, ...],
    dry_run: bool,
    settings: tuple[str, ...],
    project: str | None,
    user: str,
    as_json: bool,
) -> None:
    """Run a flow on a chip, and record everything."""
    from qdash_core.application import open_qdash
    from qdash_core.cli.watching import Watcher
    from qdash_core.flows.running import steps_of
    from qdash_core.flows.service import CalibService

    with open_qdash() as qdash, Watcher() as watcher:
        project_id = qdash.projects.require_editor(user, project)
        chip = qdash.chips.show(project_id, chip_id)
        name = backend or chip.header.backend
        qdash.registry.backend(name)
        runner = qdash.registry.runner(qdash.settings.runner)
        steps = steps_of(flow, qdash.registry, backend=name)
        targets = _targets(qids, mux, couplings, exclude)
        calibration = CalibService(
            user,
            chip_id,
            project_id=project_id,
            flow_name=flow,
            tags=tags,
            default_run_parameters=options.run_parameters(settings),
            backend_name=name,
            qdash=qdash,
            progress=watcher,
        )
        if dry_run:
            _show_plan(calibration, targets, steps, as_json)
            return
        execution = runner.run(calibration, targets, steps)
        _, results = qdash.executions.show(project_id, execution.execution_id)
    if as_json:
        emit_json(outcome_document(execution))
    else:
        _show_outcome(execution, flagged=flagged_of(results))
    ctx.exit(0 if execution.status == "completed" else 1)


def _targets(qids: str | None, mux: str | None, couplings: str | None, exclude: str | None) -> Targets:
    from qdash_core.chips.ids import parse_couplings, parse_qubits, parse_ranges
    from qdash_core.errors import InvalidInputError
    from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets

    if sum(given is not None for given in (qids, mux, couplings)) > 1:
        raise InvalidInputError("--qids, --mux and --couplings: one of them at a time")
    if couplings is not None and exclude is not None:
        raise InvalidInputError("--exclude leaves out qubits: of --couplings, name those that are wanted")
    left_out = () if exclude is None else parse_qubits(exclude)
    if couplings is not None:
        return CouplingTargets(parse_couplings(couplings))
    if mux is not None:
        return MuxTargets(parse_ranges(mux), left_out)
    if qids is not None:
        return QubitTargets(parse_qubits(qids), left_out)
    return AllMuxTargets(left_out)


def _show_plan(calibration: CalibService, targets: Targets, steps: Sequence[Step], as_json: bool) -> None:
    resolved = calibration.check(targets, steps)
    tasks = [name for step in steps for name in step.tasks]
    if as_json:
        emit_json({"dry_run": True, "targets": resolved, "tasks": tasks})
    else:
        click.echo(f"{counted(len(tasks), 'task')}: {', '.join(tasks)}")
        click.echo(f"{counted(len(resolved), 'target')}: {', '.join(resolved)}")


def outcome_document(execution: ExecutionModel) -> dict[str, Any]:
    """Return what a finished run amounts to."""
    return {
        "execution_id": execution.execution_id,
        "status": str(execution.status),
        "tasks": execution.tasks,
        **clocks(execution),
    }


def _show_outcome(execution: ExecutionModel, *, flagged: int) -> None:
    message = f" ({execution.message})" if execution.message else ""
    click.echo(
        f"{execution.execution_id} {execution.status}: {counts(execution.tasks, flagged=flagged)}{message}"
    )
    if execution.elapsed_time is not None and execution.lab_seconds is not None:
        click.echo(f"{execution.elapsed_time:.1f} s here, {execution.lab_seconds:.1f} s in a laboratory")
    click.echo(
        f"see `qdash metrics {execution.chip_id}` and `qdash executions show {execution.execution_id}`"
    )
