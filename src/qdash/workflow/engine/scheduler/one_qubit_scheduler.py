"""Scheduler of qubits with the strategies of every plugin, on the store of the current settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash.workflow.engine.scheduler.plugin_scheduler import PluginScheduler
from qdash_builtin.chips.chip_schedules import schedule_qubits
from qdash_builtin.chips.scheduled_targets import select_qubits
from qdash_core.scheduling.qubit_schedules import QubitRules
from qdash_scheduling.orderings import get_box_class

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.schedule import Schedule


class OneQubitScheduler(PluginScheduler):
    """Scheduler of qubits of a chip, with the strategies of every plugin."""

    kind = "qubit"

    def generate(
        self,
        qids: Sequence[str] | None = None,
        *,
        strategy: str | Scheduler = "uncoupled",
        exclude: Collection[str] = (),
        one_of_each_mux: bool = False,
        wiring: bool = False,
        max_parallel: int | None = None,
        durations_s: Mapping[str, float] | None = None,
    ) -> Schedule:
        """Return a schedule of the given qubits, or of all that are not set aside.

        Parameters
        ----------
        qids : sequence of str or None
            The qubits, or None for all that can be measured.
        strategy : str or Scheduler
            Name of the strategy, or the strategy itself: `"uncoupled"`, `"synchronized"`, `"checkerboard"`, `"synchronized-boxes"`, `"boxes"`,
            `"serial"`, or that of a plugin.
        exclude : collection of str
            Excluded qubits.
        one_of_each_mux : bool
            Whether a multiplexer reads out one qubit at a time.
        wiring : bool
            Whether a module and a multiplexer serve one qubit at a time, if the chip's wiring is known.
        max_parallel : int or None
            Largest number of qubits measured at once, or None for no limit.
        durations_s : mapping of str to float or None
            Expected duration of each qubit, or None for a second each.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip, qubit or strategy.
        """
        chip = self.chip()
        return schedule_qubits(
            chip,
            select_qubits(chip, qids, exclude),
            self.get_strategy(strategy),
            rules=QubitRules(
                one_of_each_mux=one_of_each_mux or (wiring and chip.wiring is not None),
                wiring=wiring,
                max_parallel=max_parallel,
            ),
            durations_s=durations_s,
        )

    def generate_synchronized(
        self,
        qids: Sequence[str] | None = None,
        *,
        checkerboard: bool = True,
        exclude: Collection[str] = (),
        max_parallel: int | None = None,
    ) -> Schedule:
        """Return a schedule in which each step measures one position of every multiplexer.

        Parameters
        ----------
        qids, exclude, max_parallel
            See `generate`.
        checkerboard : bool
            Whether every second multiplexer goes through its positions backwards.
        """
        return self.generate(
            qids,
            strategy="checkerboard" if checkerboard else "synchronized",
            exclude=exclude,
            one_of_each_mux=True,
            max_parallel=max_parallel,
        )

    def boxes(self, qids: Sequence[str] | None = None) -> dict[str, str]:
        """Boxes that each qubit needs: `"BOX_A"`, `"BOX_B"`, `"BOX_MIXED"` for several, `"no box"` if
        unknown.
        """
        chip = self.chip()
        return {qid: get_box_class(qid, chip.topology, chip.wiring) for qid in select_qubits(chip, qids)}
