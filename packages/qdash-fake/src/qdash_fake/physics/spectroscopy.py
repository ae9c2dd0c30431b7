"""Steady-state excitation by a long drive: the qubit, f02/2, and neighbours through crosstalk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.drive import depolarisation_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]

SPECTROSCOPY_PULSE_US = 20.0
"""Length of the saturating pulse of a spectroscopy."""


@dataclass(frozen=True, slots=True)
class DrivenNeighbour:
    """Neighbour that a long drive of its own saturates at the same time.

    `zz_mhz` shifts the qubit while the neighbour is in |1>. Excited population and frequency of the drive are those at
    each point, shape (n,); `tone_rabi_mhz` is the Rabi frequency with which its crosstalk drives the qubit.
    """

    qid: str
    zz_mhz: float
    excited: Floats
    tone_ghz: Floats
    tone_rabi_mhz: float


def compute_population(
    qubit: QubitTruth, drive_ghz: Floats, *, amplitude: float, beside: Sequence[DrivenNeighbour] = ()
) -> Floats:
    """Return the excited population of a qubit after a long pulse at each frequency, shape (n,).

    Neighbours in `beside` shift the qubit by static ZZ while excited, independently of it, and excite it by crosstalk;
    rates of excitation by several tones add up. The line of a qubit with two charge parities is the mean of both.
    """
    rabi = qubit.drive.rabi_mhz(amplitude)
    shift_mhz = light_shift_mhz(qubit, rabi)

    parity_mhz = qubit.coherence.mismatch.parity_mhz
    parities = (-parity_mhz, parity_mhz) if parity_mhz else (0.0,)

    def excite(zz_mhz: float) -> Floats:
        lines = [
            saturated_population(
                (drive_ghz - qubit.frequency_ghz) * 1e3 - shift_mhz - zz_mhz - parity,
                rabi_mhz=rabi,
                coherence=qubit.coherence,
                depolarisation_per_rad=qubit.drive.depolarisation_per_rad,
            )
            for parity in parities
        ]
        own = np.asarray(sum(lines) / len(lines))
        heard = (
            saturated_population(
                (one.tone_ghz - qubit.frequency_ghz) * 1e3 - zz_mhz,
                rabi_mhz=one.tone_rabi_mhz,
                coherence=qubit.coherence,
            )
            for one in beside
        )
        return add_saturations(own, *heard)

    driven = average_over_neighbours(excite, beside)
    return driven + qubit.thermal_population * (1 - 2 * driven)


def average_over_neighbours(evaluate: Callable[[float], Floats], beside: Sequence[DrivenNeighbour]) -> Floats:
    """Return the mean of a function of the ZZ shift (MHz) over the states of the driven neighbours."""
    total: Floats | float = 0.0
    for states in product((False, True), repeat=len(beside)):
        weight: Floats | float = 1.0
        for one, excited in zip(beside, states, strict=True):
            weight = weight * (one.excited if excited else 1 - one.excited)
        shift_mhz = sum(one.zz_mhz for one, excited in zip(beside, states, strict=True) if excited)
        total = total + weight * evaluate(shift_mhz)
    return np.asarray(total)


def add_saturations(*populations: Floats) -> Floats:
    """Return the population by several incoherent drives, from the populations by each of them.

    A drive of rate R against the relaxation g gives P = R / (g + 2 R), and rates add up.
    """
    if len(populations) == 1:
        return populations[0]
    rate = sum(one / np.maximum(1 - 2 * one, 1e-12) for one in populations)
    return np.asarray(rate / (1 + 2 * rate))


def line_shift(
    chip: ChipTruth,
    qubit: QubitTruth,
    drive_ghz: Floats,
    *,
    amplitude: float,
    beside: Sequence[DrivenNeighbour] = (),
) -> Floats:
    """Return the signal of other lines than the qubit's, in units of the distance between the centres, shape (n,).

    It consists of f02/2, a linear background, and the neighbours, which shift the resonator if crosstalk or, of those
    in `beside`, their own drives excite them.
    """
    rabi = qubit.drive.rabi_mhz(amplitude)
    second = average_over_neighbours(
        lambda zz_mhz: _compute_two_photon_signal(qubit, drive_ghz - 1e-3 * zz_mhz, rabi_mhz=rabi), beside
    )
    background = qubit.mismatch.background_per_ghz * (drive_ghz - qubit.frequency_ghz)
    shift = background + second
    driven = {one.qid: one.excited for one in beside}
    for other, (heard, visibility) in qubit.crosstalk.items():
        neighbour = chip.qubits[other]
        excited = saturated_population(
            (drive_ghz - neighbour.frequency_ghz) * 1e3, rabi_mhz=rabi * heard, coherence=neighbour.coherence
        )
        if other in driven:
            excited = add_saturations(excited, driven[other])
        shift = shift + visibility * excited
    return np.asarray(shift)


def light_shift_mhz(qubit: QubitTruth, rabi_mhz: float) -> float:
    """Return the light shift of f01 through |2> by a drive near f01, ``(sqrt(a^2 + 2 W^2) - |a|) / 2``.

    For weak drives that is ``W^2 / (2 |a|)``; f02/2 lies lower by half of it.
    """
    anharmonicity = abs(qubit.anharmonicity_ghz) * 1e3
    return (math.sqrt(anharmonicity**2 + 2 * rabi_mhz**2) - anharmonicity) / 2


def _compute_two_photon_signal(qubit: QubitTruth, drive_ghz: Floats, *, rabi_mhz: float) -> Floats:
    """Return the signal near f02/2 in units of the distance between the centres, shape (n,); |2> reads as |1>.

    The two-photon Rabi frequency is ``sqrt(2) W^2 / |a|`` (adiabatic elimination of |1>), so the transition rate R goes
    with the square of the power. |2> decays through |1>: with r = 1/T1, ``p2 = R / (2 r + 4 R)`` and ``p1 = 2 p2``.
    """
    coherence = qubit.coherence
    rabi = 2 * np.pi * math.sqrt(2) * rabi_mhz**2 / max(abs(qubit.anharmonicity_ghz) * 1e3, 1.0)
    decay = 1 / coherence.t1_us
    pure = 1 / coherence.t2_echo_us - decay / 2
    width = decay + 4 * pure
    offset_mhz = (drive_ghz - qubit.two_photon_frequency_ghz) * 1e3 + light_shift_mhz(qubit, rabi_mhz) / 2
    power = rabi**2 / (width * decay)
    return 0.75 * _compute_line(offset_mhz, power=power, width_mhz=width / (4 * np.pi), coherence=coherence)


def saturated_population(
    detuning_mhz: Floats, *, rabi_mhz: float, coherence: Coherence, depolarisation_per_rad: float = 0.0
) -> Floats:
    """Return the excited population after a long pulse, from the steady state of the Bloch equations.

    ``P = S / (1 + S + (2 pi d / g2)^2) / 2`` with ``S = (2 pi W)^2 / (g1 g2)``: a power-broadened line of full width
    ``g2 sqrt(1 + S) / pi``, convolved with the quasi-static jitter (Voigt profile).

    The detuning is drive minus transition frequency. The hidden error of the drive (`physics.drive`) adds its rate to
    g1 and g2, and relaxes the qubit towards P = 1/2.
    """
    lost = depolarisation_rate(depolarisation_per_rad, rabi_mhz, detuning_mhz)
    g1, g2 = 1 / coherence.t1_us, 1 / coherence.t2_echo_us
    power = (2 * np.pi * rabi_mhz) ** 2 / ((g1 + lost) * (g2 + lost))
    width_mhz = (g2 + lost) / (2 * np.pi)
    kept = g1 / (g1 + lost)
    return (
        1 - kept + kept * _compute_line(detuning_mhz, power=power, width_mhz=width_mhz, coherence=coherence)
    ) / 2


def _compute_line(
    detuning_mhz: Floats, *, power: Floats | float, width_mhz: Floats | float, coherence: Coherence
) -> Floats:
    """Return ``S / (1 + S + (d / w)^2)`` with the half width w, convolved with the jitter."""
    from scipy.special import voigt_profile  # slow to import, and needed only to measure

    broad_mhz = width_mhz * np.sqrt(1 + power)
    profile = voigt_profile(detuning_mhz, coherence.jitter_mhz, broad_mhz)
    return np.asarray(power / (1 + power) * np.pi * broad_mhz * profile)
