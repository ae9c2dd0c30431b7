"""Envelope of a coherence decay, and the comparison of its possible shapes.

White frequency noise gives an exponential envelope, quasi-static noise a Gaussian one, both together their
product (Ithier et al., Phys. Rev. B 72, 134519 (2005)). In terms of the 1/e time T all are

    exp(-(m t/T + (1 - m) (t/T)**2)),    1 >= m >= 0,

exponential at m = 1, Gaussian at m = 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from qdash_analysis.candidates import Candidate, average_models, weight_models
from qdash_analysis.leastsq import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Basis, Solution

EnvelopeShape = Literal["auto", "exponential", "gaussian"]
"""Shape of an envelope; `auto` weights all shapes by their likelihood."""

EXPONENTIAL = "exponential"
_LONGEST = 12.0
_EARLIEST = 50.0
_OUTSIDE = 0.5
_BEYOND = 0.25
_LIKELY = 0.1


@dataclass(frozen=True, slots=True)
class Envelope:
    """Envelope of a decay on one window.

    It is one at `start`, so that a window that starts late does not underflow; T is fitted as log(T / span), in the
    unit of x. `mix` is the exponential share m, or ``None`` to fit it.
    """

    start: float
    span: float
    mix: float | None = 1.0

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate at delays `x`, shape ``(n,)``.

        `theta` of shape ``(..., m)`` ends in log T, and in m if that is fitted.
        """
        fixed = self.mix is not None
        log_time = theta[..., -1:] if fixed else theta[..., -2:-1]
        # T far outside the window means "not seen": its size is then irrelevant, but overflow is not.
        rate = np.exp(-np.minimum(np.maximum(log_time, -_LONGEST), _LONGEST)) / self.span
        late = x - self.start
        if self.mix == 1:
            exponent = rate * late
        else:
            share = theta[..., -1:] if self.mix is None else self.mix
            exponent = rate * late * (share + (1 - share) * rate * (x + self.start))
        return np.asarray(np.exp(-np.maximum(exponent, -_EARLIEST)))

    def list_start_times(self, step: float) -> Floats:
        """Return start values of log(T / span), with T from a third of a `step` to ten windows."""
        return np.linspace(np.log(step / (3 * self.span)), np.log(10.0), 24)


def derive_decay_time(solution: Solution, place: int, span: float) -> tuple[float, float]:
    """Return the 1/e time and its error from log(T / span), which is ``theta[place]``.

    At large relative errors T is skewed towards long times: half of the next order of the expansion keeps 1 sigma at 68
    %.
    """
    relative = solution.theta_error(place)
    time = float(np.exp(np.clip(solution.theta[place], -_LONGEST, _LONGEST))) * span
    return time, time * relative * (1 + min(relative, 10.0) ** 2 / 2)


def average_decay_times(candidates: list[Candidate], place: int, span: float) -> tuple[float, float]:
    """Return the 1/e time and its error over all shapes that the data allow."""
    times = [derive_decay_time(candidate.solution, place, span) for candidate in candidates]
    weights = [candidate.weight for candidate in candidates]
    return average_models([time for time, _ in times], [error for _, error in times], weights)


def describe_shapes(candidates: list[Candidate]) -> str:
    """Return the name of the envelope's shape, or of the shapes that are equally possible."""
    likely = [candidate.name for candidate in candidates if candidate.weight > _LIKELY]
    return f"{' or '.join(likely)} envelope" + (", not distinguishable" if len(likely) > 1 else "")


def validate_shape(given: str) -> EnvelopeShape:
    """Return the shape; raise ValueError if it is unknown."""
    for known in get_args(EnvelopeShape):
        if given == known:
            shape: EnvelopeShape = known
            return shape
    raise ValueError(f"envelope must be one of {', '.join(get_args(EnvelopeShape))}, got {given!r}")


def fit_shapes(
    trace: Trace,
    basis: Callable[[Envelope], Basis],
    exponential: Solution,
    *,
    shape: EnvelopeShape = "auto",
) -> list[Candidate]:
    """Fit a Gaussian and a mixed envelope besides the `exponential` one, and weight them; or only the given `shape`.

    `theta` of the model returned by `basis` must end with log(T / span).
    """
    start, span = float(trace.x[0]), trace.span
    if shape == "exponential":
        return [Candidate(EXPONENTIAL, exponential, 1.0)]
    gaussian = solve(basis(Envelope(start, span, 0.0)), trace, exponential.theta, rival=exponential)
    if shape == "gaussian":
        return [Candidate("Gaussian", gaussian, 1.0)]
    shapes = {EXPONENTIAL: exponential, "Gaussian": gaussian}
    share = _estimate_share(exponential, gaussian)
    if -_OUTSIDE < share < 1 + _OUTSIDE:
        between = share * exponential.theta + (1 - share) * gaussian.theta
        mixed = solve(basis(Envelope(start, span, None)), trace, np.append(between, share))
        # A little beyond the Gaussian, so that an exact one is not at the end of the range, which would bias
        # the mean. Beyond the exponential the envelope turns up again.
        if -_BEYOND < mixed.theta[-1] < 1:
            shapes["mixed"] = mixed
    return weight_models(trace, shapes)


def _estimate_share(exponential: Solution, gaussian: Solution) -> float:
    """Estimate the exponential share m from the position of the trace between the two fits."""
    apart = gaussian.residuals - exponential.residuals
    size = float(apart @ apart)
    return float(gaussian.residuals @ apart) / size if size > 0 else 0.5
