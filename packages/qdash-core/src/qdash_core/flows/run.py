"""A flow on its way: the session, the targets that are left, and what steps may do with them."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from qdash_core.chips.ids import by_number, coupling_id, qubits_of
from qdash_core.flows.planning import STRATEGY, plan_of, plan_of_groups
from qdash_core.flows.stages import couplings_among
from qdash_core.models.chip import TargetStatus
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.cr_scheduler import directions_of, schedule_couplings
from qdash_core.tasks.inputs import direction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.application import QDash
    from qdash_core.chips.service import Chip
    from qdash_core.executions.dispatcher import Plan
    from qdash_core.executions.orchestrator import CalibOrchestrator
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.cr_scheduler import CouplingRules

logger = logging.getLogger(__name__)


class FlowRun:
    """What a step works on.

    Parameters
    ----------
    qdash : QDash
        Open.
    orchestrator : CalibOrchestrator
        Initialized.
    targets : sequence of str
        What the first step runs on.
    """

    def __init__(self, qdash: QDash, orchestrator: CalibOrchestrator, targets: Sequence[str]) -> None:
        self._qdash = qdash
        self._orchestrator = orchestrator
        self.targets = self._asked = list(targets)
        self._groups: Sequence[Sequence[str]] | None = None
        self._conflicts: Conflicts | None = None

    def run_tasks(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> list[TaskResultModel]:
        """Run tasks in this order on every target that is left, grouped by the scheduler.

        Tasks on couplings let the couplings among the qubits that are left become the targets.
        """
        if kind == "coupling":
            self.narrow_to_couplings()
        plan = self.plan(names, kind=kind)
        return self._orchestrator.run_plan(plan)

    def calibrate(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> None:
        """Run tasks, and call each target calibrated of which all were accepted, and any other that is through failed."""
        try:
            self.run_tasks(names, kind=kind)
        finally:
            # Targets that are through have their status even when the rest is cut.
            for target in self.targets:
                own = self.results_of(target, names)
                if len(own) == len(names):
                    good = all(result.accepted for result in own)
                    self.set_status(target, TargetStatus.CALIBRATED if good else TargetStatus.FAILED)

    def run_on_chip(self, names: Sequence[str]) -> list[TaskResultModel]:
        """Run tasks of the whole chip in this order."""
        return [self._orchestrator.run_task(name) for name in names]

    def installed(self, names: Sequence[str]) -> list[str]:
        """Return those of these tasks that the backend has."""
        tasks = self._qdash.registry.tasks()
        backend = self._orchestrator.task_context.chip.backend
        return [name for name in names if (backend, name) in tasks or (None, name) in tasks]

    def is_of_qubits(self, metric: str) -> bool:
        """Whether only tasks on qubits make a value of this name."""
        tasks = self._qdash.registry.tasks().values()
        kinds = {task.task_type for task in tasks if metric in task.output_parameters}
        return kinds == {"qubit"}

    def narrow_to_couplings(self) -> None:
        """Let the couplings of which both qubits are left be the targets, unless couplings are that already."""
        if any("-" not in target for target in self.targets):
            chip = self._chip()
            among = couplings_among(chip, self.targets)
            missing = set(couplings_among(chip, self._asked)).difference(among)
            self.targets = sorted(self._orchestrator.choose(among), key=by_number)
            _say_left_out(missing.difference(self.targets), "the flow has left out one of the qubits of each")

    def schedule_couplings(self, strategy: str, rules: CouplingRules) -> None:
        """Choose directions and groups of the couplings that are left. The directions become the chip's."""
        self.narrow_to_couplings()
        chip = self._chip()
        wanted = directions_of(chip, self.targets, rules)
        controls = self._chosen({coupling: direction.control for coupling, direction in wanted.items()})
        schedule = schedule_couplings(
            chip,
            self.targets,
            self._qdash.registry.scheduler("coupling", strategy),
            rules=replace(rules, direction=controls),
        )
        self._orchestrator.set_directions(controls)
        self._groups, self._conflicts = schedule.groups, schedule.conflicts

    def set_coupling_groups(self, groups: Sequence[Sequence[str]], controls: Mapping[str, str]) -> None:
        """Let couplings be measured in these groups, one after the other, and driven in these directions."""
        self.narrow_to_couplings()
        left = set(self.targets)
        self._groups, self._conflicts = [[one for one in group if one in left] for group in groups], None
        self.targets = [coupling for group in self._groups for coupling in group]
        self._orchestrator.set_directions(
            {coupling: control for coupling, control in controls.items() if coupling in left}
        )

    def _chosen(self, controls: Mapping[str, str]) -> dict[str, str]:
        """Record directions, and return those that hold: of a resumed execution the first ones."""
        pairs = ("-".join(direction_of(coupling, control)) for coupling, control in controls.items())
        kept: dict[str, str] = {}
        for pair in self._orchestrator.choose(list(pairs)):
            kept.setdefault(coupling_id(pair), pair.partition("-")[0])
        return {coupling: kept[coupling] for coupling in controls}

    def _chip(self) -> Chip:
        execution = self._orchestrator.execution
        show = partial(self._qdash.chips.show, execution.project_id, execution.chip_id)
        return self._orchestrator.patiently(show)

    def plan(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> Plan:
        """Return what `run_tasks` would run."""
        planned = [self._orchestrator.plan_task(name) for name in names]
        if kind == "coupling" and self._groups is not None:
            return plan_of_groups(
                planned, self.targets, self._groups, self._conflicts, lanes=self._orchestrator.lanes
            )
        return plan_of(
            planned,
            self.targets,
            self._chip(),
            self._qdash.registry.scheduler(kind, STRATEGY[kind]),
            lanes=self._orchestrator.lanes,
        )

    def results_of(self, qid: str, names: Sequence[str]) -> list[TaskResultModel]:
        """Return the last finished result of each of these tasks on a target, as far as there are."""
        registry, backend = self._qdash.registry, self._orchestrator.task_context.chip.backend
        wanted = {registry.task(name, backend=backend).name for name in names}
        results = self._orchestrator.task_context.task_result
        finished = (results.coupling_tasks if "-" in qid else results.qubit_tasks).get(qid, [])
        return list({result.name: result for result in finished if result.name in wanted}.values())

    def keep(
        self,
        wanted: Callable[[QubitModel | CouplingModel], bool],
        *,
        why: str,
        of: Literal["target", "qubits"] = "target",
    ) -> None:
        """Leave only those targets that are wanted, by what is known of them now; `why` says what the others lack.

        With `of="qubits"` a coupling stays where both its qubits are wanted.
        """
        parts = {
            target: qubits_of(target) if of == "qubits" and "-" in target else (target,)
            for target in self.targets
        }
        asked = dict.fromkeys(part for those in parts.values() for part in those)
        found = self._orchestrator.patiently(partial(self._known, list(asked)))
        passing = [
            target
            for target, those in parts.items()
            if all(part in found and wanted(found[part]) for part in those)
        ]
        chosen = set(self._orchestrator.choose(passing))
        _say_left_out(set(self.targets) - chosen, why)
        self.targets = [target for target in self.targets if target in chosen]

    def _known(self, targets: Sequence[str]) -> dict[str, QubitModel | CouplingModel]:
        execution = self._orchestrator.execution
        with self._qdash.store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = {
                target: (repositories.couplings if "-" in target else repositories.qubits).find(
                    execution.project_id, execution.chip_id, target
                )
                for target in targets
            }
        return {target: model for target, model in found.items() if model is not None}

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a person has excluded it or called it dead."""
        self._orchestrator.set_status(target, status)


def _say_left_out(targets: Collection[str], why: str) -> None:
    if targets:
        logger.warning("not measured: %s (%s)", ", ".join(sorted(targets, key=by_number)), why)
