"""What a long drive excites: the qubit, its second level, and neighbours that hear the drive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.drive import saturation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth

    Floats = NDArray[np.float64]

_SECOND_LEVEL_POSITION = 1.5
"""Where |2> lies on the line from |0> (0) to |1> (1): shifted on, not twice as far."""


def own_population(qubit: QubitTruth, drive_ghz: Floats, *, amplitude: float) -> Floats:
    """Excited population of `qubit` after a long pulse at each frequency, shape (n,)."""
    driven = saturation(
        (drive_ghz - qubit.frequency_ghz) * 1e3,
        rabi_mhz=qubit.drive.rabi_mhz(amplitude),
        coherence=qubit.coherence,
    )
    return driven + qubit.thermal_population * (1 - 2 * driven)


def line_shift(chip: ChipTruth, qubit: QubitTruth, drive_ghz: Floats, *, amplitude: float) -> Floats:
    """Further signal of the other lines, in units of the distance between the centres, shape (n,).

    f02/2 is driven by two photons, at ``sqrt(2) W^2 / |a|`` (adiabatic elimination of |1>, detuned by a/2, with
    couplings W and sqrt(2) W), so its strength goes with the square of the power. A neighbour hears the drive through
    crosstalk and shows in the readout by the dispersive shift that it, too, makes.
    """
    rabi = qubit.drive.rabi_mhz(amplitude)
    two_photon = math.sqrt(2) * rabi**2 / max(abs(qubit.anharmonicity_ghz) * 1e3, 1.0)
    second = saturation(
        (drive_ghz - qubit.two_photon_frequency_ghz) * 1e3,
        rabi_mhz=two_photon,
        coherence=qubit.coherence,
        levels=2,
    )
    shift = _SECOND_LEVEL_POSITION * second
    for other, (heard, visibility) in qubit.crosstalk.items():
        neighbour = chip.qubits[other]
        shift = shift + visibility * saturation(
            (drive_ghz - neighbour.frequency_ghz) * 1e3, rabi_mhz=rabi * heard, coherence=neighbour.coherence
        )
    return np.asarray(shift)
