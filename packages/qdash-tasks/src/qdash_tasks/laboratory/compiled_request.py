"""Compilation of a request: its setup, and the pulse programs with the qubits that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Conditions for compiling the requests at one place of a call: settings, limits and reserved lines.

    saturation_ns
        Length of a pulse that saturates a transition.
    lines
        Qubits whose lines are reserved: those of all targets that share the programs, and those that `reserve`
        adds.
    """

    settings: Mapping[str, Settings]
    couplings: Mapping[str, CouplingSettings]
    limits: Limits
    rng: np.random.Generator
    saturation_ns: float
    lines: set[str]

    def timeline(self) -> Timeline:
        """Return an empty program builder."""
        return Timeline(self.settings, self.limits)

    def reserve(self, qids: Collection[str]) -> list[str]:
        """Reserve the qubits whose lines are free at this place of the call, and return them.

        Raises `InvalidInputError` if the laboratory has no such qubit.
        """
        unknown = sorted(set(qids) - self.settings.keys())
        if unknown:
            raise InvalidInputError(f"{', '.join(unknown)}: the laboratory has no such qubit")
        free = sorted(set(qids) - self.lines)
        self.lines.update(free)
        return free

    def gate(self, coupling_id: str, control: str, given: ZX90 | None) -> ZX90:
        """Return the given gate, or the one in use; raise `InvalidInputError` if none is calibrated."""
        if given is not None:
            return given
        found = self.couplings[coupling_id].gate(self.settings[control].x180.length_ns)
        if found is None:
            raise InvalidInputError(f"{coupling_id}: no ZX90 is calibrated: run CreateZX90, or pass a gate")
        return found


@dataclass(frozen=True, slots=True)
class Compiled:
    """Request compiled to pulse programs.

    Attributes
    ----------
    programs
        In the order of the points of the answer: the last axis changes fastest, shots and qubits aside.
    read
        Qubits whose signals answer it, in the order of the rows of the answer.
    ends
        Final states that random sequences were closed to, as in `Trace.ends`.
    """

    programs: tuple[Program, ...]
    read: tuple[str, ...]
    ends: NDArray[np.bool_] | None = None
