"""Tasks on coupled qubits that choose each sweep by what the last one showed, for many couplings at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from qdash_tasks.programs.pair_sweeps import ROLES, PairSweep
from qdash_tasks.programs.passive_reset import require_long_interval_of_pair
from qdash_tasks.programs.rounds import RoundsTask, Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.shots import Shots
    from qdash_tasks.laboratory.trace import Trace
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

    @classmethod
    def measure(
        cls, session: Session, sweeps: Mapping[str, Sweep], **how: Unpack[Shots]
    ) -> Mapping[str, Trace]:
        """Measure one sweep of each coupling; those that can share a call do. Touches hardware."""
        calls: dict[tuple[object, ...], dict[str, PairSweep]] = {}
        for name, sweep in sweeps.items():
            if not isinstance(sweep, PairSweep):
                raise TypeError(
                    f"{cls.__name__} asked for {type(sweep).__name__}, which is no sweep of a pair"
                )
            calls.setdefault((type(sweep), *sweep.shared), {})[name] = sweep
        found: dict[str, Trace] = {}
        for together in calls.values():
            kind = type(next(iter(together.values())))
            found |= kind.measure(session.pairs, together, **how)
        return found
