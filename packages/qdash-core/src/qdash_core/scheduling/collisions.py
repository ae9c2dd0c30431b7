"""Cross-resonance drives that meet a transition of a qubit nearby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.chips.ids import by_number, coupling_of, qubits_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.chips.topology import Topology


@dataclass(frozen=True, slots=True)
class Windows:
    """How near a drive may come to a transition.

    The half widths are those within which a cross-resonance gate suffers from a spectator or from its own control
    (Malekakhlagh, Magesan and McKay, PRA 102, 042605 (2020); in use as yield criteria in Hertzberg et al., npj Quantum
    Inf. 7, 129 (2021)). They hold for drives of some 30 MHz and J of some 2 MHz, and are limits to choose, not constants.

    Parameters
    ----------
    f01_mhz, f12_mhz, half_f02_mhz : float
        Half widths about f01, f12 and the two-photon transition f02 / 2.
    """

    f01_mhz: float = 17.0
    f12_mhz: float = 25.0
    half_f02_mhz: float = 4.0


@dataclass(frozen=True, slots=True)
class Transition:
    """A qubit's frequencies.

    Parameters
    ----------
    f01_ghz : float
        Frequency.
    anharmonicity_ghz : float
        f12 - f01; negative for a transmon.
    """

    f01_ghz: float
    anharmonicity_ghz: float

    def meets(self, drive_ghz: float, windows: Windows) -> bool:
        """Whether a drive falls upon f01, f12 or f02 / 2."""
        offset_mhz = 1e3 * (drive_ghz - self.f01_ghz)
        anharmonicity_mhz = 1e3 * self.anharmonicity_ghz
        return (
            abs(offset_mhz) < windows.f01_mhz
            or abs(offset_mhz - anharmonicity_mhz) < windows.f12_mhz
            or abs(offset_mhz - anharmonicity_mhz / 2) < windows.half_f02_mhz
        )


@dataclass(frozen=True)
class DrivenCouplings:
    """Which couplings disturb each other by their drives.

    Parameters
    ----------
    frequencies : mapping of str to Transition
        Qubit to its frequencies. A qubit that is missing collides with nothing.
    controls : mapping of str to str
        Coupling to its controlling qubit; the other one gives the drive its frequency. A coupling that is missing drives
        nothing.
    windows : Windows
        How near is too near.
    """

    frequencies: Mapping[str, Transition]
    controls: Mapping[str, str]
    windows: Windows = Windows()

    def collisions(self, couplings: Sequence[str], topology: Topology) -> dict[str, set[str]]:
        """Return a resource for every two couplings, one coupling apart, whose drives collide."""
        wanted = set(couplings)
        found: dict[str, set[str]] = {}
        for coupling in couplings:
            for other in _one_apart(coupling, topology):
                if other in wanted and self._disturbs(coupling, other):
                    first, second = sorted((coupling, other), key=by_number)
                    for one in (first, second):
                        found.setdefault(one, set()).add(f"collision of {first} with {second}")
        return found

    def _disturbs(self, coupling: str, other: str) -> bool:
        """Whether the drive of a coupling falls upon a transition of a qubit of the other."""
        control = self.controls.get(coupling)
        if control is None:
            return False
        target = next(qid for qid in qubits_of(coupling) if qid != control)
        if target not in self.frequencies:
            return False
        drive_ghz = self.frequencies[target].f01_ghz
        return any(
            self.frequencies[qid].meets(drive_ghz, self.windows)
            for qid in qubits_of(other)
            if qid in self.frequencies
        )


def _one_apart(coupling: str, topology: Topology) -> Iterator[str]:
    """Yield the couplings of which a qubit is coupled to a qubit of this one, without sharing one."""
    own = qubits_of(coupling)
    near = {other for qid in own for other in topology.neighbours(qid)} - set(own)
    yield from sorted(
        {coupling_of(qid, far) for qid in near for far in topology.neighbours(qid) if far not in own},
        key=by_number,
    )
