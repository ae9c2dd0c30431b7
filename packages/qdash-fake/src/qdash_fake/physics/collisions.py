"""Frequencies that spoil a cross-resonance gate (Hertzberg et al., npj Quantum Information 7, 129 (2021), types 1 to 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_fake.physics.chip import QubitTruth

SAME_MHZ, TWO_PHOTON_MHZ, SECOND_MHZ = 17.0, 10.0, 30.0
"""Distances below which both qubits, f02/2 of one and the other, f12 of one and the other disturb each other."""


def collisions(a: QubitTruth, b: QubitTruth) -> tuple[str, ...]:
    """Return what collides in a pair, each as a sentence."""
    return tuple(_found(a, b))


def why_no_gate(a: QubitTruth, b: QubitTruth, exchange_mhz: float) -> str | None:
    """Return why no gate can be calibrated on a pair whatever one does; None: nothing forbids it outright."""
    for qubit in (a, b):
        if qubit.readout.dead:
            return f"the readout of qubit {qubit.qid} is dead"
        if qubit.drive.dead:
            return f"the drive line of qubit {qubit.qid} is dead"
        if qubit.drive.faulty:
            return f"the drive of qubit {qubit.qid} is faulty"
    distance = abs(_distance(a, b))
    if distance < 2 * exchange_mhz:
        return (
            f"the qubits are {distance:.1f} MHz apart, less than twice their exchange: they share excitations"
        )
    return None


def _found(a: QubitTruth, b: QubitTruth) -> Iterator[str]:
    distance = abs(_distance(a, b))
    if distance < SAME_MHZ:
        yield f"collision: qubits {a.qid} and {b.qid} are {distance:.1f} MHz apart"
    for one, other in ((a, b), (b, a)):
        anharmonicity = one.anharmonicity_ghz * 1e3
        two_photon = abs(_distance(one, other) + anharmonicity / 2)
        if two_photon < TWO_PHOTON_MHZ:
            yield f"collision: f02/2 of qubit {one.qid} is {two_photon:.1f} MHz from qubit {other.qid}"
        second = abs(_distance(one, other) + anharmonicity)
        if second < SECOND_MHZ:
            yield f"collision: f12 of qubit {one.qid} is {second:.1f} MHz from qubit {other.qid}"


def _distance(one: QubitTruth, other: QubitTruth) -> float:
    return (one.frequency_ghz - other.frequency_ghz) * 1e3
