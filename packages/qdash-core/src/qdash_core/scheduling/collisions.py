"""Frequency collisions of cross-resonance drives with transitions of qubits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.targets import by_number, make_coupling_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.chips.topology import Topology


@dataclass(frozen=True, slots=True)
class CollisionWindows:
    """Collision windows about the transitions of a qubit: f01, f12 and the two-photon transition f02 / 2."""

    f01_mhz: float
    f12_mhz: float
    half_f02_mhz: float

    def iter_collisions(
        self, offset_mhz: float, anharmonicity_mhz: float | None
    ) -> Iterator[tuple[str, float]]:
        """Yield the transitions that a drive collides with, f01, f12 or f02/2, each with its distance in MHz.

        `offset_mhz` is the detuning of the drive above f01. `anharmonicity_mhz` is f12 - f01, or None if unknown;
        then only f01 is checked.
        """
        widths = {"f01": (0.0, self.f01_mhz)}
        if anharmonicity_mhz is not None:
            widths["f02/2"] = anharmonicity_mhz / 2, self.half_f02_mhz
            widths["f12"] = anharmonicity_mhz, self.f12_mhz
        for transition, (place_mhz, width_mhz) in widths.items():
            if (distance_mhz := abs(offset_mhz - place_mhz)) < width_mhz:
                yield transition, distance_mhz


# Half widths within which a cross-resonance gate suffers (Malekakhlagh, Magesan and McKay, PRA 102, 042605 (2020); in use as
# yield criteria in Hertzberg et al., npj Quantum Inf. 7, 129 (2021), whose types are named below). They hold for drives of
# some 30 MHz and J of some 2 MHz, and are limits to choose, not constants.
WITHIN_PAIR = CollisionWindows(f01_mhz=17.0, f12_mhz=30.0, half_f02_mhz=10.0)
"""About either qubit of a pair for the frequency of the other, types 1 to 3. The published 4 MHz about f02 / 2 are too few for
drives of 40 MHz and more, which widen and shift the resonance with their square."""
BESIDE_PAIR = CollisionWindows(f01_mhz=17.0, f12_mhz=25.0, half_f02_mhz=4.0)
"""Collision types of a qubit beside the driven pair: 5 and 6, and 2 for the weak drive that reaches it."""


def iter_pair_collisions(
    names: tuple[str, str], distance_mhz: float, anharmonicities_mhz: tuple[float | None, float | None]
) -> Iterator[str]:
    """Yield the collisions within a pair, as in `f02/2 of qubit 3 is 2.1 MHz from qubit 4`.

    `distance_mhz` is the difference of f01 of the first and the second qubit. `anharmonicities_mhz` has f12 - f01 of
    each, or None if unknown.
    """
    both = zip(names, reversed(names), (-distance_mhz, distance_mhz), anharmonicities_mhz, strict=True)
    for one, other, offset_mhz, anharmonicity_mhz in both:
        for transition, away_mhz in WITHIN_PAIR.iter_collisions(offset_mhz, anharmonicity_mhz):
            if transition != "f01":
                yield f"{transition} of {one} is {away_mhz:.1f} MHz from {other}"
            elif one == names[0]:
                yield f"{one} and {other} are {away_mhz:.1f} MHz apart"


@dataclass(frozen=True, slots=True)
class Transition:
    """Transition frequencies of a qubit; `anharmonicity_ghz` is f12 - f01, negative for a transmon."""

    f01_ghz: float
    anharmonicity_ghz: float

    def collides_with(self, drive_ghz: float, windows: CollisionWindows) -> bool:
        """Return whether a drive collides with f01, f12 or f02 / 2."""
        return any(windows.iter_collisions(1e3 * (drive_ghz - self.f01_ghz), 1e3 * self.anharmonicity_ghz))


@dataclass(frozen=True)
class DrivenCouplings:
    """Couplings whose drives disturb each other.

    A qubit that `frequencies` lacks collides with nothing. `controls` has the controlling qubit by coupling; the
    other one gives the drive its frequency, and a coupling that is missing drives nothing. `windows` tell how near is
    too near.
    """

    frequencies: Mapping[str, Transition]
    controls: Mapping[str, str]
    windows: CollisionWindows = BESIDE_PAIR

    def list_collisions(self, couplings: Sequence[str], topology: Topology) -> dict[str, set[str]]:
        """Return a resource for every two couplings, one coupling apart, whose drives collide."""
        wanted = set(couplings)
        found: dict[str, set[str]] = {}
        for coupling in couplings:
            for other in _iter_next_couplings(coupling, topology):
                if other in wanted and self._disturbs(coupling, other):
                    first, second = sorted((coupling, other), key=by_number)
                    for one in (first, second):
                        found.setdefault(one, set()).add(f"collision of {first} with {second}")
        return found

    def _disturbs(self, coupling: str, other: str) -> bool:
        """Return whether the drive of a coupling collides with a transition of a qubit of the other."""
        control = self.controls.get(coupling)
        if control is None:
            return False
        target = next(qid for qid in split_coupling(coupling) if qid != control)
        if target not in self.frequencies:
            return False
        drive_ghz = self.frequencies[target].f01_ghz
        return any(
            self.frequencies[qid].collides_with(drive_ghz, self.windows)
            for qid in split_coupling(other)
            if qid in self.frequencies
        )


def _iter_next_couplings(coupling: str, topology: Topology) -> Iterator[str]:
    """Yield the couplings that share no qubit with this one but have a neighbour of one of its qubits."""
    own = split_coupling(coupling)
    near = {other for qid in own for other in topology.neighbours(qid)} - set(own)
    yield from sorted(
        {make_coupling_id(qid, far) for qid in near for far in topology.neighbours(qid) if far not in own},
        key=by_number,
    )
