"""`qdash schedule`: what of a chip is measured together, and how far from the optimum that is at most."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from qdash_core.cli import options
from qdash_core.cli.acting import Acting, acting
from qdash_core.cli.rendering.output import counted, emit_json, say, table, write_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.application import QDash
    from qdash_core.chips.chip import Chip
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.cr_scheduler import CouplingRules
    from qdash_core.scheduling.directions import DirectionRule
    from qdash_core.scheduling.schedule import Schedule
    from qdash_core.tasks.base import BaseTask

Kind = Literal["coupling", "qubit"]
_FLOWS: Mapping[Kind, str] = {"coupling": "two-qubit", "qubit": "bring-up"}
"""The flow whose tasks tell how long a target takes, where none is named."""


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--kind", required=True, type=click.Choice(["coupling", "qubit"]), help="What is put in groups."
)
@click.option(
    "--strategy",
    metavar="S",
    help="For couplings best (default), bipartite, exact, saturation, largest-first; for qubits uncoupled (default), "
    "synchronized, checkerboard, boxes; or a plugin's.",
)
@click.option(
    "--max-parallel", type=click.IntRange(min=1), metavar="N", help="So many may be measured at once."
)
@click.option(
    "--flow", metavar="NAME", help="The flow whose tasks are scheduled: two-qubit or bring-up if not given."
)
@click.option("--couplings", metavar="0-1,..", help="Only these couplings.")
@click.option("--qids", metavar="0,1,..", help="Only these qubits.")
@click.option("--exclude", metavar="5,..", help="Without these qubits.")
@click.option("--spectators", is_flag=True, help="Couplings one coupling apart exclude each other.")
@click.option(
    "--collisions", is_flag=True, help="Couplings exclude each other where a drive meets a transition."
)
@click.option(
    "--wiring/--no-wiring",
    default=None,
    help="Whether what hangs on one module excludes each other: couplings do, qubits do not, if neither is given.",
)
@click.option(
    "--direction",
    metavar="RULE",
    help="error (default), higher, lower, checkerboard, checkerboard-inverse, stored, or controls and targets as in "
    "1-0,2-3.",
)
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw it as a timeline: .json, .html, .png or .svg.",
)
@acting
@options.as_json
def schedule(
    chip_id: str,
    kind: Kind,
    strategy: str | None,
    max_parallel: int | None,
    flow: str | None,
    couplings: str | None,
    qids: str | None,
    exclude: str | None,
    spectators: bool,
    collisions: bool,
    wiring: bool | None,
    direction: str | None,
    picture: Path | None,
    acting: Acting,
    as_json: bool,
) -> None:
    """Put the couplings or qubits of a chip in groups, and say how few there could be."""
    from qdash_core.documents.schedules import ScheduleDocument
    from qdash_core.errors import InvalidInputError
    from qdash_core.flows.planning import STRATEGY
    from qdash_core.models.targets import parse_qubits
    from qdash_core.scheduling.cr_scheduler import CouplingRules
    from qdash_core.tasks.pictures import drawing

    draw = None if picture is None else drawing(picture.suffix)
    _refuse_what_does_not_fit(
        kind, couplings=couplings, qids=qids, for_couplings=spectators or collisions or direction is not None
    )
    rules = CouplingRules(
        direction=_direction(direction or "error"),
        spectators=spectators,
        collisions=collisions,
        wiring=kind == "coupling" if wiring is None else wiring,
        max_parallel=max_parallel,
    )
    excluded = () if exclude is None else parse_qubits(exclude)
    with acting.reading() as (qdash, access):
        chip = qdash.chips.show(access.project_id, chip_id)
        if wiring and chip.wiring is None:
            raise InvalidInputError(
                f"--wiring: that of chip {chip_id} is not known (`qdash chip create --wiring`)"
            )
        wanted = _wanted(chip, kind, couplings if kind == "coupling" else qids, excluded)
        tasks = _tasks(qdash, chip, flow, kind)
        durations_s = _durations(qdash, chip, wanted, tasks)
        scheduler = qdash.registry.scheduler(kind, strategy or STRATEGY[kind])
        began = time.perf_counter()
        made = _made(chip, tasks, scheduler, wanted, rules, durations_s)
        document = ScheduleDocument.of(
            made
        )  # the rest of the work: times are computed when they are asked for
        seconds = time.perf_counter() - began
    if picture is not None and draw is not None:
        write_file(picture, draw(_timeline(made, chip_id)))
    if as_json:
        emit_json(document.model_copy(update={"seconds": seconds}))
    else:
        _show(made, seconds)


def _refuse_what_does_not_fit(
    kind: Kind, *, couplings: str | None, qids: str | None, for_couplings: bool
) -> None:
    from qdash_core.errors import InvalidInputError

    if kind == "coupling" and qids is not None:
        raise InvalidInputError(
            "--qids: of --kind coupling, name --couplings, or leave qubits out with --exclude"
        )
    if kind == "qubit" and couplings is not None:
        raise InvalidInputError("--couplings: of --kind qubit, name --qids")
    if kind == "qubit" and for_couplings:
        raise InvalidInputError("--spectators, --collisions and --direction are rules about couplings")


def _direction(text: str) -> DirectionRule | Mapping[str, str]:
    from qdash_core.scheduling.directions import RULES, explicit_directions

    return cast("DirectionRule", text) if text in RULES else explicit_directions(text)


def _wanted(chip: Chip, kind: Kind, named: str | None, excluded: Sequence[str]) -> list[str]:
    from qdash_core.models.targets import parse_couplings, parse_qubits
    from qdash_core.scheduling.cr_scheduler import wanted_couplings
    from qdash_core.scheduling.one_qubit_scheduler import wanted_qubits

    if kind == "coupling":
        return wanted_couplings(chip, None if named is None else parse_couplings(named), excluded)
    return wanted_qubits(chip, None if named is None else parse_qubits(named), excluded)


def _made(
    chip: Chip,
    tasks: Sequence[type[BaseTask]],
    scheduler: Scheduler,
    wanted: Sequence[str],
    rules: CouplingRules,
    durations_s: Mapping[str, float],
) -> Schedule:
    from qdash_core.scheduling.cr_scheduler import schedule_couplings
    from qdash_core.scheduling.one_qubit_scheduler import schedule_qubits

    if tasks[0].task_type == "coupling":
        return schedule_couplings(chip, wanted, scheduler, rules=rules, durations_s=durations_s)
    return schedule_qubits(
        chip,
        wanted,
        scheduler,
        isolated=any(task.isolated for task in tasks),
        wiring=rules.wiring,
        max_parallel=rules.max_parallel,
        durations_s=durations_s,
    )


def _durations(
    qdash: QDash, chip: Chip, wanted: Sequence[str], tasks: Sequence[type[BaseTask]]
) -> dict[str, float]:
    """Return what tasks are expected to take on every target, in seconds."""
    from qdash_core.scheduling.durations import durations_on_record

    header = chip.header
    expected = durations_on_record(qdash.repositories, header.project_id, header.chip_id, tasks)
    return {target: expected.total(tasks, target) for target in wanted}


def _tasks(qdash: QDash, chip: Chip, flow: str | None, kind: Kind) -> list[type[BaseTask]]:
    """Return the tasks of a flow on this kind of target; of a flow that is not named, as far as they are installed."""
    from qdash_core.errors import InvalidInputError, NotFoundError
    from qdash_core.runs.steps import steps_of
    from qdash_core.tasks.standard import ONE_QUBIT_TASKS, TWO_QUBIT_TASKS

    backend = chip.header.backend
    declared: dict[str, type[BaseTask]] = {task.name: task for task in (*ONE_QUBIT_TASKS, *TWO_QUBIT_TASKS)}
    found: list[type[BaseTask]] = []
    for step in steps_of(flow or _FLOWS[kind], qdash.registry, backend=backend):
        for name in step.tasks:
            task = declared.get(name)
            with suppress(NotFoundError):
                task = qdash.registry.task(name, backend=backend)
            if task is not None and task.task_type == kind:
                found.append(task)
    if not found:
        raise InvalidInputError(f"flow {flow or _FLOWS[kind]!r} has no task on a {kind}")
    return found


def _timeline(made: Schedule, chip_id: str) -> dict[str, Any]:
    from qdash_core.pictures.schedule_timeline import timeline_of_schedule

    groups = counted(len(made.groups), "group")
    return timeline_of_schedule(
        made, title=f"{made.kind}s of {chip_id} in {groups}, none waiting for another"
    )


def _name(made: Schedule, target: str) -> str:
    """Return a coupling with its control first, and a qubit as it is."""
    direction = made.directions.get(target)
    return target if direction is None else f"{direction.control}>{direction.target}"


def _show(made: Schedule, seconds: float) -> None:
    table(
        ("group", f"{made.kind}s", "which"),
        [
            (number, len(group), ", ".join(_name(made, target) for target in group))
            for number, group in enumerate(made.groups, 1)
        ],
        fold=("which",),
    )
    proof = "as few as there can be" if made.proved_optimal else f"at least {made.lower_bound} are needed"
    say(
        f"{counted(len(made.groups), 'group')}, {proof}: {made.colouring.limited_by} "
        f"(strategy {made.colouring.strategy}, {seconds:.2f} s)"
    )
    say(
        f"{made.makespan_s:.0f} s in the laboratory, at least {made.makespan_lower_bound_s:.0f} s; "
        f"group by group {made.makespan_by_groups_s:.0f} s"
    )
