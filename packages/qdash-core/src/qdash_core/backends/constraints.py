"""Constraints of instruments on simultaneous measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.targets import TargetKind


@dataclass(frozen=True, slots=True)
class InstrumentConstraints:
    """Constraints of the instruments of a backend, for schedules and runs.

    Parameters
    ----------
    serial_muxes : frozenset of {"qubit", "coupling"}
        Kinds of targets that a multiplexer serves one at a time.
    serial_modules : frozenset of {"qubit", "coupling"}
        Kinds of targets that a module of the wiring serves one at a time, if the wiring is known.
    """

    serial_muxes: frozenset[TargetKind] = frozenset({"coupling"})
    serial_modules: frozenset[TargetKind] = frozenset({"coupling"})


DEFAULT_CONSTRAINTS = InstrumentConstraints()
"""Constraints of a backend that declares none: multiplexed readout measures any qubits together."""
