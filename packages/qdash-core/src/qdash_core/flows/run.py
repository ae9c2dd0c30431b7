"""Live run of a flow: its session, and the remaining targets."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS
from qdash_core.flows.conditions import make_requirement
from qdash_core.flows.exclusions import describe_exclusions, find_lacking
from qdash_core.flows.planning import CouplingGroups, plan_stage
from qdash_core.flows.strategy_choice import StrategyChooser
from qdash_core.flows.targets import has_qubits, narrow_to_couplings
from qdash_core.flows.task_selection import find_measuring_kinds
from qdash_core.models.chip import TargetStatus
from qdash_core.models.targets import TargetKind, by_number, parse_coupling_id
from qdash_core.scheduling.coupling_schedules import choose_chip_directions, schedule_couplings
from qdash_core.tasks.inputs import get_direction

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Lacks
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.strategies import StrategySelection
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.coupling_schedules import CouplingRules
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.orchestrator import CalibOrchestrator

logger = logging.getLogger(__name__)


class LiveRun:
    """A `StepRun` that measures, at first on `targets`.

    `left_out` has named targets that are not among them, each with the reason. `chooser` is None for the strategies
    of the steps and the defaults.
    """

    previewing: Final = False

    def __init__(
        self,
        runtime: Runtime,
        orchestrator: CalibOrchestrator,
        targets: Sequence[str],
        left_out: Mapping[str, str] | None = None,
        *,
        chooser: StrategyChooser | None = None,
        constraints: InstrumentConstraints = DEFAULT_CONSTRAINTS,
    ) -> None:
        self._runtime = runtime
        self._chooser, self._constraints = chooser or StrategyChooser(runtime.registry), constraints
        self._orchestrator = orchestrator
        self.targets = self._asked = list(targets)
        self._grouped: CouplingGroups | None = None
        self._record_exclusions(left_out or {})

    @property
    def chip(self) -> Chip:
        """Current state of the chip."""
        return self._orchestrator.read_chip()

    def set_targets(self, targets: Sequence[str]) -> None:
        """Replace the remaining targets by others of the chip, which are no longer recorded as excluded."""
        self.chip.require_targets(targets)
        self.targets = self._asked = list(targets)
        self._record_exclusions({})

    def run_tasks(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, Parameter] | None = None,
    ) -> list[TaskResultModel]:
        """Run tasks in this order on every remaining target, grouped by the scheduler.

        Tasks on couplings let the couplings among the qubits that are left become the targets. `parameters` has run
        parameters that each of the tasks has, and `inputs` replaces the chip's values; both take precedence over
        those of the session.
        """
        if kind == "coupling":
            self.narrow_to_couplings()
        plan = self.plan(names, kind=kind, selection=selection, parameters=parameters, inputs=inputs)
        return self._orchestrator.run_plan(plan)

    def calibrate(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> list[TaskResultModel]:
        """Run tasks and return their results; the status of each target follows them as for `StepRun.calibrate`."""
        try:
            return self.run_tasks(names, kind=kind, selection=selection, parameters=parameters)
        finally:
            # Finished targets have their status even when the run is cut.
            chip = self.chip
            known: dict[str, QubitModel | CouplingModel] = {**chip.qubits, **chip.couplings}
            tasks = [self._orchestrator.catalogue.task(name) for name in names]
            outputs = {parameter for task in tasks for parameter in task.output_parameters}
            essential = outputs & self._runtime.status_rules.essential[kind]
            for target in self.targets:
                own = self.results_of(target, names)
                status = known[target].status
                if status is TargetStatus.PENDING and len(own) == len(names) and not essential:
                    if all(result.accepted for result in own):
                        self.set_status(target, TargetStatus.CALIBRATED)
                elif own:
                    self._orchestrator.keep_scoped_status(target, status)

    def run_on_chip(self, names: Sequence[str]) -> list[TaskResultModel]:
        """Run tasks of the whole chip in this order."""
        return [self._orchestrator.run_task(name) for name in names]

    def installed(self, names: Sequence[str]) -> list[str]:
        """Return the tasks among these that the backend offers."""
        return [name for name in names if self._orchestrator.catalogue.has(name)]

    def kinds_making(self, metric: str) -> frozenset[str]:
        """Return the kinds of target for which tasks measure a metric. See `StepRun.kinds_making`."""
        tasks = self._runtime.registry.tasks()
        return find_measuring_kinds(metric, tasks, self._orchestrator.catalogue, lambda: self.chip)

    def narrow_to_couplings(self) -> None:
        """Replace qubits by the couplings between remaining qubits; couplings stay unchanged."""
        if not has_qubits(self._asked):
            return
        self._asked, among, why = narrow_to_couplings(
            self.chip, self._asked, self.targets, self._orchestrator.left_out
        )
        chosen = set(self._orchestrator.choose(among))
        # A resumed run may have chosen couplings that a user has excluded since.
        self.targets = [coupling for coupling in sorted(among, key=by_number) if coupling in chosen]
        self._record_exclusions(why)

    def schedule_couplings(self, strategy: str, rules: CouplingRules) -> list[list[tuple[str, str]]]:
        """Choose directions and groups of the remaining couplings, store the directions with the chip, and return both."""
        self.narrow_to_couplings()
        strategy, rules = self._chooser.choose_for_couplings(strategy, rules)
        chip = self.chip
        wanted = choose_chip_directions(chip, self.targets, rules)
        controls = self._record_directions(
            {coupling: direction.control for coupling, direction in wanted.items()}
        )
        schedule = schedule_couplings(
            chip,
            self.targets,
            self._runtime.registry.scheduler("coupling", strategy),
            rules=replace(rules, direction=controls),
            constraints=self._constraints,
        )
        self._orchestrator.set_directions(controls)
        self._grouped = CouplingGroups(schedule.colouring, schedule.conflicts)
        return self._grouped.list_pairs(controls)

    def set_coupling_groups(self, groups: Sequence[Sequence[str]], controls: Mapping[str, str]) -> None:
        """Set the groups of couplings, which are measured one after another, and their directions."""
        self.narrow_to_couplings()
        left = dict.fromkeys(self.targets)
        self._grouped = CouplingGroups.from_groups(
            [[one for one in group if one in left] for group in groups]
        )
        self.targets = list(self._grouped.conflicts.targets)
        grouped = set(self.targets)
        self._record_exclusions({one: "in no group of the schedule" for one in left if one not in grouped})
        self._orchestrator.set_directions(
            {coupling: control for coupling, control in controls.items() if coupling in left}
        )

    def _record_directions(self, controls: Mapping[str, str]) -> dict[str, str]:
        """Record directions, and return those in force: a resumed execution keeps its first ones."""
        pairs = ("-".join(get_direction(coupling, control)) for coupling, control in controls.items())
        kept: dict[str, str] = {}
        for pair in self._orchestrator.choose(list(pairs)):
            kept.setdefault(parse_coupling_id(pair), pair.partition("-")[0])
        return {coupling: kept[coupling] for coupling in controls}

    def plan(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, Parameter] | None = None,
    ) -> Plan:
        """Return the plan of `run_tasks`."""
        return plan_stage(
            [self._orchestrator.plan_task(name, parameters, inputs) for name in names],
            self.targets,
            self.chip,
            self._runtime.registry,
            kind=kind,
            grouped=self._grouped,
            choice=self._chooser.choose(kind, selection),
            constraints=self._constraints,
            lanes=self._orchestrator.lanes,
        )

    def results_of(self, qid: str, names: Sequence[str]) -> list[TaskResultModel]:
        """Return the last finished result of each of these tasks on a target; tasks without a result are absent."""
        wanted = {self._orchestrator.catalogue.task(name).name for name in names}
        results = self._orchestrator.task_context.task_result
        finished = (results.coupling_tasks if "-" in qid else results.qubit_tasks).get(qid, [])
        return list({result.name: result for result in finished if result.name in wanted}.values())

    def keep(self, lacks: Lacks, *, of: Literal["target", "qubits"] = "target") -> None:
        """Keep only the targets that meet the requirement, given their current values. See `StepRun.keep`."""
        chip = self.chip
        known: dict[str, QubitModel | CouplingModel] = {**chip.qubits, **chip.couplings}
        why = find_lacking(self.targets, known, lacks, of=of)
        chosen = set(self._orchestrator.choose([target for target in self.targets if target not in why]))
        self.targets = [target for target in self.targets if target in chosen]
        self._record_exclusions({target: reason for target, reason in why.items() if target not in chosen})

    def select(self, conditions: Collection[Condition], *, names: Collection[str] | None = None) -> None:
        """Keep only the targets that meet a condition. See `StepRun.select`."""
        self.keep(make_requirement(self._runtime, self.chip, conditions, names))

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a user has excluded it or marked it as dead."""
        self._orchestrator.set_status(target, status)

    def _record_exclusions(self, why: Mapping[str, str]) -> None:
        """Log and record the excluded targets; the remaining ones are no longer recorded as excluded."""
        if why:
            logger.warning("not measured: %s", describe_exclusions(why))
        self._orchestrator.leave_out(why, going_on=self.targets)
