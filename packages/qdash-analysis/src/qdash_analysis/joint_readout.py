"""Joint readout counts of two qubits, with correction of readout errors.

Outcomes and commanded states are 00, 01, 10, 11, in this order, the first qubit first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.result import NoEffect, NoSignal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.inputs import Floats

OUTCOMES = 4
FEWEST_SHOTS = 20
"""Fewest shots of one circuit for which the counts are nearly normal."""
_MOST_SHOTS = 2.0**53
"""Largest exact count in double precision."""

PAULIS: dict[str, NDArray[np.complex128]] = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
}
PARITY = np.array([1.0, -1.0, -1.0, 1.0])
"""Sign of the correlation in each outcome."""

_WEAKEST = 0.05
_SIGNIFICANT = 5.0
_HALF_A_COUNT = 0.5


@dataclass(frozen=True, slots=True)
class Shares:
    """Relative frequencies of outcomes in several circuits, shape ``(k, 4)``, each row adding up to one.

    `shots` is the number of each circuit, shape ``(k,)``.
    """

    values: Floats
    shots: Floats

    @classmethod
    def from_counts(cls, counts: Floats) -> Shares:
        """Return the frequencies of counts of shape ``(k, 4)``."""
        shots = counts.sum(axis=1)
        return cls(counts / shots[:, None], shots)

    @property
    def covariance(self) -> Floats:
        """Multinomial covariance of each row, shape ``(k, 4, 4)``.

        Half a count is added to each outcome: one that did not occur is not impossible.
        """
        raised = self.values * self.shots[:, None] + _HALF_A_COUNT
        likely = raised / raised.sum(axis=1, keepdims=True)
        found = likely[:, :, None] * (np.eye(OUTCOMES) - likely[:, None, :])
        return np.asarray(found / self.shots[:, None, None])


@dataclass(frozen=True, slots=True)
class MitigatedCounts:
    """Outcomes of several circuits, and the confusion matrix of the readout, one row for each commanded state."""

    measured: Shares
    confusion: Shares

    def sum_weighted(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return weighted sums over circuits and true outcomes, corrected for readout errors.

        `weights` of each circuit and true outcome have the shape ``(m, k, 4)``. Returns values ``(m,)`` and covariance
        ``(m, m)``: first-order propagation of the multinomial counts of circuits and calibration, which all circuits
        share.
        """
        inverse = np.linalg.inv(self.confusion.values)
        on_measured = weights @ inverse.T
        true = self.measured.values @ inverse
        values = np.einsum("mko,ko->m", on_measured, self.measured.values)
        covariance = np.einsum("mko,kop,nkp->mn", on_measured, self.measured.covariance, on_measured)
        on_confusion = np.einsum("ks,mko->mso", true, on_measured)
        covariance += np.einsum("mso,sop,nsp->mn", on_confusion, self.confusion.covariance, on_confusion)
        return values, covariance


def combine_counts(counts: Floats, calibration: Floats) -> MitigatedCounts:
    """Return counts ``(k, 4)`` with their calibration; raise `NoEffect` if it does not separate the states."""
    found = MitigatedCounts(Shares.from_counts(counts), Shares.from_counts(calibration))
    weakest = float(np.linalg.svd(found.confusion.values, compute_uv=False)[-1])
    by_chance = _SIGNIFICANT * 0.5 / float(np.sqrt(found.confusion.shots.min()))
    needed = max(_WEAKEST, by_chance)
    if weakest < needed:
        raise (NoSignal if weakest < by_chance else NoEffect)(
            f"the readout does not tell the four states apart: least singular value of the confusion matrix {weakest:.2g}, "
            f"at least {needed:.2g} is needed"
        )
    return found


def validate_calibration(calibration: ArrayLike) -> Floats:
    """Return the counts of the four commanded states, shape ``(4, 4)``, or raise `ValueError`."""
    array = np.asarray(calibration)
    if array.shape != (OUTCOMES, OUTCOMES):
        raise ValueError(
            f"calibration must hold four counts for each of four commanded states, got shape {array.shape}"
        )
    rows = [_validate_row(f"calibration of {state:02b}", row) for state, row in enumerate(array)]
    return np.array(rows)


def validate_counts(counts: Mapping[str, ArrayLike], bases: Iterable[str]) -> Floats:
    """Return the counts in the given `bases`, shape ``(k, 4)``, or raise `ValueError`."""
    wanted = list(bases)
    if not isinstance(counts, Mapping):
        found = type(counts).__name__
        raise ValueError(  # noqa: TRY004 - as for all that is no data
            f"counts must be a mapping from basis to four counts, got {found}"
        )
    if missing := [basis for basis in wanted if basis not in counts]:
        raise ValueError(f"counts of {', '.join(missing)} are missing, got {', '.join(counts) or 'none'}")
    return np.array([_validate_row(f"counts of {basis}", counts[basis]) for basis in wanted])


def _validate_row(name: str, given: ArrayLike) -> Floats:
    row = np.asarray(given)
    if row.shape != (OUTCOMES,) or row.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be four numbers, of 00, 01, 10, 11, got {given!r}")
    if not np.isfinite(row).all() or (row < 0).any() or (row != np.round(row)).any():
        raise ValueError(f"{name} must be whole numbers and not negative, got {row.tolist()}")
    if row.sum() < FEWEST_SHOTS:
        raise ValueError(f"{name} are too few: {int(row.sum())} shots, at least {FEWEST_SHOTS} are needed")
    if row.sum() > _MOST_SHOTS:
        raise ValueError(
            f"{name} are too many: {row.sum():.2g} shots, at most {_MOST_SHOTS:.2g} can be counted one by one"
        )
    return row.astype(np.float64)


def build_observable(name: str) -> NDArray[np.complex128]:
    """Return the matrix of a product of two Pauli operators, such as ``"XY"``."""
    return np.asarray(np.kron(PAULIS[name[0]], PAULIS[name[1]]), dtype=np.complex128)
