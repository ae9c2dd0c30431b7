"""Rules for schedules of qubits, and the conflicts that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.scheduling.rules import make_qubit_conflicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.scheduling.conflicts import Conflicts


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitRules:
    """Rules for conflicts of qubits beyond the constraints of the instruments.

    For `isolated` see `make_qubit_conflicts`. `one_of_each_mux` tells whether one qubit of each multiplexer is
    measured at a time, and `wiring` whether one of each module is, if the wiring is known, or is None if the
    instruments need it. `max_parallel` is None for no limit.
    """

    isolated: bool = True
    one_of_each_mux: bool = False
    wiring: bool | None = None
    max_parallel: int | None = None


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
