"""Pauli transfer matrices of two qubits, and their generators."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_ONE = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
PAULIS: Complexes = np.einsum("aij,bkl->abikjl", _ONE, _ONE).reshape(16, 4, 4)
"""``P x Q`` for P, Q in (I, X, Y, Z), control first, shape (16, 4, 4)."""

_ROWS = PAULIS.reshape(16, 16)
_TERMS = 9
_SMALL = 0.25


def pauli_transfer(evolution: Complexes) -> Floats:
    """Return the transfer matrices of evolutions (..., 4, 4), unitary or not, shape (..., 16, 16)."""
    product = evolution[..., :, None, :, None] * evolution.conj()[..., None, :, None, :]
    both = product.reshape(*evolution.shape[:-2], 16, 16)
    return np.asarray((_ROWS.conj() @ both @ _ROWS.T).real / 4)


def commutator(hamiltonian_mhz: Complexes) -> Floats:
    """Return ``-2 pi i [H, .]`` in 1/us for a Hamiltonian (4, 4), shape (16, 16)."""
    one = np.eye(4)
    # For a matrix stored by rows, H rho is H x 1, and rho H is 1 x H^T.
    generator = -2j * np.pi * (np.kron(hamiltonian_mhz, one) - np.kron(one, hamiltonian_mhz.T))
    return np.asarray((_ROWS.conj() @ generator @ _ROWS.T).real / 4)


def exponentials(generators: Floats) -> Floats:
    """Return the exponentials of small matrices (n, k, k) by scaling and squaring of a Taylor series.

    The first omitted term of the series is at most ``0.25^10 / 10! = 3e-13``.
    """
    largest = float(np.abs(generators).sum(axis=-1).max(initial=0.0))
    squarings = max(math.ceil(math.log2(largest / _SMALL)), 0) if largest else 0
    part = generators / 2**squarings
    one = np.eye(generators.shape[-1])
    found = one + part / _TERMS
    for order in range(_TERMS - 1, 0, -1):
        found = one + part @ found / order
    for _ in range(squarings):
        found = found @ found
    return np.asarray(found)
