"""Simulated chip: the changes of a chip by a simulated run, which stay with its execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.chip import Chip, get_control_qubit
from qdash_core.models.chip import CouplingModel
from qdash_core.repositories.chips import redirect
from qdash_core.values.accepted_values import collect_accepted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.attempts.journal import TaskResults
    from qdash_core.models.chip import ParameterModel, QubitModel, TargetStatus


class SimulatedChip:
    """Changes of a chip by one execution: accepted values, statuses and directions.

    Tasks and filters of the execution see the chip with these changes; the stored chip stays as it is.

    Parameters
    ----------
    results : TaskResults
        Finished results of the execution, including those of earlier run attempts.
    """

    def __init__(self, results: TaskResults) -> None:
        self._results = results
        self._statuses: dict[str, TargetStatus] = {}
        self._controls: dict[str, str] = {}

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
        measured = collect_accepted(self._results.qubit_tasks.get(qubit.qid, ()))
        return qubit.model_copy(update=self._change(qubit, measured))

    def _apply_to_coupling(self, coupling: CouplingModel) -> CouplingModel:
        if coupling.qid in self._controls:
            coupling = redirect(coupling, self._controls[coupling.qid])
        results = self._results.coupling_tasks.get(coupling.qid, ())
        measured = collect_accepted(results, control=get_control_qubit(coupling))
        return coupling.model_copy(update=self._change(coupling, measured))

    def _change(
        self, target: QubitModel | CouplingModel, measured: Mapping[str, ParameterModel]
    ) -> dict[str, object]:
        kept = target.status.set_aside
        status = target.status if kept else self._statuses.get(target.qid, target.status)
        return {"data": {**target.data, **measured}, "status": status}

    def apply_to_chip(self, chip: Chip) -> Chip:
        """Return a stored chip with the changes of all its qubits and couplings."""
        qubits = {qid: self._apply_to_qubit(qubit) for qid, qubit in chip.qubits.items()}
        couplings = {qid: self._apply_to_coupling(coupling) for qid, coupling in chip.couplings.items()}
        return Chip(chip.header, qubits, couplings)
