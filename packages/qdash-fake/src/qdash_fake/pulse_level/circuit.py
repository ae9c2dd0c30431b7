"""Circuit of coupled qubits that are driven together, with its levels, lines and crosstalk.

Each qubit has a few levels. In the frame that rotates with frequency f (rotating-wave approximation)::

    H/h = sum_q [(w_q - f) n_q + a_q n_q (n_q - 1) / 2] + sum J (c_p^+ c_q + h.c.) + sum_q (z_q c_q^+ + h.c.) / 2

as for two qubits in `physics.pair`. Matrices are in the basis of the undriven dressed states, each labelled by the bare
state with which it overlaps most, the first qubit most significant.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from qdash_fake.physics.pair import compute_bare_mhz

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, CouplingTruth
    from qdash_fake.physics.coherence import Coherence
    from qdash_fake.physics.drive import Drive
    from qdash_fake.physics.levels import Levels

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_LEVELS, _DRIVEN_HARD = 3, 4
"""Number of levels of a qubit, and of a qubit whose line is driven at another qubit's frequency."""
_MOST_STEPS = 30
_CLOSE_MHZ = 1e-7


class DressedCircuit(NamedTuple):
    """Dressed states of the undriven qubits.

    Energies are those of the d states, 0 with all qubits in |0>. Excitations of each of the n qubits have the shape (n,
    d), and only drives change their sum; lowering operators have the shape (n, d, d).
    """

    energies_mhz: Floats
    numbers: Integers
    lowering: Floats


@dataclass(frozen=True, slots=True)
class Circuit:
    """Coupled qubits of a circuit. Hashable for caching.

    Attributes
    ----------
    frequencies_mhz
        Dressed f01 of each qubit, with all other qubits in |0>.
    exchanges
        Indices of two coupled qubits and their exchange in MHz.
    heard
        Crosstalk: complex amplitude of a tone on a line (second index) at a qubit (first index), relative to the same tone
        on the qubit's own line.
    line_gains
        Complex gain of a line (first index) at the frequency of a qubit (second index), relative to that qubit's
        own line.
    extra_rates
        Rate (1/us) at which both qubits depolarise during such a tone.
    """

    frequencies_mhz: tuple[float, ...]
    levels: tuple[Levels, ...]
    drives: tuple[Drive, ...]
    coherences: tuple[Coherence, ...]
    sizes: tuple[int, ...]
    exchanges: tuple[tuple[int, int, float], ...]
    heard: tuple[tuple[complex, ...], ...]
    line_gains: tuple[tuple[complex, ...], ...]
    extra_rates: tuple[tuple[float, ...], ...]

    @classmethod
    def from_chip(cls, chip: ChipTruth, qids: Sequence[str], controls: Collection[str]) -> Circuit:
        """Return the circuit of some qubits of a chip.

        Lines of `controls` are driven at frequencies of other qubits.
        """
        qubits = [chip.qubits[qid] for qid in qids]
        between = _list_couplings(chip, qids)
        every = range(len(qids))

        def heard(qid: int, line: int) -> complex:
            if qid == line:
                return 1.0
            # A dead line has no crosstalk either.
            size = 0.0 if qubits[line].drive.dead else qubits[qid].crosstalk.get(qids[line], (0.0,))[0]
            coupling = between.get((line, qid))
            return cmath.rect(
                size, coupling.crosstalk_phases_rad[_get_direction(coupling, qids[line])] if coupling else 0.0
            )

        def gain(line: int, toward: int) -> complex:
            coupling = between.get((line, toward))
            if coupling is None:
                return 1.0
            return cmath.rect(
                coupling.tone_gain, coupling.line_phases_rad[_get_direction(coupling, qids[line])]
            )

        return cls(
            frequencies_mhz=tuple(qubit.frequency_ghz * 1e3 for qubit in qubits),
            levels=tuple(qubit.levels for qubit in qubits),
            drives=tuple(qubit.drive for qubit in qubits),
            coherences=tuple(qubit.coherence for qubit in qubits),
            sizes=tuple(_DRIVEN_HARD if qid in controls else _LEVELS for qid in qids),
            exchanges=tuple(
                (one, other, coupling.exchange_mhz)
                for (one, other), coupling in between.items()
                if one < other
            ),
            heard=tuple(tuple(heard(qid, line) for line in every) for qid in every),
            line_gains=tuple(tuple(gain(line, toward) for toward in every) for line in every),
            extra_rates=tuple(
                tuple(
                    between[pair].extra_rate if pair in between else 0.0
                    for pair in ((one, other) for other in every)
                )
                for one in every
            ),
        )

    @property
    def dressed(self) -> DressedCircuit:
        """Dressed states of the undriven qubits."""
        anharmonicities = tuple(one.anharmonicity_mhz for one in self.levels)
        return _diagonalise(self.frequencies_mhz, anharmonicities, self.exchanges, self.sizes)

    def rabi_mhz(self, line: int, *, own: bool) -> tuple[complex, ...]:
        """Return the Rabi frequency of each qubit at full scale of a line.

        At the frequency of its `own` qubit it is that of the dressed qubit with all others in |0>, as measured, which
        includes the drive through the other qubits.
        """
        weights = [
            drive.rabi_mhz(1.0) * heard[line] for drive, heard in zip(self.drives, self.heard, strict=True)
        ]
        gain = _compute_gain(self, line) if own else 1.0
        return tuple(weight / gain for weight in weights)


@lru_cache(maxsize=256)
def _compute_gain(circuit: Circuit, line: int) -> complex:
    """Return the drive strength of a tone on the dressed qubit, relative to that on the isolated qubit."""
    dressed = circuit.dressed
    excited = int(np.flatnonzero((dressed.numbers.sum(axis=0) == 1) & (dressed.numbers[line] == 1))[0])
    elements = dressed.lowering[:, 0, excited]
    reaching = np.asarray(circuit.rabi_mhz(line, own=False))
    return complex(reaching @ elements / reaching[line])


def _list_couplings(chip: ChipTruth, qids: Sequence[str]) -> dict[tuple[int, int], CouplingTruth]:
    """Return the couplings among the qubits by the indices of their ends, in both directions."""
    place = {qid: index for index, qid in enumerate(qids)}
    found = {}
    for coupling in chip.couplings.values():
        if coupling.a in place and coupling.b in place:
            one, other = place[coupling.a], place[coupling.b]
            found[one, other] = found[other, one] = coupling
    return found


def _get_direction(coupling: CouplingTruth, control: str) -> int:
    return 0 if control == coupling.a else 1


@lru_cache(maxsize=256)
def _diagonalise(
    frequencies_mhz: tuple[float, ...],
    anharmonicities_mhz: tuple[float, ...],
    exchanges: tuple[tuple[int, int, float], ...],
    sizes: tuple[int, ...],
) -> DressedCircuit:
    numbers = np.indices(sizes).reshape(len(sizes), -1)
    bare = np.asarray(_compute_bare_mhz(frequencies_mhz, exchanges))
    squares = numbers * (numbers - 1) / 2
    lowering = np.stack([_make_lowering(index, sizes) for index in range(len(sizes))])
    hamiltonian: Floats = np.diag(bare @ numbers + np.asarray(anharmonicities_mhz) @ squares)
    for one, other, exchange_mhz in exchanges:
        swap = exchange_mhz * lowering[one].T @ lowering[other]
        hamiltonian += swap + swap.T
    energies, states = np.linalg.eigh(hamiltonian)
    # As in `physics.pair`: each bare state labels one dressed state, such that the sum of the overlaps is largest.
    _, order = linear_sum_assignment(-(states**2))
    states = states[:, order]
    states = states * np.where(np.diag(states) < 0, -1.0, 1.0)
    return DressedCircuit(energies[order], numbers, states.T @ lowering @ states)


def _make_lowering(index: int, sizes: tuple[int, ...]) -> Floats:
    found: Floats = np.eye(1)
    for place, size in enumerate(sizes):
        one: Floats = np.diag(np.sqrt(np.arange(1.0, size)), 1) if place == index else np.eye(size)
        found = np.asarray(np.kron(found, one))
    return found


def _compute_bare_mhz(
    frequencies_mhz: tuple[float, ...], exchanges: tuple[tuple[int, int, float], ...]
) -> list[float]:
    """Return the bare frequencies that give the dressed ones.

    Two qubits repel each other as in `physics.pair`. Iteration removes the remainder of the sum of shifts of three
    qubits, or gives the best result if it does not converge, as in a frequency collision.
    """
    wanted = np.asarray(frequencies_mhz)
    bare: Floats = wanted.copy()
    for one, other, exchange_mhz in exchanges:
        first, second = compute_bare_mhz(wanted[one] - wanted[other], exchange_mhz)
        bare[one] += first - (wanted[one] - wanted[other])
        bare[other] += second
    best, least = bare, np.inf
    for _ in range(_MOST_STEPS if len(exchanges) > 1 else 0):
        missing = wanted - _find_single_excitations(bare, exchanges)
        if (size := float(np.abs(missing).max())) >= least:
            break
        best, least = bare, size
        if least < _CLOSE_MHZ:
            break
        bare = np.asarray(bare + missing)
    return [float(one) for one in best]


def _find_single_excitations(bare_mhz: Floats, exchanges: tuple[tuple[int, int, float], ...]) -> Floats:
    """Return the dressed frequencies with one excitation, by the qubit that each state overlaps with most."""
    hamiltonian: Floats = np.diag(bare_mhz)
    for one, other, exchange_mhz in exchanges:
        hamiltonian[one, other] = hamiltonian[other, one] = exchange_mhz
    energies, states = np.linalg.eigh(hamiltonian)
    _, order = linear_sum_assignment(-(states**2))
    return np.asarray(energies[order])
