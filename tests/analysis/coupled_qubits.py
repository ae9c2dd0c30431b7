"""Simulation of two coupled qubits for the tests: Lindblad's equation, and states read with errors."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Complexes = np.ndarray[Any, np.dtype[np.complex128]]

PAULIS: dict[str, Complexes] = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}
BELL = np.array([1, 0, 0, 1]) / np.sqrt(2)
BASES = ["".join(pair) for pair in product("XYZ", repeat=2)]

_SLICES = 64
_LOWERING = np.array([[0, 1], [0, 0]], dtype=complex)
_TO_Z = {
    "X": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "Y": np.array([[1, -1j], [1, 1j]]) / np.sqrt(2),
    "Z": np.eye(2),
}


def pauli(name: str) -> Complexes:
    """Return the product of two Pauli operators, control first."""
    return np.kron(PAULIS[name[0]], PAULIS[name[1]])


def target_under_tone(
    times_us: Floats,
    rates_mhz: dict[str, float],
    *,
    control_t1_us: float,
    target_t1_us: float,
    target_t2_us: float,
    wrong: float,
    edges_rad: Floats | None = None,
    beside_us: float = 0.03,
) -> Floats:
    """Return X, Y, Z of the target with the control in 0, then in 1, shape ``(6, n)``.

    The control starts in the other state with the probability `wrong`; both qubits relax, the target dephases. Before and
    after the tone the target turns by the vectors `edges_rad`, one for each state of the control, shape ``(2, 3)``; then, for
    a time `beside_us`, about Z alone.
    """
    turning = np.pi * beside_us * sum(rates_mhz[name] * np.diag(pauli(name.upper())) for name in ("zz", "iz"))
    beside = np.diag(np.exp(-1j * turning))
    edge = _conditional_turn(np.zeros((2, 3)) if edges_rad is None else edges_rad)
    hamiltonian = np.pi * sum(rate * pauli(name.upper()) for name, rate in rates_mhz.items())
    dephasing = max(1 / target_t2_us - 0.5 / target_t1_us, 0.0)
    lost = [
        np.sqrt(1 / control_t1_us) * np.kron(_LOWERING, np.eye(2)),
        np.sqrt(1 / target_t1_us) * np.kron(np.eye(2), _LOWERING),
        np.sqrt(dephasing / 2) * pauli("IZ"),
    ]
    values, vectors = np.linalg.eig(_lindblad(hamiltonian, lost))
    found = []
    for share in (wrong, 1 - wrong):
        rho = edge @ np.kron(np.diag([1 - share, share]), np.diag([1.0, 0.0])) @ edge.conj().T
        start = np.linalg.solve(vectors, rho.ravel())
        states = (vectors @ (start[:, None] * np.exp(np.outer(values, times_us)))).T.reshape(-1, 4, 4)
        states = beside @ edge @ states @ edge.conj().T @ beside.conj().T
        found += [np.einsum("nij,ji->n", states, pauli("I" + axis)).real for axis in "XYZ"]
    return np.array(found)


def target_under_shaped_tone(
    lengths_us: Floats, drive_mhz: Floats, *, zz_mhz: float, edge_us: float, reading_us: float
) -> Floats:
    """Return X, Y, Z of the target after tones with raised-cosine edges, the control in 0, then in 1, shape
    ``(6, n)``.

    No decoherence. The static ZZ is always there, with the control in |1>: also half of it in the pulse that reads X and Y.

    Parameters
    ----------
    lengths_us
        With both edges, shape ``(n,)``.
    drive_mhz
        Rates about X and Y of the flat part, one row for each state of the control, shape ``(2, 2)``.
    """
    rising = np.sin(np.pi / 2 * (np.arange(_SLICES) + 0.5) / _SLICES) ** 2
    found = []
    for across, z in zip(drive_mhz, (0.0, -zz_mhz), strict=True):
        slices = [_rotation(np.array([*(height * across), z]) * edge_us / _SLICES) for height in rising]
        path = np.array([0.0, 0.0, 1.0])
        for step in slices:
            path = step @ path
        path = np.array(
            [_rotation(np.array([*across, z]) * (long - 2 * edge_us)) @ path for long in lengths_us]
        ).T
        for step in slices[::-1]:
            path = step @ path
        found += [*(_rotation(np.array([0.0, 0.0, z]) * reading_us / 2) @ path)]
    return np.array(found)


def _rotation(turns: Floats) -> Floats:
    """Return the right-handed rotation about a vector, by its length in turns (Rodrigues)."""
    size = float(np.linalg.norm(turns))
    cross = np.cross(np.eye(3), turns / max(size, 1e-30))
    return np.asarray(
        np.eye(3) + np.sin(2 * np.pi * size) * cross + (1 - np.cos(2 * np.pi * size)) * cross @ cross
    )


def _conditional_turn(angles: Floats) -> Complexes:
    """Return the unitary that rotates the target about a vector for each state of the control."""
    found = np.zeros((4, 4), dtype=complex)
    for state, vector in enumerate(angles):
        generator = sum(angle / 2 * PAULIS[axis] for angle, axis in zip(vector, "XYZ", strict=True))
        values, vectors = np.linalg.eigh(generator)
        block = slice(2 * state, 2 * state + 2)
        found[block, block] = (vectors * np.exp(-1j * values)) @ vectors.conj().T
    return found


def _lindblad(hamiltonian: Complexes, lost: list[Complexes]) -> Complexes:
    one = np.eye(hamiltonian.shape[0])
    found = -1j * (np.kron(hamiltonian, one) - np.kron(one, hamiltonian.T))
    for operator in lost:
        decay = operator.conj().T @ operator
        found += np.kron(operator, operator.conj()) - (np.kron(decay, one) + np.kron(one, decay.T)) / 2
    return found


def fringe_factors(
    times_us: Floats, frequencies_mhz: tuple[float, float], *, control_t1_us: float, wrong: float
) -> Complexes:
    """Return phase factors of the target, shape ``(2, n)``, averaged over the time at which the control
    relaxes.
    """
    first, second = (2j * np.pi * frequency for frequency in frequencies_mhz)
    rate, jump = 1 / control_t1_us, np.linspace(0, 1, 401) * times_us[:, None]
    jumped = rate * np.exp((second - first - rate) * jump + first * times_us[:, None])
    factors = np.array(
        [
            np.exp(first * times_us),
            np.exp((second - rate) * times_us) + np.trapezoid(jumped, jump, axis=1),
        ]
    )
    return (1 - wrong) * factors + wrong * factors[::-1]


def imperfect_bell_state(rng: np.random.Generator) -> Complexes:
    """Return a Bell state after a random unitary near the identity, relaxation of both qubits and
    depolarisation.
    """
    names = ["".join(pair) for pair in product("IXYZ", repeat=2)][1:]
    size = np.exp(rng.uniform(np.log(0.003), np.log(0.1)))
    generator = sum(size * rng.normal() * pauli(name) for name in names)
    values, vectors = np.linalg.eigh(generator)
    turned = (vectors * np.exp(1j * values)) @ vectors.conj().T @ BELL
    rho = np.outer(turned, turned.conj())
    for qubit in (0, 1):
        lost = np.exp(rng.uniform(np.log(0.001), np.log(0.05)))
        stays, falls = np.diag([1, np.sqrt(1 - lost)]), np.sqrt(lost) * _LOWERING
        both = [
            np.kron(kraus, np.eye(2)) if qubit == 0 else np.kron(np.eye(2), kraus) for kraus in (stays, falls)
        ]
        rho = sum(kraus @ rho @ kraus.conj().T for kraus in both)
    mixed = np.exp(rng.uniform(np.log(0.001), np.log(0.1)))
    return (1 - mixed) * rho + mixed * np.eye(4) / 4


def confusion(rng: np.random.Generator) -> Floats:
    """Return the confusion matrix of a joint readout, one state per row, with a small correlated part."""
    each = [np.array([[1 - a, a], [b, 1 - b]]) for a, b in rng.uniform(0.003, 0.06, (2, 2))]
    found = np.kron(*each) + rng.uniform(0, 0.004, (4, 4))
    return found / found.sum(axis=1, keepdims=True)


def outcomes(rho: Complexes, basis: str) -> Floats:
    """Return the probabilities of 00, 01, 10, 11 in a basis such as XY."""
    turn = np.kron(_TO_Z[basis[0]], _TO_Z[basis[1]])
    found = np.clip(np.diag(turn @ rho @ turn.conj().T).real, 0, None)
    return found / found.sum()


def counted(
    rng: np.random.Generator,
    rho: Complexes,
    readout: Floats,
    *,
    bases: list[str],
    shots: int,
    calibration: int,
) -> tuple[dict[str, Floats], Floats]:
    """Return the counts of each basis and of each prepared state."""
    counts = {basis: rng.multinomial(shots, outcomes(rho, basis) @ readout) for basis in bases}
    return counts, np.array([rng.multinomial(calibration, row) for row in readout])
