"""Schedules of couplings, with their rules and directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS
from qdash_core.scheduling.collisions import DrivenCouplings, Transition
from qdash_core.scheduling.directions import choose_directions
from qdash_core.scheduling.gate_errors import make_transmon
from qdash_core.scheduling.layout import Layout
from qdash_core.scheduling.rules import make_coupling_conflicts
from qdash_core.scheduling.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.directions import Direction, DirectionRule
    from qdash_core.scheduling.gate_errors import Transmon


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingRules:
    """Rules for conflicts of couplings beyond shared qubits and multiplexers, and for their directions.

    `direction` is the rule for the directions, or has the control qubits; see `choose_directions`. Couplings that are
    one coupling apart exclude each other: all of them with `spectators`, and with `collisions` if the drive of one is
    close to a transition of the other. With `wiring`, so do couplings on one module, if the chip's wiring is known
    and the instruments need it. `max_parallel` is None for no limit.
    """

    direction: DirectionRule | Mapping[str, str] = "error"
    spectators: bool = False
    collisions: bool = False
    wiring: bool = True
    max_parallel: int | None = None


def schedule_couplings(
    chip: Chip,
    couplings: Sequence[str],
    strategy: Scheduler,
    *,
    rules: CouplingRules | None = None,
    durations_s: Mapping[str, float] | None = None,
    directions: Mapping[str, Direction] | None = None,
    constraints: InstrumentConstraints = DEFAULT_CONSTRAINTS,
) -> Schedule:
    """Return the groups and directions of couplings of a chip.

    Without `rules`, they are those for qubits, multiplexers and modules, with directions by predicted error. Without
    `durations_s`, each coupling takes a second. `directions` is given if they have been chosen already.
    """
    rules = rules or CouplingRules()
    known = _make_transmons(chip)
    chosen = directions or choose_chip_directions(chip, couplings, rules, known)
    controls = {coupling: direction.control for coupling, direction in chosen.items()}
    conflicts = find_coupling_conflicts(chip, couplings, rules, controls, constraints)
    colouring = strategy.colour(conflicts, Layout(chip.topology, chip.wiring if rules.wiring else None))
    expected_s = durations_s or dict.fromkeys(couplings, 1.0)
    return Schedule("coupling", colouring, conflicts, expected_s, dict(chosen))


def find_coupling_conflicts(
    chip: Chip,
    couplings: Sequence[str],
    rules: CouplingRules,
    controls: Mapping[str, str],
    constraints: InstrumentConstraints = DEFAULT_CONSTRAINTS,
) -> Conflicts:
    """Return the conflicts of couplings of a chip, for schedules and runs.

    `controls` has the controlling qubit by coupling: collisions depend on it.
    """
    driven = None
    if rules.collisions:
        transitions = {
            qid: Transition(one.frequency_mhz / 1e3, one.anharmonicity_mhz / 1e3)
            for qid, one in _make_transmons(chip).items()
        }
        driven = DrivenCouplings(transitions, controls)
    return make_coupling_conflicts(
        couplings,
        chip.topology,
        one_of_each_mux="coupling" in constraints.serial_muxes,
        wiring=chip.wiring if rules.wiring and "coupling" in constraints.serial_modules else None,
        spectators=rules.spectators,
        driven=driven,
        max_parallel=rules.max_parallel,
    )


def choose_chip_directions(
    chip: Chip,
    couplings: Sequence[str],
    rules: CouplingRules,
    known: Mapping[str, Transmon] | None = None,
) -> dict[str, Direction]:
    """Return the directions of couplings by a rule, from the values of the chip's qubits."""
    stored = {
        coupling: control
        for coupling in couplings
        if coupling in chip.couplings and (control := chip.couplings[coupling].control) is not None
    }
    return choose_directions(
        couplings,
        chip.topology,
        _make_transmons(chip) if known is None else known,
        rule=rules.direction,
        stored=stored,
    )


def _make_transmons(chip: Chip) -> dict[str, Transmon]:
    found = {qid: make_transmon(qubit.data) for qid, qubit in chip.qubits.items()}
    return {qid: transmon for qid, transmon in found.items() if transmon is not None}
