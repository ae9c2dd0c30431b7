"""Scheduler of couplings with the strategies of every plugin, on the store of the current settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash.workflow.engine.scheduler.plugin_scheduler import PluginScheduler
from qdash_builtin.chips.scheduled_targets import select_couplings
from qdash_core.scheduling.coupling_schedules import CouplingRules, schedule_couplings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.directions import DirectionRule
    from qdash_core.scheduling.schedule import Schedule


class CRScheduler(PluginScheduler):
    """Scheduler of couplings of a chip, with the strategies of every plugin."""

    kind = "coupling"

    def generate(
        self,
        couplings: Sequence[str] | None = None,
        *,
        strategy: str | Scheduler = "best",
        exclude: Collection[str] = (),
        direction: DirectionRule | Mapping[str, str] = "error",
        spectators: bool = False,
        collisions: bool = False,
        wiring: bool = True,
        max_parallel: int | None = None,
        durations_s: Mapping[str, float] | None = None,
    ) -> Schedule:
        """Return a schedule of the given couplings, or of all that can be measured.

        Parameters
        ----------
        couplings, exclude
            See `select_couplings`.
        strategy : str or Scheduler
            Name of the strategy, or the strategy itself.
        direction, spectators, collisions, wiring, max_parallel
            See `CouplingRules`.
        durations_s : mapping of str to float or None
            Expected duration of each coupling, or None for a second each.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, coupling, strategy or rule.
        """
        chip = self.chip()
        rules = CouplingRules(
            direction=direction,
            spectators=spectators,
            collisions=collisions,
            wiring=wiring,
            max_parallel=max_parallel,
        )
        wanted = select_couplings(chip, couplings, exclude)
        chosen = self.get_strategy(strategy)
        return schedule_couplings(chip, wanted, chosen, rules=rules, durations_s=durations_s)
