"""Answers of a laboratory: mean points in the IQ plane with their errors, or every single shot."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.iq_noise import compute_covariance_of_mean
from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.noise import replace_zero_covariances

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLOCK = "clock_s"
"""Attribute of raw data: the target's clock at the start of the last sweep."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Averaged sweep of one target.

    A map has a second axis, given by `rows` or defined by the request: every array except `x` then has shape (m, n).

    Attributes
    ----------
    x
        Sweep as it was **played**, shape (n,), in the unit of the request's axis.
    iq
        Mean of the shots of each point, complex, shape (n,), a.u.
    sigma
        Standard error of the mean of each quadrature: I in the real part, Q in the imaginary one, shape (n,), a.u.
    covariance
        Covariance of the means of I and Q, shape (n,), a.u.²: with `sigma`, the standard error along any axis. Shots
        scatter more along the line between |0> and |1>.
    began_s
        Start time in s, by the laboratory's clock or wall-clock time, or None if it is unknown.
    ends
        Whether each random sequence was closed to end in |1>, shape (n,), or (n, 2) for control and target;
        otherwise None.
    rows
        Second swept axis of a map, as it was played, shape (m,); otherwise None.
    order
        Place of each point in time, shape (n,), if the task shuffled them; otherwise None. No laboratory sets it.
    """

    x: NDArray[np.float64]
    iq: NDArray[np.complex128]
    sigma: NDArray[np.complex128]
    covariance: NDArray[np.float64]
    _: KW_ONLY
    began_s: float | None = None
    ends: NDArray[np.bool_] | None = None
    rows: NDArray[np.float64] | None = None
    order: NDArray[np.intp] | None = None

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
        """Return the mean of the shots of every point, with errors from their scatter.

        `shots` is complex with shape (n, shots), or (m, n, shots) for a map, a.u.

        Raises
        ------
        InvalidInputError
            If there are fewer than two shots, which give no error, or all shots of every point are equal.
        """
        count = shots.shape[-1]
        if count < 2:
            raise InvalidInputError(f"{count} shots (or blocks) per point: errors need at least two")
        found = replace_zero_covariances(compute_covariance_of_mean(shots), count)
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
        """Return the mean of equal blocks as `from_shots`, shape (n, blocks) or (m, n, blocks).

        Use ten blocks or more: with fewer the errors themselves are uncertain (relative error 1 / sqrt(2
        (blocks - 1))).
        """
        return cls.from_shots(x, blocks, began_s=began_s, ends=ends, rows=rows)

    def as_map(self, x: NDArray[np.float64], *, rows: NDArray[np.float64] | None = None) -> Trace:
        """Reshape points measured row by row, each row over `x`, into a map."""
        shape = (-1, x.size)
        return replace(
            self,
            x=x,
            iq=self.iq.reshape(shape),
            sigma=self.sigma.reshape(shape),
            covariance=self.covariance.reshape(shape),
            rows=rows,
        )

    def take(self, places: NDArray[np.intp]) -> Trace:
        """Return the points at some places of a sweep, in this order."""
        return replace(
            self,
            x=self.x[places],
            iq=self.iq[places],
            sigma=self.sigma[places],
            covariance=self.covariance[places],
            ends=None if self.ends is None else self.ends[places],
            order=None if self.order is None else self.order[places],
        )

    def row(self, index: int) -> Trace:
        """Return one row of a map as a trace, with the `ends` of all rows."""
        return replace(
            self,
            iq=self.iq[index],
            sigma=self.sigma[index],
            covariance=self.covariance[index],
            rows=None,
        )


@dataclass(frozen=True, slots=True)
class ShotRecord:
    """Single shots of one request.

    `iq` is complex with shape (shots,), or (shots, 2) for control and target, a.u. `began_s` is the start in s, by the
    laboratory's or the wall clock, or None if it is unknown.
    """

    iq: NDArray[np.complex128]
    began_s: float | None = None
