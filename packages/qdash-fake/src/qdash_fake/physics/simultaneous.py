"""Pulses on a qubit while coupled qubits are driven, with static ZZ shifts and crosstalk."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.levels import superoperator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_tasks.laboratory.pulses import Pulse

    Complexes = NDArray[np.complex128]

_NUMBER = np.subtract.outer(np.arange(3), np.arange(3)).ravel()
_SAME_TURN = np.equal.outer(_NUMBER, _NUMBER)


class BusyNeighbour(NamedTuple):
    """Coupled qubit that plays random pulses at the same time.

    `zz_mhz` shifts the qubit if the neighbour is in |1>; `heard` is the amplitude of its drive at the qubit, relative
    to the same drive on the qubit's own line.
    """

    zz_mhz: float
    heard: float
    pulse: Pulse
    drive_ghz: float


def list_busy_neighbours(
    chip: ChipTruth, qid: str, together: Collection[str], playing: Callable[[str], tuple[Pulse, float]]
) -> list[BusyNeighbour]:
    """Return the coupled qubits of a qubit that are driven at the same time.

    `playing` returns the pulse of a qubit and its drive frequency in GHz.
    """
    crosstalk = chip.qubits[qid].crosstalk
    return [
        BusyNeighbour(zz_mhz, crosstalk[other][0] if other in crosstalk else 0.0, *playing(other))
        for other, zz_mhz in chip.neighbours[qid].items()
        if other in together
    ]


def compute_channel(
    qubit: QubitTruth, pulse: Pulse, *, drive_ghz: float, busy: Sequence[BusyNeighbour]
) -> Complexes:
    """Return the superoperator (9, 9) of a pulse while each of the busy qubits plays one.

    The channel is averaged over both states of each busy qubit, for each pulse independently, and over the phase of a
    pulse that arrives through crosstalk: it shifts the frequency, and rotates at random, more strongly near resonance.
    """
    detuning_mhz = qubit.detuning_mhz(drive_ghz)
    shifts = [sum(chosen) for chosen in product(*((0.0, other.zz_mhz) for other in busy))]
    own = [
        qubit.drive.channel(pulse, detuning_mhz=detuning_mhz + shift, levels=qubit.levels) for shift in shifts
    ]
    found = np.mean(own, axis=0)
    for other in busy:
        found = _compute_crosstalk(qubit, other) @ found
    return np.asarray(found)


def _compute_crosstalk(qubit: QubitTruth, other: BusyNeighbour) -> Complexes:
    """Return the effect of another qubit's pulse relative to free evolution, averaged over its phase, shape (9, 9)."""
    detuning_mhz = qubit.detuning_mhz(other.drive_ghz)
    arriving = replace(other.pulse, amplitude=other.heard * other.pulse.amplitude)
    unitary = qubit.drive.unitary(
        arriving, detuning_mhz=detuning_mhz, anharmonicity_mhz=qubit.anharmonicity_ghz * 1e3
    )
    energies_mhz = qubit.levels.energies_mhz(detuning_mhz)
    back = np.exp(2j * np.pi * energies_mhz * arriving.length_ns * 1e-3)
    return np.asarray(np.where(_SAME_TURN, superoperator(back[:, None] * unitary), 0.0))
