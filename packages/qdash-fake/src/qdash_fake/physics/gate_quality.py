"""How good an echoed cross-resonance gate is, and how good it could be."""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import least_squares

from qdash_fake.physics.coherence import pair_error_limit
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.pair import largest_drive_mhz
from qdash_fake.physics.pair_evolution import gate_channel
from qdash_fake.physics.pair_propagators import Driven, propagators
from qdash_fake.physics.superoperators import PAULIS, pauli_transfer
from qdash_fake.pulses import RISE_NS, ZX90, CrossResonanceTone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.pair import Pair

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_SHARES = (0.12, 0.2, 0.32, 0.5, 0.64, 0.8, 1.0)
"""Drives from which the best gate is looked for, in units of the largest."""

_UNITARY = (np.eye(4) - 1j * PAULIS[4 * 3 + 1]) / math.sqrt(2)
_IDEAL = pauli_transfer(_UNITARY)
_OPPOSITE = np.array([1.0, -1.0, -1.0, 1.0])
"""A tone with the other sign is the tone between two ZZ."""

_MOVING, _STEPS = np.array([0, 1, 2, 3, 5]), np.array([0.1, 10.0, 1.0, 1.0, 5.0])
_LONGEST_NS, _LARGEST_ON_TARGET_MHZ = 3000.0, 20.0
_TUNED, _MOST_TRIALS = 8, 60

_SLICES = 64
"""Of an edge. With 32 the slices come at 570 and 1140 MHz, which drives transitions of the control and leaks 1 %."""

_NEVER_LEAKS = 1e-9
"""Keeps the slope of a root finite."""


class BestGate(NamedTuple):
    """The best gate that a pair can have.

    Attributes
    ----------
    error
        1 minus the average gate fidelity.
    amplitude
        Of the tone on the control's line, in units of full scale.
    gate_time_ns
        Both tones and both X180.
    gate
        What is played.
    """

    error: float
    amplitude: float
    gate_time_ns: float
    gate: ZX90


def gate_fidelity(channel: Floats) -> float:
    """Return the average fidelity of a transfer matrix (16, 16) to ``exp(-i pi/4 ZX)``, leakage being lost.

    ``(d F + 1 - L)/(d + 1)`` with the process fidelity F and the leakage L (Wood and Gambetta, PRA 97, 032306 (2018)).
    """
    return float(np.sum(_IDEAL * channel) / 4 + channel[0, 0]) / 5


def ideal_x180(qubit: QubitTruth, length_ns: float) -> Floats:
    """Return the transfer matrix (4, 4) of a perfectly calibrated X180 with the errors that no calibration mends."""
    levels, drive = qubit.levels, qubit.drive
    time_us = length_ns * 1e-3
    transverse, along = math.exp(-time_us / levels.t2_us), math.exp(-time_us / levels.t1_us)
    kept = math.exp(-drive.lost_per_rad * math.pi)
    # Angles that scatter shrink what turns; relaxation pulls to |1> in one half of the pulse, to |0> in the other.
    blurred = math.exp(-((drive.amplitude_spread * math.pi) ** 2) / 2)
    turning = math.sqrt(transverse * along) * blurred
    return np.diag([1.0, kept * transverse, -kept * turning, -kept * turning])


def best_gate(pair: Pair) -> BestGate:
    """Return the gate of least error with perfect one-qubit pulses at the qubits' true frequencies.

    From the drives that promise most, without a rotary tone and with one that turns the target once, phase, length,
    cancellation and drive follow the error downhill. There are many minima, for what leaks in both edges of a tone
    interferes: a search of sixty starts, with up to three turns, found 8 % less error in one coupling of nine.
    """
    search = _Search(pair)
    starts = [search.start(share, turning) for share in _SHARES for turning in (False, True)]
    starts.sort(key=search.error)
    return search.gate(min(map(search.tuned, starts[:_TUNED]), key=search.error))


def rough_error(pair: Pair) -> float:
    """Return the least error of gates that nobody has tuned: enough to choose a direction."""
    search = _Search(pair)
    return min(search.error(search.start(share, False)) for share in _SHARES)


class _Search:
    """Gates by phase (rad), tone's length (ns), both parts of the cancellation, rotary tone and control's drive (MHz)."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._frequencies = pair.control.frequency_ghz, pair.target.frequency_ghz
        self._x180_ns = pair.control.design.pulse_length_ns
        self._largest_mhz = largest_drive_mhz(pair.control, pair.target)
        # While the control turns over, the target feels half of the static ZZ.
        turned = math.pi / 2 * pair.transmons.dressed.static_zz_mhz * self._x180_ns * 1e-3
        self._echo = np.kron([[0, 1], [1, 0]], np.diag(np.exp([1j * turned, -1j * turned])))

    def error(self, found: Floats) -> float:
        """Return the error, decoherence as if it came on top."""
        return 1 - gate_fidelity(pauli_transfer(self._unitary(found))) + self._lost(found)

    def _lost(self, found: Floats) -> float:
        """Return the error that decoherence makes of an ideal gate of that length."""
        pair, tones_us = self._pair, 2e-3 * found[1]
        lost = pair_error_limit(
            pair.control.coherence, pair.target.coherence, length_us=tones_us + 2e-3 * self._x180_ns
        )
        return lost - 0.75 * math.expm1(-pair.coupling.extra_rate * tones_us)

    def start(self, share: float, turning: bool) -> Floats:
        """Return what the rates of the flat part ask for, within what can be played.

        Parameters
        ----------
        share
            Drive in units of the largest.
        turning
            With a rotary tone.
        """
        drive_mhz, pair = share * self._largest_mhz, self._pair
        tone = CrossResonanceTone(drive_mhz / pair.control.drive.rabi_mhz(1.0))
        found = rates(pair, tone, drive_ghz=pair.target.frequency_ghz)
        conditional = complex(found.zx, found.zy)
        phase = -cmath.phase(conditional)
        cancel = -complex(found.ix, found.iy) * cmath.exp(1j * phase)
        tone_ns = min(max(125 / max(abs(conditional), 1e-6) + RISE_NS, 2 * RISE_NS), _LONGEST_NS)
        rotary = 1e3 / (tone_ns - RISE_NS) if turning else 0.0
        return np.array([phase, tone_ns, cancel.real, cancel.imag, rotary, drive_mhz])

    def tuned(self, start: Floats) -> Floats:
        """Return the nearest least error: a sum of squares, in which what leaks counts beside the distance of matrices."""

        def parts(steps: Floats) -> Floats:
            found = self._moved(start, steps)
            evolution = self._unitary(found)
            overlap = np.vdot(_UNITARY, evolution)
            difference = evolution * np.exp(-1j * np.angle(overlap)) - _UNITARY
            # In that distance a share p that leaks counts as p^2 / 4 only.
            leaked = np.maximum(1 - np.sum(np.abs(evolution) ** 2, axis=0), 0.0)
            others = np.sqrt([*(1.25 * leaked + _NEVER_LEAKS), 5 * self._lost(found)])
            return np.concatenate([difference.real.ravel(), difference.imag.ravel(), others])

        solved = least_squares(
            parts,
            np.zeros(_STEPS.size),
            method="lm",
            max_nfev=_MOST_TRIALS,
            ftol=1e-3,
            xtol=1e-3,
            diff_step=np.array(1e-3),
        )
        return self._moved(start, solved.x)

    def _moved(self, start: Floats, steps: Floats) -> Floats:
        """Return `start` moved by steps of a usual size, within what can be played."""
        found = start.copy()
        found[_MOVING] += _STEPS * steps
        found[1] = min(max(found[1], 2 * RISE_NS), _LONGEST_NS)
        found[2:4] = np.clip(found[2:4], -_LARGEST_ON_TARGET_MHZ, _LARGEST_ON_TARGET_MHZ)
        found[5] = np.clip(found[5], _SHARES[0] * self._largest_mhz, self._largest_mhz)
        return found

    def gate(self, found: Floats) -> BestGate:
        """Return the gate with its whole error."""
        gate = self._played(found)
        channel = gate_channel(
            self._pair,
            gate,
            drives_ghz=self._frequencies,
            x180=ideal_x180(self._pair.control, self._x180_ns),
            x180_ns=self._x180_ns,
        )
        length_ns = 2 * (gate.tone_ns + self._x180_ns)
        return BestGate(1 - gate_fidelity(channel), gate.tone.amplitude, length_ns, gate)

    def _unitary(self, found: Floats) -> Complexes:
        """Evolution of the computational states during the gate, shape (4, 4)."""
        gate, pair = self._played(found), self._pair
        played = Driven(pair.transmons, pair.drives(gate.tone), 0.0)
        frames_mhz = (self._frequencies[0] - self._frequencies[1]) * 1e3
        first = propagators(played, np.array([gate.tone_ns * 1e-3]), frames_mhz, slices=_SLICES)[0]
        second = _OPPOSITE[:, None] * first * _OPPOSITE
        return np.asarray(-self._echo @ second @ self._echo @ first)

    def _played(self, found: Floats) -> ZX90:
        phase, tone_ns, cancel_x, cancel_y, rotary, drive = map(float, found)
        on_target = self._pair.target.drive.rabi_mhz(1.0)
        tone = CrossResonanceTone(
            amplitude=drive / self._pair.control.drive.rabi_mhz(1.0),
            phase_rad=phase,
            cancel_amplitude=math.hypot(cancel_x, cancel_y) / on_target,
            cancel_phase_rad=math.atan2(cancel_y, cancel_x),
            rotary_amplitude=rotary / on_target,
        )
        return ZX90(tone, tone_ns)
