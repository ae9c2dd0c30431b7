"""Randomized benchmarking: fits of the decay of random gate sequences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_r_squared
from qdash_analysis.inputs import Trace, require_same_length, validate_real, validate_sigma, validate_signal
from qdash_analysis.result import Estimate, FitResult, return_rejection
from qdash_analysis.sequence_decay import fit_sequence_decay

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FEWEST_LENGTHS = 4
"""Fewest distinct lengths that determine a decay."""

_AT_LEAST = 6


@return_rejection
def fit_rb(
    x: ArrayLike,
    y: ArrayLike,
    *,
    n_qubits: int = 1,
    sigma: ArrayLike | None = None,
    asymptote: float | None = None,
) -> FitResult:
    """Fit the decay of randomized benchmarking.

    Model: ``y = A alpha^x + B``, A of either sign (Magesan, Gambetta and Emerson, PRL 106, 180504 (2011)).

    Parameters
    ----------
    x
        Number of Cliffords of each sequence, shape ``(n,)``, ascending, at least 6 points of at least 4
        lengths. Give one point per sequence: with coherent errors, sequences of one length differ by more
        than the noise, and only separate points show this scatter, which grows with the length.
    y
        Survival or any signal that is linear in it, shape ``(n,)``.
    n_qubits
        Qubits on which the Cliffords act; d is 2 to this power.
    sigma
        Known 1-sigma noise of each `y`, scalar or shape ``(n,)``. Without it the scatter gives the errors.
    asymptote
        B if it is known: with half of the sequences ending in each state it is the middle of both. None to
        fit it, which needs sequences long enough to show it.

    Returns
    -------
    FitResult
        With `alpha`, `error_per_clifford` = (1 - alpha)(d - 1)/d and `average_gate_fidelity` = 1 - that. Errors are
        those of weighted least squares over all laws by which the scatter may grow with the length, each as likely as
        it makes the points; with several sequences per length, half of it is their own estimate (the sandwich of White,
        Econometrica 48, 817 (1980)). They never fall below those implied by `sigma`, equal them if the points show no
        more, and are scaled by the root of the reduced chi² of the means where that is significantly above one. A
        sequence that contradicts the others of its length, or the curve of the others where these are fewer than three,
        by more than 6 times their scatter is kept: it widens the error of their mean by its distance, and the message
        names it. Tests use the scatter of the sequences about the means of their lengths, or `sigma` if there are too
        few. Rejected: flat or pure noise, a decay not visible within the lengths or over before the second one, a trace
        that the model does not describe.

    Raises
    ------
    ValueError
        If an array is not 1-D, finite, of equal length and long enough, `x` is negative or descends, `sigma` or
        `n_qubits` is not positive, or `asymptote` is not a finite number.
    """
    half = _compute_lost_share(n_qubits)
    known = _validate_asymptote(asymptote)
    decay = fit_sequence_decay(_validate_points("x", x, y, sigma), asymptote=known)
    alpha, error = decay.alpha
    lost = half * (1 - alpha)
    return FitResult(
        success=True,
        message="exponential decay" + decay.stray_note,
        parameters={
            "alpha": Estimate(alpha, error, ""),
            "error_per_clifford": Estimate(lost, half * error, ""),
            "average_gate_fidelity": Estimate(1 - lost, half * error, ""),
        },
        r2=compute_r_squared(decay.means, decay.solution),
        reduced_chi2=decay.reduced_chi2,
        model=decay.model,
    )


@return_rejection
def fit_interleaved_rb(
    x: ArrayLike,
    y: ArrayLike,
    *,
    x_interleaved: ArrayLike,
    y_interleaved: ArrayLike,
    n_qubits: int = 1,
    sigma: ArrayLike | None = None,
    sigma_interleaved: ArrayLike | None = None,
    asymptote: float | None = None,
) -> FitResult:
    """Fit interleaved randomized benchmarking: the fidelity of one gate.

    Both traces are fitted as by `fit_rb`, each with its own A: at errors of a few percent the interleaved gate changes
    A by as much as the statistical error. Then ``gate_fidelity = 1 - (1 - p_interleaved / p_reference)(d - 1)/d``
    (Magesan et al., PRL 109, 080505 (2012), eq. 4). It may exceed one within its error.

    Parameters
    ----------
    x, y, sigma
        Reference sequences, as in `fit_rb`.
    x_interleaved, y_interleaved, sigma_interleaved
        Sequences with the gate after each Clifford, any number of points; lengths count the Cliffords only.
    n_qubits, asymptote
        As in `fit_rb`, common to both traces.

    Returns
    -------
    FitResult
        With `alpha` of the reference, `alpha_interleaved`, `gate_fidelity`, `coherent_shift` and `systematic_bound`.
        Coherent errors of the gate and of the Cliffords add up or cancel, which shifts the fidelity without a trace in
        the decays. But they make sequences of one length differ: the scatter beyond `sigma` gives `coherent_shift`, the
        size of that interference for an unknown phase (0 without known `sigma`). `systematic_bound` is the largest
        shift by any error (eq. 5 of that paper). Neither is in the error, which is statistical. `r2` and `reduced_chi2`
        are those of the worse trace, the model is that of the reference. Errors and rejections as in `fit_rb`.

    Raises
    ------
    ValueError
        As in `fit_rb`, for either trace.
    """
    half = _compute_lost_share(n_qubits)
    traces = (
        _validate_points("x", x, y, sigma),
        _validate_points("x_interleaved", x_interleaved, y_interleaved, sigma_interleaved),
    )
    known = _validate_asymptote(asymptote)
    reference, interleaved = (fit_sequence_decay(points, asymptote=known) for points in traces)
    (p, p_error), (q, q_error) = reference.alpha, interleaved.alpha
    ratio = q / p
    # Losses r and s interfere by 2 sqrt(r s) cos(phase), which is sqrt(2 r s) for an unknown phase. That of
    # the gate is half of the loss of its sequences or, if the two cancel, about that of a Clifford.
    of_gate = max(interleaved.coherent_loss / 2, reference.coherent_loss)
    shift = half * math.sqrt(2 * reference.coherent_loss * of_gate)
    error = half * ratio * float(np.hypot(p_error / p, q_error / q))
    bound = _bound_systematic_error(p, q, 2**n_qubits)
    chi2 = [d.reduced_chi2 for d in (reference, interleaved) if d.reduced_chi2 is not None]
    return FitResult(
        success=True,
        message=f"coherent errors may shift the gate fidelity by up to {bound:.2g} (Magesan's bound)"
        + reference.stray_note
        + interleaved.stray_note,
        parameters={
            "alpha": Estimate(p, p_error, ""),
            "alpha_interleaved": Estimate(q, q_error, ""),
            "gate_fidelity": Estimate(1 - half * (1 - ratio), error, ""),
            "coherent_shift": Estimate(shift, None, ""),
            "systematic_bound": Estimate(bound, None, ""),
        },
        r2=min(compute_r_squared(decay.means, decay.solution) for decay in (reference, interleaved)),
        reduced_chi2=max(chi2, default=None),
        model=reference.model,
    )


def _compute_lost_share(n_qubits: int) -> float:
    """Return (d - 1) / d."""
    if isinstance(n_qubits, bool) or not isinstance(n_qubits, (int, np.integer)) or n_qubits < 1:
        raise ValueError(f"n_qubits must be a positive whole number, got {n_qubits!r}")
    return 1 - 0.5 ** int(n_qubits)


def _validate_asymptote(given: float | None) -> float | None:
    if given is None:
        return None
    if np.ndim(given) or np.asarray(given).dtype.kind not in "iuf" or not np.isfinite(given):
        raise ValueError(f"asymptote must be a finite number, or None to fit it, got {given!r}")
    return float(given)


def _bound_systematic_error(p: float, q: float, d: int) -> float:
    """Return the bound of eq. 5 in Magesan et al., PRL 109, 080505 (2012)."""
    first = (d - 1) / d * (abs(p - q / p) + (1 - p))
    second = 2 * (d**2 - 1) * (1 - p) / (p * d**2) + 4 * np.sqrt((1 - p) * (d**2 - 1)) / p
    return float(min(first, second))


def _validate_points(name: str, x: ArrayLike, y: ArrayLike, sigma: ArrayLike | None) -> Trace:
    lengths, signal = validate_real(name, x), validate_signal(name.replace("x", "y"), y)
    require_same_length(lengths, signal)
    if lengths.size < _AT_LEAST:
        raise ValueError(f"{name} is too short: {lengths.size} points, at least {_AT_LEAST} are needed")
    if (np.diff(lengths) < 0).any() or lengths[0] < 0:
        raise ValueError(f"{name} must be sorted, repeats allowed, and not negative")
    if (different := np.unique(lengths).size) < FEWEST_LENGTHS:
        raise ValueError(f"{name} holds {different} lengths, at least {FEWEST_LENGTHS} are needed")
    return Trace(lengths, signal, validate_sigma(sigma, lengths.size), sigma is not None)
