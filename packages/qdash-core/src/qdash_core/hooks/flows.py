"""What a flow is to a plugin: steps under a name, and what a step may do with a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.scheduling.cr_scheduler import CouplingRules

    Lacks = Callable[[QubitModel | CouplingModel], str | None]
    """Returns what a qubit or coupling lacks, as in `t1 is not known`; None: nothing."""


@dataclass(frozen=True, slots=True)
class FlowTemplate:
    """Steps under a name: what `qdash calibrate --flow NAME` runs."""

    name: str
    description: str
    steps: Sequence[Step]


class Step(Protocol):
    """One step of a flow. It is written once: what is shown before a run is what `apply` does with a preview of it."""

    @property
    def tasks(self) -> Sequence[str] | None:
        """Names of the tasks it runs on targets, so that they can be checked before anything runs.

        None: those of the first installed flow that says which a step of this class runs. Such a step is a dataclass with a
        field `tasks`: it is applied with them in it, as far as the chip's backend has them.
        """

    def apply(self, run: StepRun) -> None:
        """Do it. May run tasks, and may leave fewer targets to the steps behind it.

        It is called before the run, too, at least once, with a preview: then nothing is measured or written.

        Raises
        ------
        QDashError
            If it does not fit the chip, the plugins or the targets. From a preview this refuses the run before it begins; any
            other error is taken to come from results that are not there yet.
        """


class StepRun(Protocol):
    """What a step may do with a run, or with the preview of one."""

    @property
    def previewing(self) -> bool:
        """Whether nothing is measured or written: the run is being checked or shown before it begins."""

    @property
    def targets(self) -> Sequence[str]:
        """Qubits or couplings that are left. In a preview, at most: what tasks of the run make may leave fewer."""

    @property
    def chip(self) -> Chip:
        """The chip as it is now."""

    def run_tasks(
        self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]
    ) -> Sequence[TaskResultModel]:
        """Run tasks in this order on every target that is left, and return their results; a preview has none.

        Tasks on couplings let the couplings among the qubits that are left become the targets.
        """

    def calibrate(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> None:
        """Run tasks, and call each target calibrated of which all were accepted, and any other that is through failed."""

    def run_on_chip(self, names: Sequence[str]) -> Sequence[TaskResultModel]:
        """Run tasks of the whole chip in this order, and return their results; a preview has none."""

    def installed(self, names: Sequence[str]) -> Sequence[str]:
        """Return those of these tasks that the backend has on the chip."""

    def kinds_making(self, metric: str) -> Collection[str]:
        """Return the types of the tasks that make a metric; none where only the chip has it.

        Raises
        ------
        NotFoundError
            If no task makes it and the chip has no value of it.
        """

    def narrow_to_couplings(self) -> None:
        """Let the couplings of which both qubits are left be the targets, unless couplings are that already."""

    def schedule_couplings(self, strategy: str, rules: CouplingRules) -> None:
        """Choose directions and groups of the couplings that are left. The directions become the chip's."""

    def set_coupling_groups(self, groups: Sequence[Sequence[str]], controls: Mapping[str, str]) -> None:
        """Let couplings be measured in these groups, one after the other, and driven by these qubits.

        Parameters
        ----------
        controls : mapping of str to str
            Coupling to its controlling qubit; one that is not there keeps that of the chip.
        """

    def results_of(self, qid: str, names: Sequence[str]) -> Sequence[TaskResultModel]:
        """Return the last finished result of each of these tasks on a target, as far as there are; a preview has none."""

    def keep(self, lacks: Lacks, *, of: Literal["target", "qubits"] = "target") -> None:
        """Leave only those targets that lack nothing, by what is known of them now.

        Parameters
        ----------
        lacks : callable
            Takes a qubit or coupling as it is, and returns what it lacks, as in `t1 is not known`; None: it goes on.
        of : {"target", "qubits"}
            With `"qubits"` a coupling goes on where neither of its qubits lacks anything.
        """

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a person has excluded it or called it dead."""
