"""Predicted error of a cross-resonance gate from known values of its qubits.

The prediction suffices only to choose a direction: it assumes a typical exchange, and rates are perturbative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel

ANHARMONICITY_MHZ = -310.0
"""Anharmonicity of a transmon if unknown."""
COHERENCE_US = 100.0
"""T1 and T2 of a qubit if unknown, to penalise slow gates."""
EXCHANGE_MHZ = 2.0
"""Exchange of two coupled qubits, J / 2 pi; it is not known before the gate, and the same for both directions."""
PULSES_NS = 80.0
"""Both echo pulses of the control."""
_DRIVES_MHZ = tuple(4.0 * 1.15**step for step in range(20))
"""Drives between which the best is looked for: 4 to 57 MHz."""
_WORST = 0.75
"""Error of a gate that leaves nothing of the state, on average over states of two qubits."""


@dataclass(frozen=True, slots=True)
class Transmon:
    """Known parameters of a qubit: frequencies in MHz, times in µs; None if unknown."""

    frequency_mhz: float
    anharmonicity_mhz: float = ANHARMONICITY_MHZ
    t1_us: float = COHERENCE_US
    t2_us: float = COHERENCE_US


def make_transmon(values: Mapping[str, ParameterModel]) -> Transmon | None:
    """Return the transmon from the accepted values of a qubit, or None if its frequency is unknown."""
    frequency = values.get("qubit_frequency") or values.get("coarse_qubit_frequency")
    if frequency is None:
        return None
    anharmonicity = values.get("anharmonicity")
    t1_us = _get_time_us(values, "t1", COHERENCE_US)
    return Transmon(
        1e3 * frequency.value,
        ANHARMONICITY_MHZ if anharmonicity is None or not anharmonicity.value else 1e3 * anharmonicity.value,
        t1_us,
        min(_get_time_us(values, "t2_echo", COHERENCE_US), 2 * t1_us),
    )


def _get_time_us(values: Mapping[str, ParameterModel], name: str, otherwise: float) -> float:
    known = values.get(name)
    return float(known.value) if known is not None and known.value > 0 else otherwise


def zx_rate_mhz(control: Transmon, target: Transmon, drive_mhz: float) -> float:
    """Return the magnitude of the ZX rate of a cross-resonance tone, in MHz.

    J Omega a / (D (a + D)) of Magesan and Gambetta, PRA 101, 052308, with D the detuning and a the anharmonicity of the
    control. It saturates as 1 / (1 + 0.87 (Omega / D)^2), as numeric block-diagonalisation has it at D = 100 MHz.
    """
    detuning = control.frequency_mhz - target.frequency_mhz
    alpha = control.anharmonicity_mhz
    # On a pole the gate is useless anyway, which the resonances say.
    pole = math.copysign(max(abs(detuning * (alpha + detuning)), 1.0), detuning * (alpha + detuning))
    rate = abs(EXCHANGE_MHZ * drive_mhz * alpha / pole)
    return rate / (1 + 0.87 * (drive_mhz / max(abs(detuning), 1.0)) ** 2)


def coherence_error(gate_ns: float, *qubits: Transmon) -> float:
    """Return the two-qubit gate error from relaxation and dephasing alone, for a gate of this length."""
    fidelity = math.prod(
        (1 + math.exp(-gate_ns * 1e-3 / one.t1_us) + 2 * math.exp(-gate_ns * 1e-3 / one.t2_us)) / 4
        for one in qubits
    )
    return 0.8 * (1 - fidelity)


@lru_cache(maxsize=8192)  # both directions on a chip of 1,024 qubits: steps and checks of a run ask again
def predict_error(control: Transmon, target: Transmon, spectators: tuple[Transmon, ...] = ()) -> float:
    """Return the predicted average gate error in one direction at the best drive, 0 to 0.75.

    `spectators` are the other neighbours of the control: the tone reaches them, too.
    """
    resonances = [
        *_iter_resonances(control, target),
        *_iter_spectator_resonances(control, target, spectators),
    ]
    return min(_compute_error(drive, control, target, resonances) for drive in _DRIVES_MHZ)


@dataclass(frozen=True, slots=True)
class _Resonance:
    """Unwanted transition: its rate at a drive of `o` MHz is linear * o + quadratic * o^2."""

    detuning_mhz: float
    weight: float
    power: int
    linear: float = 0.0
    quadratic: float = 0.0
    constant: float = 0.0

    def error(self, drive_mhz: float) -> float:
        rate = self.constant + self.linear * drive_mhz + self.quadratic * drive_mhz**2
        return self.weight * float((rate / max(abs(self.detuning_mhz), 0.5)) ** self.power)


# Weights: smooth tones leave 3e-4 at 25 MHz, 50 MHz away, and 2e-3 at 40 MHz, so they go with the fourth power; a
# two-photon resonance 5 MHz away leaves 5e-3 at 25 MHz (numeric, echoed ZX90 without rotary tone).
_SMOOTH, _TWO_PHOTON, _STATIC = 4.8e-3, 1.5e-2, 0.5


def _iter_resonances(control: Transmon, target: Transmon) -> Iterator[_Resonance]:
    """Yield the resonances of the pair: types 1 to 3 of Hertzberg, npj Quantum Information 7, 129 (2021)."""
    f_c, a_c = control.frequency_mhz, control.anharmonicity_mhz
    f_t, a_t = target.frequency_mhz, target.anharmonicity_mhz
    exchange = math.sqrt(2) * EXCHANGE_MHZ
    yield _Resonance(f_t - f_c, _SMOOTH, 4, linear=1.0)  # one frequency
    yield _Resonance(f_t - f_c - a_c, _SMOOTH, 4, linear=math.sqrt(2))  # f12 of the control
    yield _Resonance(2 * (f_t - f_c) - a_c, _TWO_PHOTON, 2, quadratic=math.sqrt(2) / abs(a_c))  # its f02 / 2
    yield _Resonance(f_c - f_t - a_t, _STATIC, 2, constant=exchange)  # f12 of the target


def _iter_spectator_resonances(
    control: Transmon, target: Transmon, spectators: Sequence[Transmon]
) -> Iterator[_Resonance]:
    """Yield the resonances with other neighbours of the control: types 5 to 7 of the same table."""
    f_c, a_c, f_t = control.frequency_mhz, control.anharmonicity_mhz, target.frequency_mhz
    for other in spectators:
        rate = zx_rate_mhz(control, other, 1.0)
        f_s = other.frequency_mhz
        yield _Resonance(f_s - f_t, _STATIC, 2, linear=rate)  # one frequency
        yield _Resonance(f_s + other.anharmonicity_mhz - f_t, _STATIC, 2, linear=rate)  # f12 of the spectator
        # A photon of the drive and one of the spectator's take the control to |2>.
        yield _Resonance(2 * f_c + a_c - f_t - f_s, _TWO_PHOTON, 2, linear=EXCHANGE_MHZ / abs(a_c))


def _compute_error(
    drive_mhz: float, control: Transmon, target: Transmon, resonances: Sequence[_Resonance]
) -> float:
    rate = zx_rate_mhz(control, target, drive_mhz)
    gate_ns = PULSES_NS + 1e3 / (4 * rate)
    coherent = sum(resonance.error(drive_mhz) for resonance in resonances)
    return min(coherence_error(gate_ns, control, target) + coherent, _WORST)
