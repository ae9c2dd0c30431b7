"""Result of a fit: estimates with units and errors, or the reason for their absence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from math import floor, isfinite, log10
from typing import Any, ParamSpec

import numpy as np
from numpy.typing import ArrayLike, NDArray

P = ParamSpec("P")
Model = Callable[[Any], NDArray[Any]]
"""Fitted curve: x in, y out, same shape; or a surface, over a tuple of axes."""


def format_signed(value: float, spec: str) -> str:
    """Format a number with a true minus sign, for a message."""
    return f"{value:{spec}}".replace("-", "\N{MINUS SIGN}")


def format_rounded(value: float, digits: int) -> str:
    """Format a number with so many significant digits, from a thousand on without an exponent, for a message."""
    return f"{float(f'{value:.{digits}g}'):g}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Measured number.

    Attributes
    ----------
    value
        The estimate, in `unit`.
    error
        Half the width of the 68 % interval (1 sigma), in `unit`; ``None`` if it is unknown. Never zero.
    unit
        ``"GHz"``, ``"MHz"``, ``"us"``, ...; empty for a ratio, ``"a.u."`` for the unit of the caller's signal.
    interval
        Ends of the 68 % interval, in `unit`, if it is not symmetric; `error` is then its longer side.
    """

    value: float
    error: float | None
    unit: str
    interval: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float(self.value))
        if self.error is not None:
            known = isfinite(self.error) and self.error > 0
            object.__setattr__(self, "error", float(self.error) if known else None)

    def __str__(self) -> str:
        """Return the estimate as `5.0587 ± 0.0051 MHz`: the error with two digits, the value with as many decimals."""
        unit = f" {self.unit}" if self.unit else ""
        if self.error is None:
            return f"{self.value:.7g}{unit}"
        decimals = max(0, 1 - floor(log10(self.error)))
        return f"{self.value:.{decimals}f} ± {self.error:.{decimals}f}{unit}"


@dataclass(frozen=True, slots=True)
class FitResult:
    """Outcome of one fit.

    Attributes
    ----------
    success
        Whether the data show the effect. If not, `parameters` is empty.
    message
        Description of the result, or the reason for the rejection.
    parameters
        Estimates by name. A parameter that the data do not determine is absent.
    r2
        Share of the variance that the model explains; ``None`` without a model.
    reduced_chi2
        Chi² per degree of freedom; ``None`` if `sigma` was not given, because it then has no meaning.
    left_out
        Abscissas of the points that contradict the others and were left out, in the unit of the fit's `x`.
    covariance
        Covariance of the estimates in the order of `parameters`, in their units; ``None`` if a fit gives none.
    traits
        Traits of the signal that are no numbers, by name. Of a resonator: `shape`, ``"dip"`` or ``"peak"``; of complex data
        `phase`, which ``"falls"`` or ``"rises"`` with frequency; `lines`, ``"two"`` if the trace is refused because two overlap.
        Of a decay that is refused because of a second one: `decay`, ``"two times"`` or ``"rising start"``.
    no_signal
        Whether noise alone explains the data of an unsuccessful fit. ``False`` if the window, the sampling, the model or the
        precision is the reason.
    """

    success: bool
    message: str
    parameters: dict[str, Estimate] = field(default_factory=dict)
    r2: float | None = None
    reduced_chi2: float | None = None
    left_out: tuple[float, ...] = ()
    covariance: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)
    traits: dict[str, str] = field(default_factory=dict)
    no_signal: bool = False
    model: Model | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        """Return the message and the estimates, one per line."""
        return "\n".join([self.message, *(f"{name}: {found}" for name, found in self.parameters.items())])

    def predict(self, x: ArrayLike | tuple[ArrayLike, ...]) -> NDArray[Any]:
        """Evaluate the fitted model.

        Parameters
        ----------
        x
            Abscissa in the unit of the fit's `x`, any length; a tuple of axes if the fit takes one.

        Returns
        -------
        numpy.ndarray
            The model at `x`, in the unit of the fit's `y`; complex if `y` was.

        Raises
        ------
        ValueError
            If there is no model: the trace was rejected, or the fit has none (readout).
        """
        if self.model is None:
            raise ValueError(f"this result has no model to predict from: {self.message}")
        if isinstance(x, tuple) and x and np.ndim(x[0]):
            return self.model(tuple(np.asarray(axis, dtype=np.float64) for axis in x))
        return self.model(np.asarray(x, dtype=np.float64))


class NoEffect(Exception):  # noqa: N818 - not an error: it ends a fit whose data do not hold the effect
    """Exception for data that do not show the effect.

    `message` gives the caller the reason, `traits` those of the signal that the data do show, see `FitResult`.
    """

    def __init__(self, message: str, *, traits: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.traits = traits or {}


class NoSignal(NoEffect):
    """Exception for data that noise alone explains."""


def return_rejection(fit: Callable[P, FitResult]) -> Callable[P, FitResult]:
    """Decorate `fit` to return an unsuccessful result if a `NoEffect` is raised inside."""

    @wraps(fit)
    def call(*args: P.args, **kwargs: P.kwargs) -> FitResult:
        try:
            return fit(*args, **kwargs)
        except NoEffect as refusal:
            return FitResult(
                success=False,
                message=str(refusal),
                traits=refusal.traits,
                no_signal=isinstance(refusal, NoSignal),
            )

    return call
