"""Chip as a run sees it that does not write to the chip: simulated, unsaved, or in a value scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from qdash_core.chips.chip import Chip
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import CouplingModel, QubitModel
from qdash_core.models.targets import get_control_qubit
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import redirect
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.accepted_values import collect_accepted
from qdash_core.values.evidence import collect_evidence, is_evidence
from qdash_core.values.scopes import ScopeContents, read_open_contents
from qdash_core.values.target_status import StatusRules, add_evidence, follow_evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.attempts.journal import TaskResults
    from qdash_core.models.chip import ParameterModel, TargetStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime.runtime import Runtime

T = TypeVar("T", QubitModel, CouplingModel)


class ScopedChip:
    """Changes of a chip that are not stored with it: accepted values, statuses and directions.

    Tasks and filters of the execution see the chip with these changes; the stored chip stays as it is. `results` are
    None before the start of the execution, `contents` for a run without a value scope, and `status_rules` if no
    metric is essential.
    """

    def __init__(
        self,
        results: TaskResults | None = None,
        contents: ScopeContents | None = None,
        status_rules: StatusRules | None = None,
    ) -> None:
        self._status_rules = status_rules or StatusRules()
        self._results = results
        self._contents = contents or ScopeContents()
        self._statuses = dict(self._contents.statuses)
        self._controls = dict(self._contents.controls)

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling for the rest of the execution."""
        self._statuses[target] = status

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Set the control qubit of each of these couplings for the rest of the execution."""
        self._controls.update(controls)

    def apply(self, target: QubitModel | CouplingModel) -> QubitModel | CouplingModel:
        """Return a stored qubit or coupling with the changes."""
        return (
            self._apply_to_coupling(target)
            if isinstance(target, CouplingModel)
            else self._apply_to_qubit(target)
        )

    def _apply_to_qubit(self, qubit: QubitModel) -> QubitModel:
        done = () if self._results is None else self._results.qubit_tasks.get(qubit.qid, ())
        measured = collect_accepted((*self._contents.results.get(qubit.qid, ()), *done))
        return self._change(qubit, measured, done, self._status_rules.essential["qubit"])

    def _apply_to_coupling(self, coupling: CouplingModel) -> CouplingModel:
        if coupling.qid in self._controls:
            coupling = redirect(coupling, self._controls[coupling.qid])
        done = () if self._results is None else self._results.coupling_tasks.get(coupling.qid, ())
        results = (*self._contents.results.get(coupling.qid, ()), *done)
        measured = collect_accepted(results, control=get_control_qubit(coupling))
        return self._change(coupling, measured, done, self._status_rules.essential["coupling"])

    def _change(
        self,
        target: T,
        measured: Mapping[str, ParameterModel],
        done: Iterable[TaskResultModel],
        essential: frozenset[str],
    ) -> T:
        """Return a target with measured values, and with the status that follows from the results of the execution."""
        kept = target.status.set_aside
        status = target.status if kept else self._statuses.get(target.qid, target.status)
        data = {**target.data, **measured}
        changed = target.model_copy(update={"data": data, "status": status})
        for result in done:
            if is_evidence(result):
                evidence = collect_evidence(result)
                changed = follow_evidence(
                    add_evidence(changed, evidence),
                    evidence,
                    essential,
                    is_complete=lambda: essential <= data.keys(),
                    now=result.end_at or utc_now(),
                )
        return changed

    def apply_to_chip(self, chip: Chip) -> Chip:
        """Return a stored chip with the changes of all its qubits and couplings."""
        qubits = {qid: self._apply_to_qubit(qubit) for qid, qubit in chip.qubits.items()}
        couplings = {qid: self._apply_to_coupling(coupling) for qid, coupling in chip.couplings.items()}
        return Chip(chip.header, qubits, couplings)


def read_scope(
    runtime: Runtime, project_id: str, config: CalibConfig, *, simulated: bool
) -> ScopeContents | None:
    """Return the contents of the value scope that a run names, or None if it names none.

    Raises
    ------
    InvalidInputError
        If the run is simulated: its values become the chip's by adoption only.
    ConflictError
        If the scope was committed or discarded.
    """
    if config.scope is None:
        return None
    if simulated:
        raise InvalidInputError(
            f"a simulated run cannot use a value scope: its values stay with its execution until they are adopted; leave out scope "
            f"{config.scope}"
        )
    with runtime.store.read() as snapshot:
        return read_open_contents(
            Repositories(snapshot), project_id, config.chip_id, config.scope, runtime.zone
        )
