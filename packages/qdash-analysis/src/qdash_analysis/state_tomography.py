"""State tomography of two qubits: the density matrix, and its fidelity with the wanted state."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.density_matrix import build_projectors, compute_concurrences, maximise_likelihood
from qdash_analysis.joint_readout import (
    OUTCOMES,
    PARITY,
    MitigatedCounts,
    build_observable,
    combine_counts,
    validate_calibration,
    validate_counts,
)
from qdash_analysis.physical import StateResult, clip_estimate
from qdash_analysis.result import Estimate, NoEffect, NoSignal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats

BASES = tuple(map("".join, product("XYZ", repeat=2)))
"""The nine measurement bases of two qubits."""

_PHI_PLUS = np.array([1, 0, 0, 1]) / np.sqrt(2)
_REPEATS = 60
_PRESENT = 0.01
"""Eigenvalue of a density matrix above which it counts as a free parameter: on the border of the physical
states it is not.
"""
_FIRST = np.array([1.0, 1.0, -1.0, -1.0])
_SECOND = np.array([1.0, -1.0, 1.0, -1.0])


def fit_state_tomography(
    counts: Mapping[str, ArrayLike],
    calibration: ArrayLike,
    *,
    state: ArrayLike | None = None,
    seed: int = 0,
) -> StateResult:
    """Estimate the density matrix of two qubits from measurements in nine bases.

    The density matrix is the maximum-likelihood one, readout errors included: its eigenvalues are not
    negative, so its fidelity is never above 1, and is biased to one side near a pure state. The linear
    estimate is unbiased, and may be unphysical.

    Parameters
    ----------
    counts
        Outcomes 00, 01, 10, 11 in each basis, first qubit first, at least 20 shots each:
        ``{"XX": [..], "XY": [..], ...}``. Outcome 0 is the eigenvalue +1.
    calibration
        Outcomes of each commanded state, shape ``(4, 4)``, one state per row.
    state
        Amplitudes of the wanted state, shape ``(4,)``; default (|00> + |11>)/sqrt(2).
    seed
        Seed of the bootstrap.

    Returns
    -------
    StateResult
        With `bell_state_fidelity`, the overlap with `state`, `purity` and `concurrence` of the density matrix, within
        intervals of possible values (`possible`). In `raw` fidelity and purity are those of the linear estimate, not
        clamped; their errors are the propagated multinomial ones of counts and calibration. The raw concurrence is that
        of the density matrix, shifted by the bias from a parametric bootstrap of counts and calibration, which also
        gives its error. `reduced_chi2` compares the readout-corrected probabilities of all outcomes with those of the
        density matrix, and `r2` is the explained part of their chi² about 1/4: counts that no state gives, such as
        those of exchanged bases, have a large `reduced_chi2` and a small `r2`. There is no model. Rejected: a readout
        that does not separate the four states.

    Raises
    ------
    ValueError
        If counts or calibration are missing, too few, too many to be exact, not whole or negative, or `state`
        is not four finite amplitudes.
    """
    wanted = _validate_state(state)
    measured, rows = validate_counts(counts, BASES), validate_calibration(calibration)
    try:
        data = combine_counts(measured, rows)
    except NoEffect as refusal:
        return StateResult(success=False, message=str(refusal), no_signal=isinstance(refusal, NoSignal))
    rho = maximise_likelihood(measured[None], data.confusion.values[None], BASES)[0]
    chi2, of_nothing, freedom = _compute_misfit(data, rho)
    found = {
        "bell_state_fidelity": ((wanted.conj() @ rho @ wanted).real, _estimate_fidelity(data, wanted), 0.0),
        "purity": (np.trace(rho @ rho).real, _estimate_purity(data), 1 / OUTCOMES),
        "concurrence": (
            compute_concurrences(rho[None])[0],
            _estimate_concurrence(data, rho, np.random.default_rng(seed)),
            0.0,
        ),
    }
    raw = {name: Estimate(*linear, "") for name, (_, linear, _) in found.items()}
    return StateResult(
        success=True,
        message="likeliest density matrix",
        parameters={
            name: clip_estimate(float(value), raw[name], least=least, most=1.0)
            for name, (value, _, least) in found.items()
        },
        raw=raw,
        density_matrix=rho,
        r2=1 - chi2 / of_nothing if of_nothing else 0.0,
        reduced_chi2=chi2 / freedom,
    )


def _validate_state(state: ArrayLike | None) -> NDArray[np.complex128]:
    try:
        amplitudes = np.asarray(_PHI_PLUS if state is None else state, dtype=np.complex128)
    except (TypeError, ValueError):
        amplitudes = np.empty(0, dtype=np.complex128)
    if amplitudes.shape != (OUTCOMES,) or not np.isfinite(amplitudes).all() or not amplitudes.any():
        raise ValueError(f"state must be four finite amplitudes, not all zero, got {state!r}")
    amplitudes = (
        amplitudes / np.abs(amplitudes).max()
    )  # squares of very large or small numbers would overflow or vanish
    return np.asarray(amplitudes / np.linalg.norm(amplitudes))


def _build_pauli_weights() -> tuple[list[str], Floats]:
    """Return the 15 Pauli products, and the weights that estimate them from all outcomes, shape ``(15, 9, 4)``.

    One-qubit terms are means over the three bases of the other qubit.
    """
    names = ["".join(pair) for pair in product("IXYZ", repeat=2)][1:]
    weights = np.zeros((len(names), len(BASES), OUTCOMES))
    for row, name in enumerate(names):
        fitting = [place for place, basis in enumerate(BASES) if _is_measured(basis, name)]
        signs = PARITY if "I" not in name else _SECOND if name[0] == "I" else _FIRST
        weights[row, fitting] = signs / len(fitting)
    return names, weights


def _is_measured(basis: str, name: str) -> bool:
    return all(wanted in ("I", axis) for axis, wanted in zip(basis, name, strict=True))


def _compute_misfit(data: MitigatedCounts, rho: NDArray[np.complex128]) -> tuple[float, float, int]:
    """Return chi² of the density matrix and of the fully mixed state, and the degrees of freedom."""
    told = OUTCOMES - 1  # probabilities add up to one
    weights = np.eye(len(BASES) * OUTCOMES).reshape(-1, len(BASES), OUTCOMES)
    free = np.arange(len(weights)) % OUTCOMES < told
    values, covariance = data.sum_weighted(weights[free])
    expected = np.einsum("koij,ji->ko", build_projectors(BASES), rho).real.ravel()[free]
    chi2, of_nothing = (
        float(left @ np.linalg.solve(covariance, left)) for left in (values - expected, values - 1 / OUTCOMES)
    )
    rank = max(int(np.sum(np.linalg.eigvalsh(rho) > _PRESENT)), 1)
    parameters = 2 * OUTCOMES * rank - rank**2 - 1
    return chi2, of_nothing, values.size - parameters


def _estimate_fidelity(data: MitigatedCounts, wanted: NDArray[np.complex128]) -> tuple[float, float]:
    """Return the overlap with the `wanted` state, and its error."""
    names, weights = _build_pauli_weights()
    expected = np.array([(wanted.conj() @ build_observable(name) @ wanted).real for name in names])
    values, covariance = data.sum_weighted(np.tensordot(expected, weights, 1)[None] / 4)
    return float(values[0]) + 1 / 4, float(np.sqrt(covariance[0, 0]))


def _estimate_purity(data: MitigatedCounts) -> tuple[float, float]:
    """Estimate the purity from the linear estimate without the part of noise, and its error to second order."""
    values, covariance = data.sum_weighted(_build_pauli_weights()[1])
    purity = (1 + float(np.sum(values**2)) - float(np.trace(covariance))) / 4
    variance = (4 * values @ covariance @ values + 2 * np.sum(covariance**2)) / 16
    return purity, float(np.sqrt(variance))


def _estimate_concurrence(
    data: MitigatedCounts, rho: NDArray[np.complex128], rng: np.random.Generator
) -> tuple[float, float]:
    """Estimate the concurrence of the maximum-likelihood density matrix, corrected for bias, and its error."""
    confusion = data.confusion.values
    ideal = np.einsum("koij,ji->ko", build_projectors(BASES), rho).real @ confusion
    counts = _resample(rng, ideal, data.measured.shots)
    rows = _resample(rng, confusion, data.confusion.shots)
    again = maximise_likelihood(counts, rows / rows.sum(axis=2, keepdims=True), BASES)
    repeated = compute_concurrences(again)
    found = float(compute_concurrences(rho[None])[0])
    bias = float(repeated.mean()) - found
    return found - bias, float(np.hypot(repeated.std(ddof=1), bias))


def _resample(rng: np.random.Generator, probability: Floats, shots: Floats) -> Floats:
    """Return resampled counts with the same shots of each circuit, shape ``(repeats, k, 4)``."""
    likely = np.maximum(probability, 0.0)
    likely = likely / likely.sum(axis=1, keepdims=True)
    return rng.multinomial(shots.astype(np.int64), likely, size=(_REPEATS, shots.size)).astype(np.float64)
