"""Protocols of flows and steps for plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.models.strategies import StrategySelection
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.coupling_schedules import CouplingRules

    Lacks = Callable[[QubitModel | CouplingModel], str | None]
    """Returns what a qubit or coupling lacks, as in `t1 is not known`, or None if nothing."""


@dataclass(frozen=True, slots=True)
class FlowTemplate:
    """A named sequence of steps, run by `qdash calibrate --flow NAME`."""

    name: str
    description: str
    steps: Sequence[Step]


class Step(Protocol):
    """One step of a flow. The preview of a run comes from the same `apply`."""

    @property
    def tasks(self) -> Sequence[str] | None:
        """Names of the tasks it runs on targets, so that they can be checked before anything runs.

        None for the tasks of the first installed flow that names them for a step of this class. Such a step
        is a dataclass with a field `tasks`, which is filled with those that the chip's backend has.
        """

    def apply(self, run: StepRun) -> None:
        """Perform the step. It may run tasks, and may reduce the targets of later steps.

        It is also called at least once before the run, with a preview in which nothing is measured or written.

        Raises
        ------
        QDashError
            If it does not fit the chip, the plugins or the targets. In a preview this rejects the run before
            it starts; any other error is attributed to missing results.
        """


class StepRun(Protocol):
    """Interface of a run, or of its preview, for steps."""

    @property
    def previewing(self) -> bool:
        """True for a preview, in which nothing is measured or written."""

    @property
    def targets(self) -> Sequence[str]:
        """Remaining qubits or couplings. A preview has an upper bound, since results may reduce them."""

    @property
    def chip(self) -> Chip:
        """The current state of the chip."""

    def set_targets(self, targets: Sequence[str]) -> None:
        """Replace the remaining targets by qubits, or by couplings, of the chip."""

    def select(
        self,
        conditions: Collection[Condition],
        *,
        names: Collection[str] | None = None,
    ) -> None:
        """Keep only the targets that meet one of the conditions, given their current values, marks and status.

        Only values of the parameters in `names` count, or of all if it is None.
        """

    def run_tasks(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> Sequence[TaskResultModel]:
        """Run tasks in this order on every remaining target, and return their results; a preview has none.

        For tasks on couplings, the couplings among the remaining qubits become the targets. `selection` has the
        scheduling strategy and limits of the step, where the request of the run selects none; None for the defaults.
        Each of the tasks has the run parameters in `parameters`, which take precedence over those of the session.
        """

    def calibrate(
        self,
        names: Sequence[str],
        *,
        kind: TargetKind,
        selection: StrategySelection | None = None,
        parameters: Mapping[str, object] | None = None,
    ) -> Sequence[TaskResultModel]:
        """Run tasks and return their results, as `run_tasks`. The status of each target follows them.

        It follows from the evidence by the table of statuses. If none of the tasks measures an essential metric, each
        finished pending target whose results were all accepted is marked as calibrated.
        """

    def run_on_chip(self, names: Sequence[str]) -> Sequence[TaskResultModel]:
        """Run tasks of the whole chip in this order, and return their results; a preview has none."""

    def installed(self, names: Sequence[str]) -> Sequence[str]:
        """Return the tasks among these that the backend has on the chip."""

    def kinds_making(self, metric: str) -> Collection[str]:
        """Return the kinds of target for which tasks measure a metric, or none if only the chip has it.

        Raises
        ------
        NotFoundError
            If no task produces it and the chip has no value of it.
        """

    def narrow_to_couplings(self) -> None:
        """Replace qubits by the couplings between remaining qubits; couplings stay unchanged."""

    def schedule_couplings(self, strategy: str, rules: CouplingRules) -> Sequence[Sequence[tuple[str, str]]]:
        """Choose directions and groups of the remaining couplings, and store the directions with the chip.

        Return control and target qubit of each coupling, in groups; a check without a plan has none. A strategy and a
        limit that the request of the run selects replace the given ones.
        """

    def set_coupling_groups(self, groups: Sequence[Sequence[str]], controls: Mapping[str, str]) -> None:
        """Set the groups of couplings, which are measured one after the other, and their control qubits.

        Couplings that `controls` lacks keep the control qubit of the chip.
        """

    def results_of(self, qid: str, names: Sequence[str]) -> Sequence[TaskResultModel]:
        """Return the last finished results of these tasks on a target, if any; a preview has none."""

    def keep(self, lacks: Lacks, *, of: Literal["target", "qubits"] = "target") -> None:
        """Keep only the targets that meet the requirement, given their current values.

        `lacks` takes a qubit or coupling, and returns what it lacks, as in `t1 is not known`, or None to keep it.
        With `of="qubits"` a coupling is kept if neither of its qubits lacks anything.
        """

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a user has set it aside."""
