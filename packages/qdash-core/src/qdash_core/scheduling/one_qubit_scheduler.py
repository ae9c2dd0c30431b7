"""Scheduler of qubits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS
from qdash_core.models.targets import by_number, parse_qubit_id
from qdash_core.scheduling.chip_scheduler import ChipScheduler
from qdash_core.scheduling.colouring import get_strategy
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.orderings import ORDERINGS, get_box_class
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_core.scheduling.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.conflicts import Conflicts

STRATEGIES: Mapping[str, Scheduler] = {strategy.name: strategy for strategy in ORDERINGS}
"""The orderings that need no plugin."""


@dataclass
class OneQubitScheduler(ChipScheduler):
    """Scheduler of the qubits of a chip; parameters as in `ChipScheduler`."""

    strategies: Mapping[str, Scheduler] = field(default_factory=lambda: STRATEGIES)

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
            get_strategy(strategy, self.strategies, "qubits"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitRules:
    """Rules for conflicts of qubits beyond the constraints of the instruments.

    Parameters
    ----------
    isolated : bool
        Whether coupled qubits exclude each other; see `make_qubit_conflicts`.
    one_of_each_mux : bool
        Whether one qubit of each multiplexer is measured at a time.
    wiring : bool or None
        Whether one qubit of each module is measured at a time, if the wiring is known, or None if the instruments need it.
    max_parallel : int or None
        Largest number of qubits measured at once, or None for no limit.
    """

    isolated: bool = True
    one_of_each_mux: bool = False
    wiring: bool | None = None
    max_parallel: int | None = None


def schedule_qubits(
    chip: Chip,
    qids: Sequence[str],
    strategy: Scheduler,
    *,
    rules: QubitRules,
    durations_s: Mapping[str, float] | None = None,
    constraints: InstrumentConstraints = DEFAULT_CONSTRAINTS,
) -> Schedule:
    """Return the groups of qubits of a chip.

    Parameters
    ----------
    chip : Chip
        As it stands.
    qids : sequence of str
        The qubits that are wanted.
    strategy : Scheduler
        How they are sorted into groups.
    rules : QubitRules
        Rules for their conflicts.
    durations_s : mapping of str to float or None
        See `OneQubitScheduler.generate`.
    constraints : InstrumentConstraints
        Constraints of the instruments.
    """
    conflicts = find_qubit_conflicts(chip, qids, rules, constraints)
    colouring = strategy.colour(conflicts, Layout(chip.topology, chip.wiring))
    return Schedule("qubit", colouring, conflicts, durations_s or dict.fromkeys(qids, 1.0))


def find_qubit_conflicts(
    chip: Chip, qids: Sequence[str], rules: QubitRules, constraints: InstrumentConstraints
) -> Conflicts:
    """Return the conflicts of qubits of a chip, for schedules and runs."""
    by_module = "qubit" in constraints.serial_modules if rules.wiring is None else rules.wiring
    return make_qubit_conflicts(
        qids,
        chip.topology,
        isolated=rules.isolated,
        one_of_each_mux=rules.one_of_each_mux or "qubit" in constraints.serial_muxes,
        wiring=chip.wiring if by_module else None,
        max_parallel=rules.max_parallel,
    )


def select_qubits(chip: Chip, qids: Sequence[str] | None = None, exclude: Collection[str] = ()) -> list[str]:
    """Return the qubits to schedule, by number.

    Raises
    ------
    NotFoundError
        If the chip does not have one of them.
    """
    left_out = {chip.topology.site(parse_qubit_id(qid)).id for qid in exclude}
    if qids is None:
        wanted = [qid for qid, qubit in chip.qubits.items() if not qubit.status.set_aside]
    else:
        wanted = list(dict.fromkeys(map(parse_qubit_id, qids)))
        chip.require_targets(wanted)
    return sorted((qid for qid in wanted if qid not in left_out), key=by_number)
