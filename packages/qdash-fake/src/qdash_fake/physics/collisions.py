"""Frequency collisions of a pair, and other reasons that exclude a cross-resonance gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.scheduling.collisions import iter_pair_collisions

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth


def find_collisions(a: QubitTruth, b: QubitTruth) -> tuple[str, ...]:
    """Return the frequency collisions of a pair, each as a sentence."""
    found = iter_pair_collisions(
        (f"qubit {a.qid}", f"qubit {b.qid}"),
        _compute_distance_mhz(a, b),
        (a.anharmonicity_ghz * 1e3, b.anharmonicity_ghz * 1e3),
    )
    return tuple(f"collision: {one}" for one in found)


def explain_missing_gate(a: QubitTruth, b: QubitTruth, exchange_mhz: float) -> str | None:
    """Return the reason why no gate can be calibrated on a pair, or None."""
    for qubit in (a, b):
        if qubit.readout.dead:
            return f"the readout of qubit {qubit.qid} is dead"
        if qubit.drive.dead:
            return f"the drive line of qubit {qubit.qid} is dead"
        if qubit.drive.faulty:
            return f"the drive of qubit {qubit.qid} is faulty"
    distance = abs(_compute_distance_mhz(a, b))
    if distance < 2 * exchange_mhz:
        return (
            f"the qubits are {distance:.1f} MHz apart, less than twice their exchange: excitations are shared"
        )
    return None


def _compute_distance_mhz(one: QubitTruth, other: QubitTruth) -> float:
    return (one.frequency_ghz - other.frequency_ghz) * 1e3
