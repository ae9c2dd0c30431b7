"""Which qubit controls each coupling while a session runs, and when the chip is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.chip import controlling
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_core.models.chip import CouplingModel
    from qdash_core.models.task import TaskResultModel


class Directions:
    """The directions of the couplings of one session.

    The chip is told at once. Only a coupling that an earlier stretch of a resumed execution measured may have been turned
    again behind that: turned back, it would lose the values that were found then. So it is turned when there is something to
    measure on it, or at the end.

    Parameters
    ----------
    couplings : mapping of str to CouplingModel
        As they stood when the session began.
    keep : callable
        Tells the chip.
    earlier : iterable of TaskResultModel
        What earlier stretches of the execution recorded.
    """

    def __init__(
        self,
        couplings: Mapping[str, CouplingModel],
        keep: Callable[[Mapping[str, str]], None],
        *,
        earlier: Iterable[TaskResultModel],
    ) -> None:
        self.controls = {coupling: controlling(model) for coupling, model in couplings.items()}
        self._keep = keep
        self._measured = {result.qid for result in earlier if result.status is TaskStatus.COMPLETED}
        self._waiting: dict[str, str] = {}

    def choose(self, controls: Mapping[str, str]) -> None:
        """Let the tasks that follow go by these controlling qubits."""
        self.controls.update(controls)
        self._waiting.update(controls)
        self.turn(controls.keys() - self._measured)

    def turn(self, targets: Iterable[str] | None = None) -> None:
        """Tell the chip the directions that were chosen for these targets, or for all, unless it knows."""
        wanted = set(self._waiting if targets is None else targets)
        controls = {coupling: control for coupling, control in self._waiting.items() if coupling in wanted}
        if controls:
            self._keep(controls)
        for coupling in controls:
            del self._waiting[coupling]
