"""Schedules of qubits, with their rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_core.scheduling.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.conflicts import Conflicts


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
        Expected duration of each qubit, or None for a second each.
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
