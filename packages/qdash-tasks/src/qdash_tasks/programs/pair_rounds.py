"""Tasks on coupled qubits that choose each sweep by what the last one showed, for many couplings at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_tasks.programs.pair_sweeps import ROLES
from qdash_tasks.programs.passive_reset import require_long_interval_of_pair
from qdash_tasks.programs.sweep_rounds import RoundsTask

if TYPE_CHECKING:
    from qdash_tasks.programs.pair_sweeps import Direction


class PairRoundsTask(RoundsTask):
    """Base of the tasks on couplings that are written as a program of `PairSweep`."""

    @property
    def direction(self) -> Direction:
        """Control and target."""
        return self.context.control, self.context.target

    def conditions(self) -> dict[str, Any]:
        """Return how shots follow each other, the direction, and what is known of T1."""
        roles = dict(zip(ROLES, self.direction, strict=True))
        inputs = self.context.inputs
        times = {
            f"{role}_t1_us": inputs[f"{role}_t1"].value
            for role in ROLES
            if inputs.get(f"{role}_t1") is not None
        }
        return {**super().conditions(), **roles, **times}

    def require_measurable(self) -> None:
        """Refuse sweeps that are too short, and a wait that is."""
        super().require_measurable()
        require_long_interval_of_pair(self.context)
