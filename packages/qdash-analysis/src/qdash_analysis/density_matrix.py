"""Density matrices of two qubits: maximum likelihood, nearest physical matrix, and concurrence."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.joint_readout import OUTCOMES, PAULIS, build_observable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_analysis.inputs import Floats

Complexes = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]

_ITERATIONS = 400
_CONVERGED = 1e-5
_DILUTED = 0.004
_RARE = 1e-12
_FLIP = build_observable("YY")


def build_projectors(bases: Sequence[str]) -> Complexes:
    """Return the projectors on each outcome of each basis, shape ``(k, 4, 4, 4)``."""
    return np.array([_build_of_basis(basis) for basis in bases])


@cache
def _build_of_basis(basis: str) -> Complexes:
    halves = [[(PAULIS["I"] + sign * PAULIS[axis]) / 2 for sign in (1, -1)] for axis in basis]
    return np.array([np.kron(first, second) for first in halves[0] for second in halves[1]])


def maximise_likelihood(counts: Floats, confusion: Floats, bases: Sequence[str]) -> Complexes:
    """Return the density matrices of maximum likelihood: positive, trace one.

    Readout errors are part of the measurement: outcome o is the sum of the projectors on all true outcomes, weighted by
    the probability to read them as o. Starts from the corrected linear estimate (Smolin, Gambetta and Smith, PRL 108,
    070502 (2012)), and iterates R rho R (Hradil et al. in Quantum State Estimation, Springer (2004)).

    `counts` of each outcome in each basis have the shape ``(b, k, 4)`` for b experiments, `confusion` has the
    probability of each outcome (last axis) for each true one, shape ``(b, 4, 4)``, and the matrices have the shape
    ``(b, 4, 4)``.
    """
    true = build_projectors(bases).reshape(len(bases), OUTCOMES, 16)
    seen = np.einsum("bto,kti->bkoi", confusion, true).reshape(counts.shape[0], -1, 16)
    share = counts.reshape(counts.shape[0], -1)
    share = share / share.sum(axis=1, keepdims=True)
    rho = _estimate_start(counts, confusion, bases)
    for _ in range(_ITERATIONS):
        probability = (seen.conj() @ rho.reshape(-1, 16, 1))[..., 0].real
        ratio = share / np.maximum(probability, _RARE)
        weight = (ratio[:, None, :] @ seen).reshape(-1, 4, 4)
        moved = weight @ rho @ weight
        moved /= np.trace(moved, axis1=1, axis2=2)[:, None, None]
        change = float(np.abs(moved - rho).max())
        rho = moved
        if change < _CONVERGED:
            break
    return rho


def _estimate_start(counts: Floats, confusion: Floats, bases: Sequence[str]) -> Complexes:
    """Estimate a start: the linear estimate without negative eigenvalues, mixed since R rho R cannot restore a zero."""
    share = counts / counts.sum(axis=2, keepdims=True) @ np.linalg.inv(confusion)
    return (1 - _DILUTED) * find_nearest_states(estimate_linearly(share, bases)) + _DILUTED * np.eye(4) / 4


def estimate_linearly(shares: Floats, bases: Sequence[str]) -> Complexes:
    """Return the matrices (b, 4, 4) of trace one, positive or not, that fit outcome probabilities (b, k, 4) best."""
    true = build_projectors(bases).reshape(-1, 16)
    return np.asarray(
        (np.linalg.pinv(true.conj()) @ shares.reshape(shares.shape[0], -1, 1)).reshape(-1, 4, 4)
    )


def find_nearest_states(matrices: Complexes) -> Complexes:
    """Return the density matrices nearest to matrices ``(b, n, n)`` in the Frobenius norm.

    Smolin, Gambetta, Smith, PRL 108, 070502 (2012).
    """
    values, vectors = np.linalg.eigh((matrices + matrices.conj().swapaxes(1, 2)) / 2)
    return np.asarray((vectors * project_on_simplex(values)[:, None, :]) @ vectors.conj().swapaxes(1, 2))


def project_on_simplex(values: Floats) -> Floats:
    """Project each row, shape ``(b, n)``, onto non-negative numbers that add up to one."""
    falling = np.sort(values, axis=1)[:, ::-1]
    excess = (np.cumsum(falling, axis=1) - 1) / np.arange(1, values.shape[1] + 1)
    last = np.sum(falling > excess, axis=1) - 1
    return np.asarray(np.maximum(values - excess[np.arange(values.shape[0]), last][:, None], 0.0))


def compute_concurrences(rho: Complexes) -> Floats:
    """Return the concurrence of each density matrix, shape ``(b,)`` (Wootters, PRL 80, 2245 (1998))."""
    flipped = _FLIP @ rho.conj() @ _FLIP
    roots = np.sqrt(np.maximum(np.linalg.eigvals(rho @ flipped).real, 0.0))
    roots.sort(axis=1)
    return np.asarray(np.maximum(roots[:, 3] - roots[:, :3].sum(axis=1), 0.0))
