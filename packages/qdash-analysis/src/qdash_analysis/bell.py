"""Fidelity of a Bell state from three correlations."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.density_matrix import project_on_simplex
from qdash_analysis.joint_readout import (
    PARITY,
    build_observable,
    combine_counts,
    validate_calibration,
    validate_counts,
)
from qdash_analysis.physical import StateResult, clip_estimate
from qdash_analysis.result import Estimate, NoEffect, NoSignal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from qdash_analysis.inputs import Floats

PHI_PLUS: Mapping[str, int] = MappingProxyType({"XX": 1, "YY": -1, "ZZ": 1})
"""Correlations of (|00> + |11>)/sqrt(2)."""

_PURE = 1e-9
_OF_BELL_STATES = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
"""Signs of the correlations in the four Bell states, relative to those in the first."""


def fit_bell(
    counts: Mapping[str, ArrayLike], calibration: ArrayLike, *, signs: Mapping[str, int] = PHI_PLUS
) -> StateResult:
    """Estimate the fidelity of a Bell state.

    ``F = (1 + sum of sign times correlation) / 4``, which is exact for any state: the projector on a Bell state is the
    sum of its stabilisers (Guehne et al., Phys. Rev. A 76, 030305 (2007)). Readout errors are corrected by multiplying
    the measured counts by the inverse of the 4 x 4 confusion matrix (Bravyi et al., Phys. Rev. A 103, 042605 (2021)).

    Three such correlations determine the probabilities of four Bell states. These are estimated by least squares, none
    of them negative (Guta et al., J. Phys. A 53, 204001 (2020)), so that no fidelity is above 1; the raw ones may be.

    Parameters
    ----------
    counts
        Outcomes 00, 01, 10, 11 in each basis, first qubit first, at least 20 shots each: ``{"XX": [..], ...}``. Outcome
        0 is the eigenvalue +1. Bases other than those of `signs` are ignored.
    calibration
        Outcomes of each commanded state, shape ``(4, 4)``, one state per row.
    signs
        Bases and signs of the three correlations that define the state. The default is (|00> + |11>)/sqrt(2); e.g.
        ``{"XY": 1, "YX": 1, "ZZ": 1}`` is (|00> + i|11>)/sqrt(2).

    Returns
    -------
    StateResult
        With `bell_state_fidelity` and `correlation_xx`, ... of each basis, of a physical state and, not clamped, in
        `raw`. `covariance` is that of the raw ones, in this order: of the counts and of the calibration, which is
        common to the bases. There is no model, and no density matrix. Rejected: a readout that does not separate the
        four states.

    Raises
    ------
    ValueError
        If counts or calibration are missing, too few, too many to be exact, not whole or negative, or `signs`
        are not those of a state.
    """
    _require_state(signs)
    measured, rows = validate_counts(counts, signs), validate_calibration(calibration)
    weights = np.zeros((1 + len(signs), len(signs), PARITY.size))
    for place, sign in enumerate(signs.values()):
        weights[1 + place, place] = PARITY
        weights[0, place] = sign * PARITY / 4
    try:
        values, covariance = combine_counts(measured, rows).sum_weighted(weights)
    except NoEffect as refusal:
        return StateResult(success=False, message=str(refusal), no_signal=isinstance(refusal, NoSignal))
    values[0] += 1 / 4
    names = ["bell_state_fidelity", *(f"correlation_{basis.lower()}" for basis in signs)]
    raw = {
        name: Estimate(value, error, "")
        for name, value, error in zip(names, values, np.sqrt(np.diag(covariance)), strict=True)
    }
    ends = dict.fromkeys(names, -1.0) | {names[0]: 0.0}
    return StateResult(
        success=True,
        message=f"Bell state from {', '.join(signs)}, readout errors undone",
        parameters={
            name: clip_estimate(value, raw[name], least=ends[name], most=1.0)
            for name, value in zip(names, _project_on_mixtures(values[1:], signs), strict=True)
        },
        raw=raw,
        covariance=covariance,
    )


def _project_on_mixtures(correlations: Floats, signs: Mapping[str, int]) -> Floats:
    """Return fidelity and correlations of the nearest mixture of the four Bell states."""
    wanted = _OF_BELL_STATES * np.array([*signs.values()])
    shares = project_on_simplex((1 + wanted @ correlations)[None] / 4)[0]
    return np.array([shares[0], *(shares @ wanted)])


def _require_state(signs: Mapping[str, int]) -> None:
    """Raise `ValueError` unless a single state has correlations of these three signs."""
    if len(signs) != 3 or any(len(basis) != 2 or not set(basis) <= set("XYZ") for basis in signs):
        raise ValueError(f"signs must name three bases such as XX, got {', '.join(signs) or 'none'}")
    if any(sign not in (-1, 1) for sign in signs.values()):
        raise ValueError(f"signs must be 1 or -1, got {dict(signs)}")
    projector = np.eye(4, dtype=np.complex128) / 4
    for basis, sign in signs.items():
        projector += sign * build_observable(basis) / 4
    if not np.allclose(projector @ projector, projector, atol=_PURE):
        raise ValueError(f"signs must be those of a Bell state, but no state has all of {dict(signs)}")
