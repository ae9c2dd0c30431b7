"""Constraints of instruments on simultaneous measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.targets import TargetKind


@dataclass(frozen=True, slots=True)
class InstrumentConstraints:
    """Constraints of the instruments of a backend, for schedules and runs.

    `serial_muxes` and `serial_modules` have the kinds of targets that a multiplexer, and a module of a known wiring,
    serves one at a time.
    """

    serial_muxes: frozenset[TargetKind] = frozenset({"coupling"})
    serial_modules: frozenset[TargetKind] = frozenset({"coupling"})


DEFAULT_CONSTRAINTS = InstrumentConstraints()
"""Constraints of a backend that declares none: multiplexed readout measures any qubits together."""
