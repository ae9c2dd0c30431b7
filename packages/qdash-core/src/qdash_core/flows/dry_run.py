"""Dry run: application of steps to an object that notes tasks and targets and measures nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.flows.exclusions import describe_exclusions, find_lacking
from qdash_core.flows.planning import CouplingGroups, plan_stage
from qdash_core.flows.targets import has_qubits, narrow_to_couplings
from qdash_core.flows.task_selection import find_measuring_kinds
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import TargetKind, by_number
from qdash_core.scheduling.coupling_schedules import CouplingRules, choose_chip_directions, schedule_couplings
from qdash_core.session.dispatch.plans import PlannedTask, check_target
from qdash_core.session.running_flow import UnforeseenError
from qdash_core.tasks.failures import describe_error
from qdash_core.tasks.overrides import get_run_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.flows.strategy_choice import StrategyChoice, StrategyChooser
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.flows import Lacks, Step
    from qdash_core.hooks.manager import Registry
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.models.strategies import StrategySelection
    from qdash_core.models.task import TaskResultModel
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)

_ROUNDS = 100
"""Limit of stages in a preview: a step that requests more waits for results, which do not exist."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Tasks on targets. The tasks are in their order, or empty if the step only selects targets.

    `targets` is the largest possible set: earlier stages may leave fewer. A single empty id is the whole chip. `plan`
    is None if nothing is run on qubits or couplings, or no stage is planned. `rest` has for each target the tasks
    that an earlier run attempt has not completed, or is None to run all. `reason` tells why the step may run other
    tasks on other targets than these; it is empty if the step was previewed to its end.
    """

    step: str
    tasks: tuple[type[BaseTask], ...]
    targets: tuple[str, ...]
    plan: Plan | None = None
    rest: Mapping[str, tuple[type[BaseTask], ...]] | None = None
    reason: str = ""

    @property
    def foreseen(self) -> bool:
        """True if the step was previewed to its end."""
        return not self.reason

    def select_tasks(self, target: str) -> tuple[type[BaseTask], ...]:
        """Return the tasks to run on a target."""
        return self.tasks if self.rest is None else self.rest.get(target, ())


class DryRun:
    """Preview of steps: a `StepRun` that records tasks and targets, and measures and writes nothing.

    Parameters
    ----------
    planning : bool
        True to plan stages: filters before the first task use the current values, and a step without remaining targets is no
        error. False to check: anything that does not fit is refused, and filters pass all targets, since a resumed run also keeps
        targets that passed before.

    Attributes
    ----------
    stages : list of Stage
        Tasks and targets of the steps so far; at least one stage for each step.
    foreseen : bool
        Whether every step was previewed to its end; otherwise a step may run other tasks on other targets.
    """

    previewing: Final = True

    def __init__(
        self,
        chip: Chip,
        registry: Registry,
        targets: Sequence[str],
        *,
        backend: type[BaseBackend],
        catalogue: Catalogue,
        make_requirement: Callable[[Chip, Collection[Condition], Collection[str] | None], Lacks],
        chooser: StrategyChooser,
        constraints: InstrumentConstraints,
        run_parameters: Mapping[str, Any] | None = None,
        planning: bool = False,
    ) -> None:
        self._chooser, self._constraints = chooser, constraints
        self._make_requirement = make_requirement
        self._run_parameters = run_parameters or {}
        self.chip = chip
        self.targets = self._asked = list(targets)
        self.stages: list[Stage] = []
        self.left_out: dict[str, str] = {}
        self.foreseen = True
        self._registry, self._catalogue, self._planning = registry, catalogue, planning
        self._lanes = backend.max_parallel
        self._values_are_known = planning
        self._grouped: CouplingGroups | None = None
        self._step, self._noted = "", 0
        self._chosen_from: Sequence[str] = ()

    def apply(self, step: Step) -> None:
        """Preview a step. Tasks of the step that it did not request without results are assumed to come last.

        Raises
        ------
        QDashError
            If the step does not fit. Other exceptions are attributed to the missing results.
        """
        self._step = getattr(step, "label", None) or type(step).__name__
        self._noted, self._chosen_from = len(self.stages), self.targets
        requested = self._asked
        reason = self._apply(step)
        done = [task for stage in self.stages[self._noted :] for task in stage.tasks]
        rest = [task for task in self._get_tasks(step.tasks or ()) if task not in done]
        self._note_rest(rest, narrowed=self._asked is not requested)
        if len(self.stages) == self._noted:
            self._note(Stage(self._step, (), tuple(self._chosen_from)))
        if reason:
            self.foreseen = self._values_are_known = False
            self.stages[self._noted :] = [
                replace(stage, reason=reason) for stage in self.stages[self._noted :]
            ]

    def _apply(self, step: Step) -> str:
        """Apply a step; return the reason that it was not previewed to its end, or an empty text."""
        try:
            step.apply(self)
        except UnforeseenError as error:
            reason = str(error)
        except QDashError:
            raise
        except (Exception, SystemExit) as error:
            reason = (
                f"the step failed in the preview, perhaps because it has no results: {describe_error(error)}"
            )
            logger.debug("the preview of %s ended early", self._step, exc_info=error)
        else:
            return ""
        # What it asked for again and again is shown once.
        different = {(stage.tasks, stage.targets): stage for stage in self.stages[self._noted :]}
        self.stages[self._noted :] = different.values()
        return reason

    def _note(self, stage: Stage) -> None:
        self.stages.append(stage)
        if len(self.stages) - self._noted > _ROUNDS:
            raise RuntimeError(f"{self._step} waits for results")

    def _note_rest(self, tasks: Sequence[type[BaseTask]], *, narrowed: bool) -> None:
        """Note the tasks whose order is unknown. `narrowed` tells whether the step replaced its qubits by couplings."""
        for kind, alike in groupby(tasks, key=lambda task: task.task_type):
            names = [task.name for task in alike]
            if kind in ("global", "system"):
                self.run_on_chip(names)
            elif kind == "coupling":
                self.run_tasks(names, kind="coupling")
            elif not narrowed:
                self.run_tasks(names, kind="qubit")

    def set_targets(self, targets: Sequence[str]) -> None:
        """Replace the remaining targets by others of the chip."""
        self.chip.require_targets(targets)
        self.targets = self._asked = list(targets)
        self._chosen_from = self.targets

    def run_tasks(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> list[TaskResultModel]:
        """Record tasks on the remaining targets; reject run parameters that they do not have. There are no results."""
        tasks = self._get_tasks(names)
        planned = [
            PlannedTask(task, get_run_parameters(task, self._run_parameters, parameters or {}))
            for task in tasks
        ]
        if kind == "coupling":
            self.narrow_to_couplings()
        elif any("-" in target for target in self.targets):
            raise InvalidInputError(
                f"{self._step} measures qubits ({summarize_names([task.name for task in tasks], 1)}), and the targets are couplings "
                f"({summarize_names(self.targets)}): name qubits, or a flow of tasks on couplings"
            )
        self._require_targets(tasks, self.targets)
        choice = self._chooser.choose(kind, selection)
        plan = self._plan_tasks(planned, kind, choice) if self._planning and tasks and self.targets else None
        self._note(Stage(self._step, tasks, tuple(self.targets), plan))
        self._values_are_known = self._values_are_known and not tasks
        return []

    def calibrate(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> list[TaskResultModel]:
        """Record tasks on the remaining targets. There are no results."""
        return self.run_tasks(names, kind=kind, selection=selection, parameters=parameters)

    def run_on_chip(self, names: Sequence[str]) -> list[TaskResultModel]:
        """Record tasks of the whole chip. There are no results."""
        tasks = self._get_tasks(names)
        self._require_targets(tasks, [""])
        if tasks:
            self._note(Stage(self._step, tasks, ("",)))
        return []

    def installed(self, names: Sequence[str]) -> list[str]:
        """Return the tasks that the backend offers."""
        return [name for name in names if self._catalogue.has(name)]

    def kinds_making(self, metric: str) -> frozenset[str]:
        """Return the kinds of target for which tasks measure a metric. See `StepRun.kinds_making`."""
        return find_measuring_kinds(metric, self._registry.tasks(), self._catalogue, lambda: self.chip)

    def narrow_to_couplings(self) -> None:
        """Replace qubits by the couplings between remaining qubits; couplings stay unchanged.

        Raises
        ------
        InvalidInputError
            If there are none, unless stages are planned.
        """
        if not has_qubits(self._asked):
            return
        requested, left, why = narrow_to_couplings(self.chip, self._asked, self.targets, self.left_out)
        if not left and not self._planning:
            aside = f" but {describe_exclusions(why, briefly=True)}" if why else ""
            raise InvalidInputError(
                f"{self._step} measures couplings, and chip {self.chip.header.chip_id} has none of which both qubits are "
                f"among {summarize_names(self.targets)}{aside}"
            )
        self._asked, self.targets, self._chosen_from = requested, left, left
        self.left_out |= why

    def schedule_couplings(self, strategy: str, rules: CouplingRules) -> list[list[tuple[str, str]]]:
        """Record the groups of couplings; reject an unknown strategy and rules that do not fit the chip."""
        self.narrow_to_couplings()
        strategy, rules = self._chooser.choose_for_couplings(strategy, rules)
        scheduler = self._registry.scheduler("coupling", strategy)
        if self._planning:
            directions = choose_chip_directions(self.chip, self.targets, rules)
            controls = {coupling: direction.control for coupling, direction in directions.items()}
            made = schedule_couplings(
                self.chip,
                self.targets,
                scheduler,
                rules=replace(rules, direction=controls),
                constraints=self._constraints,
            )
            self._grouped = CouplingGroups(made.colouring, made.conflicts)
            return self._grouped.list_pairs(controls)
        choose_chip_directions(self.chip, self.targets, rules)
        return []

    def set_coupling_groups(self, groups: Sequence[Sequence[str]], controls: Mapping[str, str]) -> None:
        """Record groups; reject unknown couplings and directions, and groups without a target."""
        self.narrow_to_couplings()
        wanted = sorted({coupling for group in groups for coupling in group}, key=by_number)
        self.chip.require_targets(wanted)
        choose_chip_directions(self.chip, wanted, CouplingRules(direction=controls))
        left_out = {target: "in no group of the schedule" for target in self.targets if target not in wanted}
        if len(left_out) == len(self.targets) and not self._planning:
            raise InvalidInputError("no coupling of the schedule is among the targets")
        self._leave_out(left_out)
        left = set(self.targets)
        self._grouped = CouplingGroups.from_groups(
            [[one for one in group if one in left] for group in groups]
        )

    def results_of(self, qid: str, names: Sequence[str]) -> list[TaskResultModel]:  # noqa: ARG002  there are none
        """Return an empty list: there are no results."""
        return []

    def keep(self, lacks: Lacks, *, of: Literal["target", "qubits"] = "target") -> None:
        """Keep only targets that meet the requirement, unless a task may have changed the values since."""
        if self._values_are_known:
            known: dict[str, QubitModel | CouplingModel] = {**self.chip.qubits, **self.chip.couplings}
            self._leave_out(find_lacking(self.targets, known, lacks, of=of))

    def select(self, conditions: Collection[Condition], *, names: Collection[str] | None = None) -> None:
        """Keep only targets that meet a condition, unless a task may have changed the values since."""
        if self._values_are_known:
            self.keep(self._make_requirement(self.chip, conditions, names))

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Do nothing."""

    def _leave_out(self, why: Mapping[str, str]) -> None:
        self.targets = [target for target in self.targets if target not in why]
        self.left_out |= why

    def _get_tasks(self, names: Sequence[str]) -> tuple[type[BaseTask], ...]:
        return tuple(self._catalogue.task(name) for name in names)

    def _require_targets(self, tasks: Sequence[type[BaseTask]], targets: Sequence[str]) -> None:
        first_of_type: dict[str, type[BaseTask]] = {}
        for task in tasks:
            first_of_type.setdefault(task.task_type, task)
        for task in first_of_type.values():
            for target in targets:
                check_target(task, target, self.chip)

    def _plan_tasks(self, planned: Sequence[PlannedTask], kind: TargetKind, choice: StrategyChoice) -> Plan:
        return plan_stage(
            planned,
            self.targets,
            self.chip,
            self._registry,
            kind=kind,
            grouped=self._grouped,
            choice=choice,
            constraints=self._constraints,
            lanes=self._lanes,
        )
