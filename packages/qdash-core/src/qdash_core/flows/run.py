"""A flow on its way: the session, the targets that are left, and what steps may do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_core.executions.dispatcher import Plan
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.application import QDash
    from qdash_core.executions.orchestrator import CalibOrchestrator
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.models.task import TaskResultModel

_STRATEGY = {"qubit": "uncoupled", "coupling": "disjoint"}


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
        self.targets = list(targets)

    def run_tasks(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> list[TaskResultModel]:
        """Run tasks in this order on every target that is left, grouped by the scheduler."""
        plan = self.plan(names, kind=kind)
        return self._orchestrator.run_plan(plan)

    def plan(self, names: Sequence[str], *, kind: Literal["qubit", "coupling"]) -> Plan:
        """Return what `run_tasks` would run. Targets share a group only where something can run together."""
        planned = [self._orchestrator.plan_task(name) for name in names]
        together = self._orchestrator.lanes != 1 or any(item.task.simultaneous for item in planned)
        if not together:
            return Plan(planned, [[target] for target in self.targets])
        scheduler = self._qdash.registry.scheduler(kind, _STRATEGY[kind])
        return Plan(planned, scheduler.groups(self.targets, self._orchestrator.task_context.chip.topology))

    def results_of(self, qid: str, names: Sequence[str]) -> list[TaskResultModel]:
        """Return the last finished result of each of these tasks on a qubit, as far as there are."""
        registry, backend = self._qdash.registry, self._orchestrator.task_context.chip.backend
        wanted = {registry.task(name, backend=backend).name for name in names}
        finished = self._orchestrator.task_context.task_result.qubit_tasks.get(qid, [])
        return list({result.name: result for result in finished if result.name in wanted}.values())

    def keep(self, wanted: Callable[[QubitModel | CouplingModel], bool]) -> None:
        """Leave only those targets that are wanted, by what is known of them now."""
        found = self._orchestrator.patiently(self._known)
        passing = [target for target, model in found.items() if model is not None and wanted(model)]
        chosen = set(self._orchestrator.choose(passing))
        self.targets = [target for target in self.targets if target in chosen]

    def _known(self) -> dict[str, QubitModel | CouplingModel | None]:
        execution = self._orchestrator.execution
        with self._qdash.store.read() as snapshot:
            repositories = Repositories(snapshot)
            return {
                target: (repositories.couplings if "-" in target else repositories.qubits).find(
                    execution.project_id, execution.chip_id, target
                )
                for target in self.targets
            }

    def set_status(self, qid: str, status: TargetStatus) -> None:
        """Set the status of a qubit, unless a person has excluded it or called it dead."""
        self._orchestrator.set_status(qid, status)
