"""How long the stages of a flow are expected to take in the laboratory, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.flows.coupling_steps import GenerateCRSchedule, SetCRSchedule
from qdash_core.flows.planning import STRATEGY, plan_of, plan_of_groups, within_lanes
from qdash_core.record.stages import conflicts_of
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.cr_scheduler import schedule_couplings
from qdash_core.scheduling.durations import durations_on_record
from qdash_core.scheduling.makespan import best_order, by_groups, list_schedule, lower_bound
from qdash_core.session.dispatch.plans import Plan, PlannedTask, stage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.flows.job import FlowJob
    from qdash_core.flows.stages import Stage
    from qdash_core.hooks.flows import Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.runtime import Runtime
    from qdash_core.scheduling.durations import ExpectedDurations


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a stage is expected to take in the laboratory, in seconds.

    Parameters
    ----------
    groups : sequence of sequence of str
        The plan as people see it.
    makespan_s : float
        With every target beginning as soon as what it needs is free.
    lower_bound_s : float
        No schedule is shorter.
    group_by_group_s : float
        With every group waiting for the one before.
    """

    groups: Sequence[Sequence[str]]
    makespan_s: float
    lower_bound_s: float
    group_by_group_s: float


def forecasts_of(
    qdash: Runtime, job: FlowJob, steps: Sequence[Step], stages: Sequence[Stage]
) -> list[Forecast | None]:
    """Return what the stages of a job are expected to take; None for one that measures nothing on qubits or couplings.

    Each task is expected to take what it took last. Targets that only the run will find to be left out are counted.

    Parameters
    ----------
    steps : sequence of Step
        Of the job.
    stages : sequence of Stage
        What each of them will run on what.
    """
    if job.chip_id is None:
        raise InvalidInputError(f"flow {job.flow!r} needs a chip")
    project_id = qdash.projects.require_editor(job.username, job.project_id)
    chip = qdash.chips.show(project_id, job.chip_id)
    lanes = qdash.registry.backend(job.backend_name or chip.header.backend).max_parallel
    schedule: Step | None = None
    found: list[Forecast | None] = []
    for step, stage in zip(steps, stages, strict=True):
        if isinstance(step, GenerateCRSchedule | SetCRSchedule):
            schedule = step
        if not stage.tasks or not stage.targets or not all(stage.targets):
            found.append(None)
            continue
        plan = _plan(qdash.registry, chip, stage, schedule, lanes=lanes)
        with qdash.store.read() as snapshot:
            durations = durations_on_record(
                Repositories(snapshot), project_id, chip.header.chip_id, stage.tasks
            )
        found.append(_forecast(plan, durations, lanes=lanes))
    return found


def _plan(registry: Registry, chip: Chip, stage: Stage, schedule: Step | None, *, lanes: int | None) -> Plan:
    """Return what a stage will run; `schedule` is the step before it that puts couplings in groups, if there is one."""
    kind: Literal["qubit", "coupling"] = "coupling" if "-" in stage.targets[0] else "qubit"
    planned = [PlannedTask(task, {}) for task in stage.tasks]
    if kind == "coupling" and isinstance(schedule, GenerateCRSchedule):
        scheduler = registry.scheduler(kind, schedule.strategy)
        made = schedule_couplings(chip, stage.targets, scheduler, rules=schedule.rules)
        return plan_of_groups(planned, stage.targets, made.groups, made.conflicts, lanes=lanes)
    if kind == "coupling" and isinstance(schedule, SetCRSchedule):
        return plan_of_groups(planned, stage.targets, schedule.coupling_groups, None, lanes=lanes)
    return plan_of(planned, stage.targets, chip, registry.scheduler(kind, STRATEGY[kind]), lanes=lanes)


def _forecast(plan: Plan, durations: ExpectedDurations, *, lanes: int | None) -> Forecast:
    tasks = [planned.task for planned in plan.tasks]
    expected_s = {target: durations.total(tasks, target) for target in plan.targets}
    parts = [within_lanes(part, tasks, lanes) for part in plan.parts]
    return Forecast(
        plan.groups,
        sum(
            list_schedule(part, expected_s, best_order(part, expected_s, plan.groups)).makespan_s
            for part in parts
        ),
        lower_bound(conflicts_of(stage_of(plan)), expected_s),
        by_groups(plan.groups, expected_s),
    )
