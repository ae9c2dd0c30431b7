"""How long the stages of a flow are expected to take in the laboratory, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.executions.plans import PlannedTask
from qdash_core.flows.planning import STRATEGY, plan_of
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.durations import durations_on_record
from qdash_core.scheduling.makespan import best_order, by_groups, list_schedule, lower_bound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.application import QDash
    from qdash_core.flows.job import FlowJob
    from qdash_core.flows.stages import Stage


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


def forecasts_of(qdash: QDash, job: FlowJob, stages: Sequence[Stage]) -> list[Forecast | None]:
    """Return what the stages of a job are expected to take; None for one that measures nothing on qubits or couplings.

    Each task is expected to take what it took last. Targets that a filter will leave out are counted.
    """
    if job.chip_id is None:
        raise InvalidInputError(f"flow {job.flow!r} needs a chip")
    project_id = qdash.projects.require_editor(job.username, job.project_id)
    chip = qdash.chips.show(project_id, job.chip_id)
    lanes = qdash.registry.backend(job.backend_name or chip.header.backend).max_parallel

    def forecast(stage: Stage) -> Forecast | None:
        if not stage.tasks or not all(stage.targets):
            return None
        kind: Literal["qubit", "coupling"] = "coupling" if "-" in stage.targets[0] else "qubit"
        scheduler = qdash.registry.scheduler(kind, STRATEGY[kind])
        planned = [PlannedTask(task, {}) for task in stage.tasks]
        plan = plan_of(planned, stage.targets, chip, scheduler, lanes=lanes)
        (conflicts,) = plan.parts
        with qdash.store.read() as snapshot:
            durations = durations_on_record(
                Repositories(snapshot), project_id, chip.header.chip_id, stage.tasks
            )
        expected_s = {target: durations.total(stage.tasks, target) for target in stage.targets}
        order = best_order(conflicts, expected_s, plan.groups)
        return Forecast(
            plan.groups,
            list_schedule(conflicts, expected_s, order).makespan_s,
            lower_bound(conflicts, expected_s),
            by_groups(plan.groups, expected_s),
        )

    return [forecast(stage) for stage in stages]
