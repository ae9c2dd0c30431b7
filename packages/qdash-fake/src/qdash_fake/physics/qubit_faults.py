"""Effects of faults of a qubit itself; `fault_kinds.of_qubits` has their sources."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.models.targets import make_coupling_id
from qdash_fake.physics.coherence import compute_jitter
from qdash_fake.physics.mismatch import NONE
from qdash_fake.physics.t1_falls import relax_faster
from qdash_fake.physics.warm_ups import excite_thermally

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.timed_changes import PresentFault

_DEFECT_HALF_WIDTH_MHZ = 1.0
_SHARED = 1 / math.sqrt(2)
_INSIDE = 0.999
"""Distance of qubits in resonance in units of 2 J, just below which excitations are shared."""


def shift_frequency(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its frequency shifted by the size in MHz."""
    return _shift(qubit, now.size)


def ramp_frequency(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its frequency shifted by the size in MHz for each hour."""
    return _shift(qubit, now.size * now.since_h)


def add_defect(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit beside a two-level system, in the limit of a coupling below its width (`physics.defects`)."""
    distance, coupling = 2 * math.pi * now.size, 2 * math.pi * 1e-3 * now.fault.sizes[1]
    width = 2 * math.pi * _DEFECT_HALF_WIDTH_MHZ
    pull = coupling**2 / (width**2 + distance**2)
    return _shift(relax_faster(qubit, 2 * pull * width), -pull * distance / (2 * math.pi))


def dephase(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its echo time divided by the size."""
    coherence = qubit.coherence
    return replace(qubit, coherence=replace(coherence, t2_echo_us=coherence.t2_echo_us / now.size))


def add_slow_noise(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with its T2* (without beating) divided by the size."""
    coherence = qubit.coherence
    star_us = replace(coherence, mismatch=NONE).t2_star_us / now.size
    jitter_mhz = compute_jitter(t2_star_us=star_us, t2_echo_us=coherence.t2_echo_us)
    return replace(qubit, coherence=replace(coherence, jitter_mhz=jitter_mhz))


def split_by_charge(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with the size in MHz between the frequencies of both charge parities."""
    mismatch = replace(qubit.mismatch, parity_mhz=now.size / 2)
    return replace(qubit, mismatch=mismatch, coherence=replace(qubit.coherence, mismatch=mismatch))


def heat(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the qubit with at least the thermal population of the size."""
    return excite_thermally(qubit, max(qubit.thermal_population, now.size))


def bring_into_resonance(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return one of two qubits that share their excitations; the first one moves to the second."""
    partner = now.get_partner(qubit)
    coupling = now.chip.couplings.get(make_coupling_id(qubit.qid, partner.qid))
    apart_mhz = 0.0 if coupling is None else 2 * _INSIDE * coupling.exchange_mhz
    moved = qubit
    if qubit.qid == now.fault.target:
        moved = replace(qubit, frequency_ghz=partner.frequency_ghz + 1e-3 * apart_mhz)
    if coupling is None:
        return moved
    drive = replace(qubit.drive, rabi_per_amplitude_mhz=qubit.drive.rabi_per_amplitude_mhz * _SHARED)
    crosstalk = MappingProxyType({**qubit.crosstalk, partner.qid: (1.0, 1.0)})
    return replace(moved, drive=drive, crosstalk=crosstalk)


def collide_with_f12(qubit: QubitTruth, now: PresentFault) -> QubitTruth:
    """Return the first of two qubits with its f12 at the frequency of the second; the second stays."""
    if qubit.qid != now.fault.target:
        return qubit
    return replace(qubit, frequency_ghz=now.get_partner(qubit).frequency_ghz - qubit.anharmonicity_ghz)


def _shift(qubit: QubitTruth, by_mhz: float) -> QubitTruth:
    return replace(qubit, frequency_ghz=qubit.frequency_ghz + 1e-3 * by_mhz)
