"""Search for the echoed cross-resonance gate with the smallest error on a pair."""

from __future__ import annotations

import cmath
import math
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.coherence import pair_error_limit
from qdash_fake.physics.cross_resonance import effective_hamiltonian
from qdash_fake.physics.many_tones import ManyTones
from qdash_fake.physics.pair import Drives
from qdash_fake.physics.pair_propagators import RISE_NS
from qdash_fake.physics.superoperators import PAULIS
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from qdash_fake.physics.pair import Pair

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Numbers = NDArray[np.float64] | NDArray[np.complex128]

_LARGEST_SHARE, _LARGEST_MHZ = 0.75, 100.0
"""Largest drive of the control: as a share of the qubits' detuning, and absolute. `CreateZX90` tries drives up to 0.8 of the
detuning, and exceeds them by up to a quarter to correct the angle; the largest factor in 255 gates was 1.24."""

_SHORTEST_NS, _LONGEST_NS = 2 * RISE_NS, 3000.0
"""Shortest and longest tone with complete edges."""

MOST_TURNS = 3.0
"""Largest number of turns of the target by a rotary tone."""

_SMALLEST = 0.06
"""Smallest drive in units of the largest."""

_UNITARY = (np.eye(4) - 1j * PAULIS[4 * 3 + 1]) / math.sqrt(2)
_ZX, _ZY = PAULIS[4 * 3 + 1], PAULIS[4 * 3 + 2]
_OPPOSITE = np.array([1.0, -1.0, -1.0, 1.0])
"""Signs that reverse a tone: the reversed tone is the tone conjugated by ZZ."""
_EXCITATIONS = np.array([0, 1, 1, 2])

_AROUND, _STEP_NS, _MOST_LENGTHS = 0.2, 1.5, 100
"""Screened lengths: the range around the length required by the ZX rate, in steps that resolve interference.
"""

_APART = np.array([0.1, 1.0, 10.0])
"""Smallest distance between starting points in log drive, turns and length (ns), so that not all have the same drive.
"""

_LOG_DRIVE, _TURNS, _LENGTH_NS, _PHASE_RAD = 0.05, 0.05, 1.0, 0.03
"""Steps that change the error by similar amounts."""
_SMALL = 1e-3
"""Fraction of these steps used for numerical derivatives."""
_UNIT = 1e-3
"""Error scale that gives suitable first steps."""
_MOST_STEPS, _FLAT = 12, 1e-4
_MOST_ERRORS, _CORNERS = 80, 0.7
"""Largest number of evaluations of a simplex, and the distance of its corners from the start in steps."""


class GateCandidate(NamedTuple):
    """Gate and its error.

    The error includes decoherence additively, but not that of X180. The phase of the control's Rabi frequency is zero,
    and that of the target includes crosstalk; `tone_ns` includes both edges, and `phase_rad` is that of both drives.
    """

    error: float
    drive_mhz: float
    on_target_mhz: complex
    tone_ns: float
    phase_rad: float


def _make_candidate(where: Floats, error: float = math.nan) -> GateCandidate:
    """Return the gate for a vector of search parameters."""
    drive, real, imaginary, tone_ns, phase = map(float, where)
    return GateCandidate(error, math.exp(drive), complex(real, imaginary), tone_ns, phase)


class GateSearch:
    """Search among gates of a pair with perfect one-qubit pulses at the true frequencies."""

    def __init__(self, pair: Pair) -> None:
        self._pair, self._transmons = pair, pair.transmons
        self._x180_ns = pair.control.design.pulse_length_ns
        control, target = (qubit.drive.rabi_mhz(1.0) for qubit in (pair.control, pair.target))
        self._full_scale_mhz = control * pair.coupling.tone_gain, target
        self._largest_mhz = min(
            _LARGEST_SHARE * abs(self._transmons.detuning_mhz), _LARGEST_MHZ, self._full_scale_mhz[0]
        )
        # Crosstalk on the target per MHz of the control, and the other way round.
        self._stray = pair.crosstalk * cmath.exp(-1j * pair.line_phase_rad) * target / control
        self._stray_back = pair.crosstalk_back * control / target
        # During the pi pulse of the control, half of the static ZZ acts on the target.
        turned = math.pi / 2 * self._transmons.dressed.static_zz_mhz * self._x180_ns * 1e-3
        self._echo = np.kron([[0, 1], [1, 0]], np.diag(np.exp([1j * turned, -1j * turned])))
        self._lengths_ns = np.linspace(_SHORTEST_NS, _LONGEST_NS, 99)
        self._lost = np.array([self._compute_loss(length) for length in self._lengths_ns])

    def screen(self, shares: Iterable[float], turns: Numbers) -> list[GateCandidate]:
        """Return the screened gates, the best first, for these drives of the control and rotations of the target.

        `shares` are drives in units of the largest. `turns`, shape (n,), are those of the target during one tone: along
        X with their sign, along other axes complex.
        """
        found = [one for share in shares for one in self._screen_drive(share * self._largest_mhz, turns)]
        return sorted(found, key=attrgetter("error"))

    def select_distinct(self, found: Iterable[GateCandidate], most: int) -> list[GateCandidate]:
        """Return the first gates that differ clearly from one another."""
        kept: list[tuple[Floats, GateCandidate]] = []
        for one in found:
            turns = one.on_target_mhz.real * (one.tone_ns - RISE_NS) * 1e-3
            place = np.array([math.log(one.drive_mhz), turns, one.tone_ns])
            if all(np.any(np.abs(place - other) > _APART) for other, _ in kept):
                kept.append((place, one))
            if len(kept) == most:
                break
        return [one for _, one in kept]

    def tune(self, start: GateCandidate) -> GateCandidate:
        """Return a gate at the nearest minimum of the error over drive, both quadratures on the target, length, phase."""
        from scipy.optimize import Bounds, minimize  # slow to import, and most commands search no gate

        origin, units, least, most = self._make_neighbours(start)

        def slope(steps: Floats) -> tuple[float, Floats]:
            return self._compute_error_and_slope(origin + units * steps, units)

        solved = minimize(
            slope,
            np.zeros(units.size),
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds((least - origin) / units, (most - origin) / units),
            options={"maxiter": _MOST_STEPS, "ftol": _FLAT, "gtol": _FLAT},
        )
        return _make_candidate(origin + units * solved.x, float(solved.fun) * _UNIT)

    def polish(self, start: GateCandidate, error_of: Callable[[GateCandidate], float]) -> GateCandidate:
        """Return the best gate found by a simplex search with another error function."""
        from scipy.optimize import minimize

        origin, units, least, most = self._make_neighbours(start)

        def error(steps: Floats) -> float:
            return error_of(_make_candidate(np.clip(origin + units * steps, least, most)))

        corners = np.vstack([np.zeros(units.size), -_CORNERS * np.eye(units.size)])
        solved = minimize(
            error,
            np.zeros(units.size),
            method="Nelder-Mead",
            options={"maxfev": _MOST_ERRORS, "initial_simplex": corners},
        )
        return _make_candidate(np.clip(origin + units * solved.x, least, most), float(solved.fun))

    def _make_neighbours(self, start: GateCandidate) -> tuple[Floats, Floats, Floats, Floats]:
        """Return a gate as search parameters, with limits, and steps of similar effects."""
        target = start.on_target_mhz
        origin = np.array(
            [math.log(start.drive_mhz), target.real, target.imag, start.tone_ns, start.phase_rad]
        )
        turn_mhz = 1e3 / max(start.tone_ns - RISE_NS, RISE_NS)
        units = np.array([_LOG_DRIVE, _TURNS * turn_mhz, _TURNS * turn_mhz, _LENGTH_NS, _PHASE_RAD])
        most = np.array([math.log(self._largest_mhz), np.inf, np.inf, _LONGEST_NS, np.inf])
        least = np.array([math.log(_SMALLEST * self._largest_mhz), -np.inf, -np.inf, _SHORTEST_NS, -np.inf])
        return origin, units, least, most

    def make_gate(self, found: GateCandidate) -> ZX90:
        """Return the gate as played, with a cancellation tone and a rotary tone along X."""
        turn = cmath.exp(1j * found.phase_rad)
        _, unconditional = self._compute_rates(found.drive_mhz)
        rotary = ((found.on_target_mhz + unconditional) * turn).real
        both = 1 - self._stray * self._stray_back
        cancel = (found.on_target_mhz - self._stray * found.drive_mhz) / both * turn - rotary
        drive = (found.drive_mhz - self._stray_back * found.on_target_mhz) / both * turn
        control, target = self._full_scale_mhz
        tone = CrossResonanceTone(
            amplitude=min(abs(drive) / control, 1.0),
            phase_rad=math.remainder(cmath.phase(drive) - self._pair.line_phase_rad, math.tau),
            cancel_amplitude=min(abs(cancel) / target, 1.0),
            cancel_phase_rad=cmath.phase(cancel),
            rotary_amplitude=rotary / target,
        )
        return ZX90(tone, found.tone_ns)

    def _screen_drive(self, drive_mhz: float, turns: Numbers) -> list[GateCandidate]:
        conditional, unconditional = self._compute_rates(drive_mhz)
        turning_ns = 125 / max(abs(conditional), 1e-6)
        nominal_ns = min(max(turning_ns + RISE_NS, _SHORTEST_NS), _LONGEST_NS)
        on_target = 1e3 * turns / turning_ns - unconditional
        shortest, longest = (nominal_ns * (1 + sign * _AROUND) for sign in (-1, 1))
        shortest, longest = max(shortest, _SHORTEST_NS), min(longest, _LONGEST_NS)
        count = min(math.ceil((longest - shortest) / _STEP_NS) + 2, _MOST_LENGTHS)
        lengths = np.broadcast_to(np.linspace(shortest, longest, count), (turns.size, count))
        tones = ManyTones.from_frequencies(self._transmons, np.full(turns.size, drive_mhz), on_target)
        evolutions = tones.evolutions(lengths * 1e-3, self._transmons.detuning_mhz)
        phases = self._choose_phases(evolutions)
        errors = self._compute_errors(evolutions, phases, lengths)
        errors[np.abs(on_target - self._stray * drive_mhz) > self._full_scale_mhz[1]] = 1.0
        walls = np.pad(errors, ((0, 0), (1, 1)), constant_values=np.inf)
        least = (errors <= walls[:, :-2]) & (errors <= walls[:, 2:])
        return [
            GateCandidate(
                float(errors[place]),
                drive_mhz,
                complex(on_target[place[0]]),
                float(lengths[place]),
                float(phases[place]),
            )
            for place in map(tuple, np.argwhere(least))
        ]

    def _compute_rates(self, drive_mhz: float) -> tuple[float, float]:
        """Return zx and ix (MHz) of a drive of the control alone."""
        flat = effective_hamiltonian(self._transmons, Drives(complex(drive_mhz), 0j), 0.0)
        ground, excited = 2 * flat[1, 0].real, 2 * flat[3, 2].real
        return float(ground - excited) / 2, float(ground + excited) / 2

    def _compute_error_and_slope(self, where: Floats, units: Floats) -> tuple[float, Floats]:
        moved = where + np.vstack([np.zeros(where.size), _SMALL * np.diag(units)])
        # Length and phase do not change the edges.
        edges = ManyTones.from_frequencies(
            self._transmons, np.exp(moved[:4, 0]), moved[:4, 1] + 1j * moved[:4, 2]
        )
        again = [0, 1, 2, 3, 0, 0]
        tones = ManyTones(edges.rise[again], edges.fall[again], edges.energies_mhz[again])
        lengths, phases = moved[:, 3:4], moved[:, 4:5]
        evolutions = tones.evolutions(lengths * 1e-3, self._transmons.detuning_mhz)
        errors = self._compute_errors(evolutions, phases, lengths)[:, 0]
        return float(errors[0]) / _UNIT, (errors[1:] - errors[0]) / _SMALL / _UNIT

    def _compute_errors(self, evolutions: Complexes, phases: Floats, lengths_ns: Floats) -> Floats:
        """Return the errors, shape (...), of gates from tones (..., 4, 4) with rotated drives."""
        gates = self._compute_gates(evolutions, phases)
        overlap = np.abs(np.einsum("ij,...ij->...", _UNITARY.conj(), gates)) ** 2
        stayed = np.sum(np.abs(gates) ** 2, axis=(-2, -1))
        # Pedersen, Moeller, Molmer, PLA 367, 47 (2007), for one Kraus operator.
        lost = np.interp(lengths_ns, self._lengths_ns, self._lost)
        return np.asarray(1 - (overlap + stayed) / 20 + lost)

    def _compute_gates(self, evolutions: Complexes, phases: Floats) -> Complexes:
        turn = np.exp(1j * phases[..., None] * _EXCITATIONS)
        first = turn[..., :, None] * evolutions * turn.conj()[..., None, :]
        second = _OPPOSITE[:, None] * first * _OPPOSITE
        return np.asarray(-self._echo @ second @ self._echo @ first)

    def _choose_phases(self, evolutions: Complexes) -> Floats:
        """Return the phases for which the target's conditional rotation is about X."""
        gates = self._compute_gates(evolutions, np.zeros(evolutions.shape[:-2]))
        about_x, about_y = (np.einsum("ij,...ji->...", pauli, gates) for pauli in (_ZX, _ZY))
        stayed = np.einsum("...ii->...", gates).conj()
        return np.asarray(-np.arctan2((1j * about_y * stayed).real, (1j * about_x * stayed).real))

    def _compute_loss(self, tone_ns: float) -> float:
        """Return the error due to decoherence of an ideal gate of that length."""
        pair, tones_us = self._pair, 2e-3 * tone_ns
        length_us = tones_us + 2e-3 * self._x180_ns
        lost = pair_error_limit(pair.control.coherence, pair.target.coherence, length_us=length_us)
        return lost - 0.75 * math.expm1(-pair.coupling.extra_rate * tones_us)
