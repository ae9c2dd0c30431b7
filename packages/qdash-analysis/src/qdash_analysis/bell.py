"""The fidelity of a Bell state from three correlations."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.joint_readout import (
    PARITY,
    checked_calibration,
    checked_counts,
    mitigated,
    observable,
)
from qdash_analysis.result import Estimate, FitResult, refusing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from qdash_analysis.inputs import Floats

PHI_PLUS: Mapping[str, int] = MappingProxyType({"XX": 1, "YY": -1, "ZZ": 1})
"""Correlations of (|00> + |11>)/sqrt(2)."""

_PURE = 1e-9


@refusing
def fit_bell(
    counts: Mapping[str, ArrayLike], calibration: ArrayLike, *, signs: Mapping[str, int] = PHI_PLUS
) -> FitResult:
    """Estimate the fidelity of a Bell state.

    ``F = (1 + sum of sign times correlation) / 4``, which is exact for any state that was made: the projector on a Bell state
    is the sum of its stabilisers (Guehne et al., Phys. Rev. A 76, 030305 (2007)). The counts are those before the readout,
    the measured ones times the inverse of the 4 x 4 confusion matrix (Bravyi et al., Phys. Rev. A 103, 042605 (2021)).

    Parameters
    ----------
    counts
        Outcomes 00, 01, 10, 11 in each basis, first qubit first, at least 20 shots each: ``{"XX": [..], ...}``. Outcome 0 is
        the eigenvalue +1. Other bases than those of `signs` are left out.
    calibration
        Outcomes of each commanded state, shape ``(4, 4)``, one state a row.
    signs
        The state: three bases and the sign of the correlation in each. (|00> + |11>)/sqrt(2) unless given; e.g.
        ``{"XY": 1, "YX": 1, "ZZ": 1}`` is (|00> + i|11>)/sqrt(2).

    Returns
    -------
    FitResult
        With `bell_state_fidelity`, not clamped to 1, and `correlation_xx`, ... of each basis. `covariance` is that of all of
        them, in this order: of the counts and of the calibration, which is common to the bases. There is no model. Refused: a
        readout that does not tell the four states apart.

    Raises
    ------
    ValueError
        If counts or calibration are missing, too few, not whole or negative, or `signs` are not those of a state.
    """
    _require_state(signs)
    measured, rows = checked_counts(counts, signs), checked_calibration(calibration)
    weights = np.zeros((1 + len(signs), len(signs), PARITY.size))
    for place, sign in enumerate(signs.values()):
        weights[1 + place, place] = PARITY
        weights[0, place] = sign * PARITY / 4
    values, covariance = mitigated(measured, rows).linear(weights)
    values[0] += 1 / 4
    names = ["bell_state_fidelity", *(f"correlation_{basis.lower()}" for basis in signs)]
    return FitResult(
        success=True,
        message=f"Bell state from {', '.join(signs)}, readout errors undone",
        parameters=_estimates(names, values, covariance),
        covariance=covariance,
    )


def _estimates(names: list[str], values: Floats, covariance: Floats) -> dict[str, Estimate]:
    errors = np.sqrt(np.diag(covariance))
    return {
        name: Estimate(value, error, "") for name, value, error in zip(names, values, errors, strict=True)
    }


def _require_state(signs: Mapping[str, int]) -> None:
    """Raise `ValueError` unless the three correlations can all have these signs at once, and in one state only."""
    if len(signs) != 3 or any(len(basis) != 2 or not set(basis) <= set("XYZ") for basis in signs):
        raise ValueError(f"signs must name three bases such as XX, got {', '.join(signs) or 'none'}")
    if any(sign not in (-1, 1) for sign in signs.values()):
        raise ValueError(f"signs must be 1 or -1, got {dict(signs)}")
    projector = np.eye(4, dtype=np.complex128) / 4
    for basis, sign in signs.items():
        projector += sign * observable(basis) / 4
    if not np.allclose(projector @ projector, projector, atol=_PURE):
        raise ValueError(f"signs must be those of a Bell state, but no state has all of {dict(signs)}")
