"""What a laboratory answers: mean points in the IQ plane and how well they are known, or every single shot."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.iq_noise import covariance_of_mean
from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.noise import never_zero

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOCK = "clock_s"
"""Attribute of raw data: what the clock of the target showed when the last sweep began."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One target's averaged sweep.

    A map has a second axis, by `rows` or by what the request says of it: every array but `x` then has shape (m, n).

    Attributes
    ----------
    x
        What was swept, as it was **played**, shape (n,), in the unit of the request's axis.
    iq
        Mean of the shots of each point, complex, shape (n,), a.u.
    sigma
        Standard error of the mean of each quadrature: I in the real part, Q in the imaginary one, shape (n,), a.u.
    covariance
        Covariance of the means of I and Q, shape (n,), a.u.². With `sigma` it gives the standard error along any axis:
        shots scatter more along the line between |0> and |1> than across it.
    began_s
        When the measurement began, by the clock of the laboratory or of the wall, in s; None: not known.
    ends
        Of random sequences: which were closed to end in |1>, shape (n,), or (n, 2) for control and target; else None.
    rows
        Second axis of a map that is swept, as it was played, shape (m,); else None.
    """

    x: NDArray[np.float64]
    iq: NDArray[np.complex128]
    sigma: NDArray[np.complex128]
    covariance: NDArray[np.float64]
    _: KW_ONLY
    began_s: float | None = None
    ends: NDArray[np.bool_] | None = None
    rows: NDArray[np.float64] | None = None

    @classmethod
    def from_shots(
        cls,
        x: NDArray[np.float64],
        shots: NDArray[np.complex128],
        *,
        began_s: float | None = None,
        ends: NDArray[np.bool_] | None = None,
        rows: NDArray[np.float64] | None = None,
    ) -> Trace:
        """Return the mean of every point's shots, and its errors from their scatter.

        Parameters
        ----------
        shots
            Complex, shape (n, shots), or (m, n, shots) for a map, a.u.
        began_s, ends, rows
            As they are kept.

        Raises
        ------
        InvalidInputError
            If there are fewer than two shots: one tells nothing about its error; or all shots of every point are equal.
        """
        count = shots.shape[-1]
        if count < 2:
            raise InvalidInputError(f"{count} shots (or blocks) a point: errors need at least two")
        found = never_zero(covariance_of_mean(shots), count)
        sigma = np.sqrt(found[..., 0, 0]) + 1j * np.sqrt(found[..., 1, 1])
        return cls(x, shots.mean(axis=-1), sigma, found[..., 0, 1], began_s=began_s, ends=ends, rows=rows)

    @classmethod
    def from_blocks(
        cls,
        x: NDArray[np.float64],
        blocks: NDArray[np.complex128],
        *,
        began_s: float | None = None,
        ends: NDArray[np.bool_] | None = None,
        rows: NDArray[np.float64] | None = None,
    ) -> Trace:
        """Return what `from_shots` does, given means of blocks of as many shots each: shape (n, blocks) or (m, n, blocks).

        Ten blocks and more: of fewer the errors themselves are known badly (to 1 / sqrt(2 (blocks - 1))).
        """
        return cls.from_shots(x, blocks, began_s=began_s, ends=ends, rows=rows)

    def as_map(self, x: NDArray[np.float64], *, rows: NDArray[np.float64] | None = None) -> Trace:
        """Return points that were measured row by row, each row over `x`, as a map."""
        shape = (-1, x.size)
        return replace(
            self,
            x=x,
            iq=self.iq.reshape(shape),
            sigma=self.sigma.reshape(shape),
            covariance=self.covariance.reshape(shape),
            rows=rows,
        )

    def row(self, index: int) -> Trace:
        """Return one row of a map as a trace; what sequences were closed to end in stays that of all."""
        return replace(
            self,
            iq=self.iq[index],
            sigma=self.sigma[index],
            covariance=self.covariance[index],
            rows=None,
        )


@dataclass(frozen=True, slots=True)
class ShotRecord:
    """Every shot of one request.

    Attributes
    ----------
    iq
        Complex, shape (shots,), or (shots, 2) for control and target, a.u.
    began_s
        When the measurement began, by the clock of the laboratory or of the wall, in s; None: not known.
    """

    iq: NDArray[np.complex128]
    began_s: float | None = None
