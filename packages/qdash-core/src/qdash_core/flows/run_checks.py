"""Checks of a run before its start, from a dry run of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.backends.instruments import is_simulation
from qdash_core.errors import InvalidInputError, MissingInputError, NotFoundError
from qdash_core.flows.conditions import make_requirement
from qdash_core.flows.dry_run import DryRun
from qdash_core.flows.strategy_choice import StrategyChooser
from qdash_core.flows.task_selection import select_steps
from qdash_core.hooks.planned_run import PlannedRun, PlannedStage
from qdash_core.models.chip import ParameterModel
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import get_control_qubit, split_coupling
from qdash_core.scheduling.claims import WHOLE_INSTRUMENT, claim_targets
from qdash_core.session.repeated_result import read_repeated_result, require_repeatable
from qdash_core.session.scoped_chip import ScopedChip, read_scope
from qdash_core.tasks.input_overrides import check_input_overrides, select_input_overrides
from qdash_core.tasks.inputs import Inputs, LatestValues
from qdash_core.tasks.overrides import check_overrides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.flows.dry_run import Stage
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Step
    from qdash_core.models.claims import ClaimUnit
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.claims import RunClaim
    from qdash_core.tasks.base import BaseTask

    GivenInputs = Mapping[type[BaseTask], Mapping[str, Parameter]]
    """Inputs that a run gives its tasks, by declared name."""


@dataclass(frozen=True, slots=True)
class CheckedRun:
    """A run that can begin.

    `targets` are those of the first step. `left_out` has named targets that a person has set aside, and
    `tasks_left_out` tasks of the flow that are not run, each with the reason. `kinds` are the kinds of targets that
    are measured. `tasks` is None if a step decides during the run. `plan` is for plugins.
    """

    chip: Chip
    backend: type[BaseBackend]
    catalogue: Catalogue
    targets: list[str]
    left_out: Mapping[str, str]
    steps: Sequence[Step]
    tasks_left_out: Mapping[str, str]
    chooser: StrategyChooser
    constraints: InstrumentConstraints
    kinds: frozenset[str]
    claim: RunClaim
    tasks: tuple[type[BaseTask], ...] | None
    plan: PlannedRun


def check_run(
    runtime: Runtime,
    config: CalibConfig,
    targets: Targets,
    steps: Sequence[Step],
    *,
    role: ProjectRole = ProjectRole.EDITOR,
) -> CheckedRun:
    """Refuse a run that cannot begin, before anything is written; `role` is the least role that the user needs.

    Raises
    ------
    AccessDeniedError
        If the user does not have it.
    NotFoundError, InvalidInputError
        If a task, target, step, strategy or run parameter does not exist or does not fit.
    MissingInputError
        If none of the targets of a stage has what its tasks need.
    """
    project_id = runtime.access(config.username, config.project_id, role).project_id
    chip = runtime.chip_record.show(project_id, config.chip_id)
    backend = runtime.require_backend(config.backend_name or chip.header.backend)
    catalogue = runtime.get_catalogue(project_id, config.chip_id, backend_name=backend.name)
    simulated = is_simulation(backend, chip.header.backend)
    contents = read_scope(runtime, project_id, config, simulated=simulated)
    scoped = None if contents is None else ScopedChip(contents=contents)
    chip = chip if scoped is None else scoped.apply_to_chip(chip)
    resolved = targets.resolve(chip)
    found = select_steps(steps, resolved, chip, runtime.registry, catalogue)
    named = [catalogue.task(name) for step in found.steps for name in step.tasks or ()]
    chooser = StrategyChooser(runtime.registry, config.scheduling)
    constraints = runtime.get_constraints(project_id, config.chip_id, backend_name=backend.name)
    dry_run = DryRun(
        chip,
        runtime.registry,
        resolved,
        backend=backend,
        catalogue=catalogue,
        make_requirement=partial(make_requirement, runtime),
        chooser=chooser,
        constraints=constraints,
    )
    for step in found.steps:
        dry_run.apply(step)
    known = dict.fromkeys([*named, *(task for stage in dry_run.stages for task in stage.tasks)])
    check_overrides(list(known), config.run_parameters, ignore_unused=config.ignore_unused_parameters)
    quantities = runtime.registry.quantities()
    read_by = known if dry_run.foreseen else catalogue.offered.values()
    check_input_overrides(list(read_by), config.inputs, quantities)
    given = {task: select_input_overrides(task, config.inputs, {}, quantities) for task in known}
    values = LatestValues(
        runtime.store, project_id, config.chip_id, change=None if scoped is None else scoped.apply
    )
    rerun_of = config.rerun_of
    repeated = None if rerun_of is None else read_repeated_result(runtime, project_id, rerun_of)
    if repeated is not None:
        _require_repeatable(repeated, chip, dry_run.stages)
    _require_inputs(values, chip, dry_run.stages, catalogue, repeated, given)
    outside = [target for target in resolved if not _is_inside(target, config.qids)]
    if outside:
        raise NotFoundError(f"{', '.join(outside)}: not among the qids of this calibration")
    unit = runtime.get_claim_unit(chip.header, backend_name=backend.name)
    return CheckedRun(
        chip,
        backend,
        catalogue,
        resolved,
        targets.left_out(chip),
        found.steps,
        found.skipped_tasks,
        chooser,
        constraints,
        frozenset(task.task_type for stage in dry_run.stages for task in stage.tasks),
        _make_claim(dry_run, unit),
        tuple(known) if dry_run.foreseen else None,
        PlannedRun(
            project_id,
            config.chip_id,
            config.username,
            config.name,
            backend.name,
            tuple(config.tags),
            config.saved,
            simulated,
            tuple(map(_describe_stage, dry_run.stages)),
        ),
    )


def _describe_stage(stage: Stage) -> PlannedStage:
    return PlannedStage(stage.step, tuple(task.name for task in stage.tasks), stage.targets, stage.foreseen)


def _make_claim(dry_run: DryRun, unit: ClaimUnit) -> RunClaim:
    """Return the claim of a run: the whole instrument if a step cannot be previewed, or a task needs all of it."""
    chip, targets = dry_run.chip, _list_measured_targets(dry_run.stages, dry_run.chip)
    if targets is None or not dry_run.foreseen:
        return WHOLE_INSTRUMENT
    return claim_targets(
        targets, unit=unit, chip_id=chip.header.chip_id, topology=chip.topology, wiring=chip.wiring
    )


def _list_measured_targets(stages: Sequence[Stage], chip: Chip) -> set[str] | None:
    """Return the qubits and couplings that tasks measure, or None if a task is one of the whole chip."""
    measured: set[str] = set()
    for stage in stages:
        for task_type in {task.task_type for task in stage.tasks}:
            if task_type in ("global", "system"):
                return None
            muxes = stage.targets if task_type == "mux" else ()
            measured.update(qid for mux in muxes for qid in chip.topology.members(int(mux)))
            measured.update(() if muxes else stage.targets)
    return measured


def _require_repeatable(repeated: TaskResultModel, chip: Chip, stages: Sequence[Stage]) -> None:
    """Refuse a rerun of a result that cannot be measured again, or with more than its task and target."""
    require_repeatable(repeated, chip)
    nodes = [(task.name, target) for stage in stages for task in stage.tasks for target in stage.targets]
    if nodes != [(repeated.name, repeated.qid)]:
        raise InvalidInputError(
            f"a rerun of result {repeated.task_id} measures only {repeated.name} on {repeated.qid or 'the chip'}: request nothing else"
        )


def _is_inside(target: str, qids: Sequence[str]) -> bool:
    """Return whether a request allows a target, or both qubits of a coupling; a request without qids allows any."""
    return not qids or target in qids or ("-" in target and set(qids).issuperset(split_coupling(target)))


def _require_inputs(
    latest: LatestValues,
    chip: Chip,
    stages: Sequence[Stage],
    catalogue: Catalogue,
    repeated: TaskResultModel | None,
    given: GivenInputs,
) -> None:
    """Raise MissingInputError, before anything is written, if some stage has no target with the inputs of its tasks.

    Earlier stages are assumed to make all they can. If only some targets lack an input, the run begins, and their
    results say so.
    """
    values = _PredictedValues(latest)
    controls = {coupling: get_control_qubit(model) for coupling, model in chip.couplings.items()}
    inputs = Inputs(values, catalogue.makers(), controls, repeated)
    for stage in stages:
        _require_inputs_of(stage, values, inputs, given)
        for target in stage.targets:
            values.add(target, stage.tasks)


def _require_inputs_of(stage: Stage, values: _PredictedValues, inputs: Inputs, given: GivenInputs) -> None:
    first: str | None = None
    for target in stage.targets:
        message = _find_missing_input(stage.tasks, target, values, inputs, given)
        if message is None:
            return
        first = first or message
    if first is not None:
        rest = len(stage.targets) - 1
        others = f" (and {rest} other {'target' if rest == 1 else 'targets'} likewise)" if rest else ""
        raise MissingInputError(f"{first}{others}")


class _PredictedValues:
    """Accepted values, and placeholders for those that earlier tasks of the run produce."""

    def __init__(self, values: LatestValues) -> None:
        self._values = values
        self._placeholder = ParameterModel(value=0.0)
        self._made: dict[str, dict[str, ParameterModel]] = {}

    def add(self, target: str, tasks: Sequence[type[BaseTask]]) -> None:
        """Add the values that these tasks produce for a target."""
        made = self._made.setdefault(target, {})
        made.update(
            dict.fromkeys((name for task in tasks for name in task.output_parameters), self._placeholder)
        )

    def get_values(self, target: str) -> Mapping[str, ParameterModel]:
        return {**self._made.get(target, {}), **self._values.get_values(target)}

    def expects_signal(self, target: str, names: Iterable[str]) -> bool:
        return self._values.expects_signal(target, names)


def _find_missing_input(
    tasks: Sequence[type[BaseTask]],
    target: str,
    values: _PredictedValues,
    inputs: Inputs,
    given: GivenInputs,
) -> str | None:
    for task in tasks:
        try:
            inputs.resolve(task, target, given[task])
        except MissingInputError as error:
            return str(error)
        values.add(target, [task])
    return None
