"""How long the stages of a flow are expected to take in the laboratory, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.flows.planning import within_lanes
from qdash_core.record.stages import conflicts_of
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.durations import durations_on_record
from qdash_core.scheduling.makespan import best_order, by_groups, list_schedule, lower_bound
from qdash_core.session.dispatch.plans import stage_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.stages import Stage
    from qdash_core.repositories.store import Store
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan


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
    store: Store, project_id: str, chip_id: str, stages: Sequence[Stage], *, lanes: int | None
) -> list[Forecast | None]:
    """Return what planned stages are expected to take; None for one that measures nothing on qubits or couplings.

    Each task is expected to take what it took last. Targets that only the run will find to be left out are counted.

    Parameters
    ----------
    lanes : int or None
        Tasks (or groups) that the backend can run at once.
    """
    found: list[Forecast | None] = []
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        for stage in stages:
            if stage.plan is None:
                found.append(None)
                continue
            durations = durations_on_record(repositories, project_id, chip_id, stage.tasks)
            found.append(_forecast(stage, stage.plan, durations, lanes=lanes))
    return found


def _forecast(stage: Stage, plan: Plan, durations: ExpectedDurations, *, lanes: int | None) -> Forecast:
    tasks = [planned.task for planned in plan.tasks]
    expected_s = {target: durations.total(stage.tasks_on(target), target) for target in plan.targets}
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
