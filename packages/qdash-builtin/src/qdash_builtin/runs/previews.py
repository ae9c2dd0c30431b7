"""Previews of runs, from dry runs of their steps: stages and forecasts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from qdash_core.flows.conditions import make_requirement
from qdash_core.flows.dry_run import DryRun
from qdash_core.flows.planning import limit_to_lanes
from qdash_core.flows.run_checks import check_run
from qdash_core.flows.user_flow_source import UserFlowSource
from qdash_core.models.project import ProjectRole
from qdash_core.process.cancellation import checkpoint
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.blocks import time_blocks
from qdash_core.scheduling.conflicts import Conflicts
from qdash_core.scheduling.durations import read_durations
from qdash_core.scheduling.makespan import lower_bound, sum_group_durations
from qdash_core.session.dispatch.plans import make_stage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.flows.dry_run import Stage
    from qdash_core.flows.service import CalibService
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import Node
    from qdash_core.record.config import CalibConfig
    from qdash_core.repositories.store import Store
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected durations of a stage in the laboratory, in seconds.

    Parameters
    ----------
    groups : sequence of sequence of str
        Groups of the plan.
    strategy : str
        Name of the scheduling strategy, or empty if none made the groups.
    barriers : sequence of int
        Numbers of the groups, from 1, that start only after the end of all earlier groups; the first group is number 0.
    makespan_s : float
        Duration if every target starts as soon as its resources are free, but not before a barrier.
    lower_bound_s : float
        Lower bound for every schedule.
    group_by_group_s : float
        Duration if every group waits for the one before.
    """

    groups: Sequence[Sequence[str]]
    strategy: str
    barriers: Sequence[int]
    makespan_s: float
    lower_bound_s: float
    group_by_group_s: float


@dataclass(frozen=True, slots=True)
class RunPreview:
    """Preview of a run, with the tasks and targets of each step.

    Parameters
    ----------
    targets : list of str
        Targets of the first step.
    forecasts : list of Forecast or None
        Expected durations of each stage, or None if it measures nothing on qubits or couplings.
    left_out : mapping of str to str
        Named targets that are known to be omitted, with reasons.
    tasks_left_out : mapping of str to str
        Tasks of the flow that are not run on this chip, with reasons.
    from_source : bool
        Whether it was read from the text of a user's flow, without running it.
    """

    targets: list[str]
    stages: list[Stage]
    forecasts: list[Forecast | None]
    left_out: Mapping[str, str]
    tasks_left_out: Mapping[str, str]
    kinds: frozenset[str]
    from_source: bool = False

    @property
    def measures(self) -> bool:
        """Return whether anything is measured, or a step decides during the run."""
        return any(not stage.foreseen or any(map(stage.select_tasks, stage.targets)) for stage in self.stages)


@runtime_checkable
class PreviewedFlowSource(UserFlowSource, Protocol):
    """Source of users' flows that previews them."""

    def preview(
        self, runtime: Runtime, project_id: str, request: RunRequest, *, trusted_files: bool, alone: bool
    ) -> RunPreview:
        """Return the stages of a pinned request. Nothing is measured or written; parameters and errors are those of `RunService.preview`."""


def preview_steps(
    calibration: CalibService,
    targets: Targets,
    steps: Sequence[Step],
    *,
    done: Collection[Node] | None = None,
) -> RunPreview:
    """Return the preview of a run of a calibration; viewers may request it. Nothing is written.

    `done` are the nodes that an earlier run attempt has completed. The errors are those of `CalibService.run`.
    """
    with calibration.open_runtime() as runtime:
        return _preview(runtime, calibration.config, targets, steps, done)


def _preview(
    runtime: Runtime,
    config: CalibConfig,
    targets: Targets,
    steps: Sequence[Step],
    done: Collection[Node] | None,
) -> RunPreview:
    checked = check_run(runtime, config, targets, steps, role=ProjectRole.VIEWER)
    dry_run = DryRun(
        checked.chip,
        runtime.registry,
        checked.targets,
        backend=checked.backend,
        catalogue=checked.catalogue,
        make_requirement=partial(make_requirement, runtime),
        chooser=checked.chooser,
        constraints=checked.constraints,
        run_parameters=config.run_parameters,
        planning=True,
    )
    for step in checked.steps:
        checkpoint()
        dry_run.apply(step)
    header = checked.chip.header
    stages = dry_run.stages if done is None else _remove_completed_nodes(dry_run.stages, done)
    forecasts = _forecast_stages(
        runtime.store, header.project_id, header.chip_id, stages, lanes=checked.backend.max_parallel
    )
    left_out = {**checked.left_out, **dry_run.left_out}
    return RunPreview(checked.targets, stages, forecasts, left_out, checked.tasks_left_out, checked.kinds)


def _remove_completed_nodes(stages: Iterable[Stage], done: Collection[Node]) -> list[Stage]:
    """Return the stages without the nodes that an earlier run attempt has completed."""
    requested: Counter[tuple[str, str]] = Counter()
    left = []
    for stage in stages:
        rest: dict[str, tuple[type[BaseTask], ...]] = {}
        for target in stage.targets:
            nodes = [(task.name, target, requested[task.name, target]) for task in stage.tasks]
            tasks = [task for task, node in zip(stage.tasks, nodes, strict=True) if node not in done]
            requested.update((task.name, target) for task in stage.tasks)
            rest |= {target: tuple(tasks)} if tasks else {}
        left.append(replace(stage, rest=rest))
    return left


def _forecast_stages(
    store: Store, project_id: str, chip_id: str, stages: Sequence[Stage], *, lanes: int | None
) -> list[Forecast | None]:
    """Return the forecast of each planned stage, or None for one that measures nothing on qubits or couplings.

    The expected duration of a task is its last measured one with the same run parameters. Targets that the run may omit
    are counted. The backend can run `lanes` tasks (or groups) in parallel.
    """
    found: list[Forecast | None] = []
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        for stage in stages:
            if stage.plan is None:
                found.append(None)
                continue
            durations = read_durations(repositories, project_id, chip_id, stage.plan.run_parameters)
            found.append(_forecast(stage, stage.plan, durations, lanes=lanes))
    return found


def _forecast(stage: Stage, plan: Plan, durations: ExpectedDurations, *, lanes: int | None) -> Forecast:
    tasks = [planned.task for planned in plan.tasks]
    expected_s = {
        target: durations.sum_durations(stage.select_tasks(target), target) for target in plan.targets
    }
    blocks = [
        replace(block, conflicts=limit_to_lanes(block.conflicts, tasks, lanes)) for block in plan.blocks
    ]
    planned_stage = make_stage(plan)
    return Forecast(
        plan.groups,
        plan.strategy,
        planned_stage.barriers,
        time_blocks(blocks, expected_s, ordered=plan.ordered).makespan_s,
        lower_bound(Conflicts.from_stage(planned_stage), expected_s),
        sum_group_durations(plan.groups, expected_s),
    )
