"""What a sweep gives back: mean points in the IQ plane and how well they are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLOCK = "clock_s"
"""Attribute of raw data: what the clock of the target showed when the last sweep began."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One qubit's averaged sweep.

    A map has a second axis, which its caller chose: every array but `x` then has shape (m, n).

    Attributes
    ----------
    x
        What was swept, shape (n,), in the unit of the argument it came from.
    iq
        Mean of the shots of each point, complex, shape (n,), a.u.
    sigma
        Standard error of the mean of each quadrature: I in the real part, Q in the imaginary one, shape (n,), a.u. The
        part that the states make is that of the shots that were drawn, so it scatters from point to point; the part of
        the amplifier is its true size, which a laboratory would have to estimate too.
    covariance
        Covariance of the means of I and Q, shape (n,), a.u.². With `sigma` it gives the standard error along any axis:
        shots scatter more along the line between |0> and |1> than across it.
    """

    x: NDArray[np.float64]
    iq: NDArray[np.complex128]
    sigma: NDArray[np.complex128]
    covariance: NDArray[np.float64]

    def as_map(self, x: NDArray[np.float64]) -> Trace:
        """Return points that were measured row by row, each row over `x`, as a map."""
        shape = (-1, x.size)
        return Trace(x, self.iq.reshape(shape), self.sigma.reshape(shape), self.covariance.reshape(shape))
