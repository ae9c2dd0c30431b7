"""Time-stepped integration of the master equation of two coupled and driven transmons in their bare states."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.integrate import solve_ivp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.levels import Levels
    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.program import Play

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


class FinePair:
    """A pair of a chip with a chosen number of levels of the control, and three of the target."""

    def __init__(self, pair: Pair, levels: int) -> None:
        self.pair, self.sizes = pair, (levels, 3)
        control, target = (np.diag(np.sqrt(np.arange(1.0, size)), 1) for size in self.sizes)
        self.lowering = [np.kron(control, np.eye(3)), np.kron(np.eye(levels), target)]
        self.total = sum(one.T @ one for one in self.lowering)
        self.frame_mhz = pair.target.frequency_ghz * 1e3
        self.undriven = self._undriven()
        energies, states = np.linalg.eigh(self.undriven)
        order = [int(np.argmax(np.abs(row))) for row in states]
        self.states = states[:, order] * np.sign(np.diag(states[:, order]))
        self.energies = energies[order]

    def populations(self, plays: Sequence[Play], until_ns: float) -> Floats:
        """Return the probabilities of the four outcomes by initial basis state, shape (4, 4)."""
        outcome = [2 * min(one, 1) + min(other, 1) for one in range(self.sizes[0]) for other in range(3)]
        starts = np.stack([np.outer(state, state) for state in self.states.T[[0, 1, 3, 4]]])
        there = self._evolved(starts, plays, until_ns)
        chances = np.einsum("ia,sij,ja->sa", self.states, there, self.states).real
        found = np.zeros((4, 4))
        np.add.at(found.T, outcome, chances.T)
        return found

    def _undriven(self) -> Floats:
        """Return the Hamiltonian in MHz in the frame of the target."""
        pair, both = self.pair, (self.pair.control, self.pair.target)
        apart = (pair.control.frequency_ghz - pair.target.frequency_ghz) * 1e3
        bare = np.sign(apart) * np.sqrt(apart**2 - 4 * pair.coupling.exchange_mhz**2)
        found = np.zeros_like(self.total)
        for lower, qubit, sign in zip(self.lowering, both, (1, -1), strict=True):
            number = lower.T @ lower
            found += (apart + sign * bare) / 2 * number
            found += qubit.anharmonicity_ghz * 500 * number @ (number - np.eye(len(number)))
        swap = self.lowering[0].T @ self.lowering[1]
        return np.asarray(found + pair.coupling.exchange_mhz * (swap + swap.T))

    def _weights(self, play: Play) -> Complexes:
        """Return the Rabi frequencies (MHz) of control and target for a unit shape of a play."""
        pair = self.pair
        rabi = [qubit.drive.rabi_mhz(play.amplitude) for qubit in (pair.control, pair.target)]
        if play.line == pair.control.qid:
            phase = np.exp(1j * pair.line_phase_rad)
            found = np.array([rabi[0], rabi[1] * pair.crosstalk / phase])
            if play.toward is not None:
                return found * phase
            own, excited = 0, 3
        else:
            found = np.array([rabi[0] * pair.crosstalk_back, rabi[1]])
            own, excited = 1, 1
        # The measured Rabi frequency of a single qubit is that of its dressed states.
        elements = [self.states[:, excited] @ lower.T @ self.states[:, 0] for lower in self.lowering]
        return found * rabi[own] / (found @ elements)

    def _dissipators(self) -> list[tuple[Complexes, float]]:
        found = []
        for index, qubit in enumerate((self.pair.control, self.pair.target)):
            for operator, rate in jumps(qubit.levels, self.sizes[index]):
                parts = [np.eye(size) for size in self.sizes]
                parts[index] = operator
                found.append((self.states @ np.kron(*parts) @ self.states.T, rate))
        return found

    def _evolved(self, starts: Floats, plays: Sequence[Play], until_ns: float) -> Complexes:
        drives = [
            (play, np.tensordot(self._weights(play), [lower.T for lower in self.lowering], axes=1) / 2)
            for play in plays
        ]
        losing = [(jump, rate, jump.T @ jump) for jump, rate in self._dissipators()]

        def slope(t_ns: float, vector: Complexes) -> Complexes:
            state = vector.reshape(starts.shape)
            hamiltonian = self.undriven.astype(complex)
            for play, raising in drives:
                if play.start_ns <= t_ns <= play.end_ns:
                    shape = play.waveform.at(np.array([t_ns - play.start_ns]))[0]
                    turned = (
                        play.phase_rad - 2e-3 * np.pi * (play.frequency_ghz * 1e3 - self.frame_mhz) * t_ns
                    )
                    driven = shape * np.exp(1j * turned) * raising
                    hamiltonian = hamiltonian + driven + driven.conj().T
            found = -2j * np.pi * (hamiltonian @ state - state @ hamiltonian)
            for jump, rate, both in losing:
                found += rate * (jump @ state @ jump.T - (both @ state + state @ both) / 2)
            return np.asarray(found.ravel() * 1e-3)

        edges = sorted({0.0, until_ns, *(time for play in plays for time in (play.start_ns, play.end_ns))})
        vector = starts.astype(complex).ravel()
        for begin, end in pairwise(edges):
            vector = solve_ivp(slope, (begin, end), vector, method="DOP853", rtol=1e-7, atol=1e-8).y[:, -1]
        return np.asarray(vector.reshape(starts.shape))


def jumps(levels: Levels, size: int) -> list[tuple[Floats, float]]:
    """Return operators and rates (1/us) of one qubit: each step down by itself, one up, and pure dephasing."""

    def step(low: int, high: int) -> Floats:
        found = np.zeros((size, size))
        found[low, high] = 1.0
        return found

    down = (1 - levels.thermal_population) / levels.t1_us
    found = [(step(0, 1), down), (step(1, 0), levels.thermal_population / levels.t1_us)]
    found += [(step(high - 1, high), high / levels.t1_us) for high in range(2, size)]
    dephasing = 1 / levels.t2_us - 1 / (2 * levels.t1_us)
    return [*found, (np.diag(np.arange(float(size))), 2 * dephasing)]
