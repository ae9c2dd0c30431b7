"""Exact evolution of undriven coupled qubits under static ZZ, relaxation and dephasing.

A coherence of a qubit rotates and decays, and populations mix, at rates that depend on the other qubits: the generator
is block diagonal, with a block for each set of qubits in populations and every coherence of the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.levels import make_relaxation
from qdash_fake.pulse_level.decay_maps import coherence_rates, population_rates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from qdash_fake.pulse_level.circuit import Circuit

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]
    Integers = NDArray[np.intp]


class _CoherenceBlocks(NamedTuple):
    """Blocks of one size: indices (b, k), rates (b, k), modes and inverse modes (b, k, k)."""

    places: Integers
    rates: Complexes
    modes: Complexes
    inverse: Complexes


@dataclass(frozen=True)
class IdleEvolution:
    """Waits as maps on density matrices (..., d, d), in the frame rotating with `frame_mhz`."""

    circuit: Circuit
    frame_mhz: float

    def evolve(self, states: Complexes, time_us: float) -> Complexes:
        """Return the states after a wait, without quasi-static detunings."""
        vectors = states.reshape(-1, self._size**2)
        found = np.empty_like(vectors)
        for places, rates, modes, inverse in self._blocks:
            inside = np.exp(rates * time_us)[..., None] * (inverse @ vectors[:, places][..., None])
            found[:, places] = (modes @ inside)[..., 0]
        return self._relax_uncoupled(found.reshape(states.shape), time_us)

    @property
    def _size(self) -> int:
        return math.prod(self.circuit.sizes)

    def _relax_uncoupled(self, states: Complexes, time_us: float) -> Complexes:
        """Return the states with corrected populations of qubits whose relaxation is not exponential."""
        sizes, count = self.circuit.sizes, len(self.circuit.sizes)
        for index, coherence in enumerate(self.circuit.coherences):
            if not coherence.mismatch.quasiparticles:
                continue
            ratio = float(coherence.relaxation(np.array(time_us))) * math.exp(time_us / coherence.t1_us)
            flow = make_relaxation(ratio, self.circuit.levels[index].thermal_population)
            tensor = states.reshape(-1, *sizes, *sizes).copy()
            # A view of the three lowest populations of this qubit for all states of the others.
            own = np.moveaxis(tensor, (1 + index, 1 + count + index), (0, 1))
            lowest = np.arange(3)
            own[lowest, lowest] = np.tensordot(flow, own[lowest, lowest], axes=1)
            states = tensor.reshape(states.shape)
        return states

    @cached_property
    def _blocks(self) -> list[_CoherenceBlocks]:
        count = len(self.circuit.sizes)
        subsets = chain.from_iterable(combinations(range(count), size) for size in range(count + 1))
        return [_solve_blocks(*self._block(subset)) for subset in subsets]

    def _block(self, flowing: tuple[int, ...]) -> tuple[Integers, Complexes]:
        """Return indices and generators of the blocks in which only these qubits are in populations."""
        sizes = self.circuit.sizes
        weights = [math.prod(sizes[index + 1 :]) for index in range(len(sizes))]
        turned = self.circuit.dressed
        energies = turned.energies_mhz - self.frame_mhz * turned.numbers.sum(axis=0)
        columns, rows, decays = self._list_coherences(flowing, weights)
        steps = np.zeros(1, dtype=np.intp)
        flow = np.zeros((1, 1))
        for index in flowing:
            size = sizes[index]
            steps = np.add.outer(steps, weights[index] * np.arange(size)).ravel()
            rates = population_rates(self.circuit.levels[index], size)
            flow = np.kron(flow, np.eye(size)) + np.kron(np.eye(flow.shape[0]), rates)
        row, column = rows[:, None] + steps, columns[:, None] + steps
        turning = -2j * np.pi * (energies[row] - energies[column]) - decays[:, None]
        generators = flow + np.eye(steps.size) * turning[:, None, :]
        return row * self._size + column, generators

    def _list_coherences(
        self, flowing: tuple[int, ...], weights: list[int]
    ) -> tuple[Integers, Integers, Floats]:
        """Return columns, rows and decay rates of all coherences of the qubits that are not in populations."""
        rows = columns = np.zeros(1, dtype=np.intp)
        decays = np.zeros(1)
        for index, size in enumerate(self.circuit.sizes):
            if index in flowing:
                continue
            row, column = np.nonzero(~np.eye(size, dtype=np.bool_))
            rows = np.add.outer(rows, weights[index] * row).ravel()
            columns = np.add.outer(columns, weights[index] * column).ravel()
            rates = coherence_rates(self.circuit.levels[index], size)[row, column]
            decays = np.add.outer(decays, rates).ravel()
        return columns, rows, decays


def _solve_blocks(places: Integers, generators: Complexes) -> _CoherenceBlocks:
    rates, modes = np.linalg.eig(generators)
    return _CoherenceBlocks(places, rates, modes, np.linalg.inv(modes))


def iter_orders(circuit: Circuit) -> Iterator[tuple[tuple[int, ...], NDArray[np.bool_]]]:
    """Yield every coherence order (n - n' of each qubit) with the mask (d, d) of its elements."""
    numbers = circuit.dressed.numbers
    differences = numbers[:, :, None] - numbers[:, None, :]
    different = np.unique(differences.reshape(len(numbers), -1), axis=1).T
    for order in different:
        yield tuple(int(one) for one in order), (differences == order[:, None, None]).all(axis=0)
