"""What a long drive excites: the qubit, its second level, and neighbours that hear the drive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.drive import lost_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]

SPECTROSCOPY_PULSE_US = 20.0
"""Length of the saturating pulse of a spectroscopy."""


def own_population(qubit: QubitTruth, drive_ghz: Floats, *, amplitude: float) -> Floats:
    """Excited population of `qubit` after a long pulse at each frequency, shape (n,)."""
    rabi = qubit.drive.rabi_mhz(amplitude)
    driven = saturation(
        (drive_ghz - qubit.frequency_ghz) * 1e3 - light_shift_mhz(qubit, rabi),
        rabi_mhz=rabi,
        coherence=qubit.coherence,
        lost_per_rad=qubit.drive.lost_per_rad,
    )
    return driven + qubit.thermal_population * (1 - 2 * driven)


def line_shift(chip: ChipTruth, qubit: QubitTruth, drive_ghz: Floats, *, amplitude: float) -> Floats:
    """Further signal of the other lines, in units of the distance between the centres, shape (n,).

    A neighbour hears the drive through crosstalk and shows in the readout by the dispersive shift that it, too, makes.
    """
    rabi = qubit.drive.rabi_mhz(amplitude)
    second = _two_photon_signal(qubit, drive_ghz, rabi_mhz=rabi)
    background = qubit.mismatch.background_per_ghz * (drive_ghz - qubit.frequency_ghz)
    shift = background + second
    for other, (heard, visibility) in qubit.crosstalk.items():
        neighbour = chip.qubits[other]
        shift = shift + visibility * saturation(
            (drive_ghz - neighbour.frequency_ghz) * 1e3, rabi_mhz=rabi * heard, coherence=neighbour.coherence
        )
    return np.asarray(shift)


def light_shift_mhz(qubit: QubitTruth, rabi_mhz: float) -> float:
    """How far a drive near f01 pushes |1> up through |2>: ``W^2 / (2 |a|)``, less for strong drives.

    The line of f01 appears that much higher, that of f02/2 half as much lower.
    """
    anharmonicity = abs(qubit.anharmonicity_ghz) * 1e3
    return (math.sqrt(anharmonicity**2 + 2 * rabi_mhz**2) - anharmonicity) / 2


def _two_photon_signal(qubit: QubitTruth, drive_ghz: Floats, *, rabi_mhz: float) -> Floats:
    """Signal of |1> and |2>, which is read as |1>, near f02/2, in units of the distance between the centres, shape (n,).

    Two photons turn |0> into |2> at ``sqrt(2) W^2 / |a|`` (adiabatic elimination of |1>, detuned by a/2, with couplings
    W and sqrt(2) W), so the rate R goes with the square of the power. |2> decays by |1>: with the rates r = 1/T1 and,
    for the end of the pulse, k, ``p2 = R / (2 r + k + (2 + m) R)`` and ``p1 = m p2``, ``m = 2 r / (r + k)``. For long
    pulses within 0.004 of the three-level steady state at W = 10 MHz and 0.04 at 30 MHz.
    """
    coherence = qubit.coherence
    rabi = 2 * np.pi * math.sqrt(2) * rabi_mhz**2 / max(abs(qubit.anharmonicity_ghz) * 1e3, 1.0)
    decay, end = 1 / coherence.t1_us, 1 / SPECTROSCOPY_PULSE_US
    pure = 1 / coherence.t2_echo_us - decay / 2
    width = decay + 4 * pure + 4 * np.pi * coherence.jitter_mhz + end
    offset_mhz = (drive_ghz - qubit.two_photon_frequency_ghz) * 1e3 + light_shift_mhz(qubit, rabi_mhz) / 2
    rate = rabi**2 * width / 2 / (width**2 + (4 * np.pi * offset_mhz) ** 2)
    share = 2 * decay / (decay + end)
    second = rate / (2 * decay + end + (2 + share) * rate)
    return np.asarray((share + 1) * second)


def saturation(
    detuning_mhz: Floats, *, rabi_mhz: float, coherence: Coherence, lost_per_rad: float = 0.0
) -> Floats:
    """Excited population after a long pulse, from the Bloch equations' steady state.

    ``P = S / (1 + S + (2 pi d / g2)^2) / 2`` with ``S = (2 pi W)^2 / (g1 g2)``: a line of full width
    ``g2 sqrt(1 + S) / pi``, broadened by power. A pulse of finite length blurs both rates; the jitter is taken as part
    of g2, because a Lorentzian is what a closed form can give. Where the pulse outlasts T1 this is within 0.04 of the
    three-level master equation and its width within 15 %; where it does not, the oscillations that a perfectly coherent
    pulse would show are averaged out.

    Parameters
    ----------
    detuning_mhz
        Drive minus transition, in MHz of the drive.
    rabi_mhz
        Rabi frequency of the transition.
    lost_per_rad
        Of the drive (`physics.drive`): its rate adds to both rates, and pulls to the middle.
    """
    lost = lost_rate(lost_per_rad, rabi_mhz, detuning_mhz)
    g1 = 1 / coherence.t1_us + 1 / SPECTROSCOPY_PULSE_US
    g2 = 1 / coherence.t2_echo_us + 2 * np.pi * coherence.jitter_mhz + 1 / SPECTROSCOPY_PULSE_US
    power = (2 * np.pi * rabi_mhz) ** 2 / ((g1 + lost) * (g2 + lost))
    square = 1 + (2 * np.pi * detuning_mhz / (g2 + lost)) ** 2
    return np.asarray((1 - g1 / (g1 + lost) * square / (square + power)) / 2)
