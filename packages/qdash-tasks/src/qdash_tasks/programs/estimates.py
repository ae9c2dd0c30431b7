"""Conversion of fits to outputs: estimates with their errors, rejections as errors with the fit's reason."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from qdash_core.errors import AnalysisError, NoSignalError
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_analysis import StateResult
    from qdash_analysis.result import Estimate, FitResult

Result = TypeVar("Result", bound="FitResult")


def require_success(fit: Result) -> Result:
    """Return `fit`, or raise its refusal with its reason if the data do not show the effect."""
    if not fit.success:
        raise make_refusal(fit.message, fit)
    return fit


def make_refusal(message: str, *fits: FitResult) -> AnalysisError:
    """Return the error of unsuccessful fits: `NoSignalError` if noise alone explains the data of each, else `AnalysisError`."""
    return (NoSignalError if fits and all(fit.no_signal for fit in fits) else AnalysisError)(message)


@contextmanager
def treat_as_undetermined() -> Iterator[None]:
    """Replace a `NoSignalError` raised inside by an `AnalysisError`: the missing effect is a small one beside the signal."""
    try:
        yield
    except NoSignalError as error:
        raise AnalysisError(str(error)) from error


def make_parameter(estimate: Estimate) -> Parameter:
    """Return an estimate as an output parameter."""
    return Parameter(value=estimate.value, error=estimate.error, unit=estimate.unit)


def make_quality(*fits: FitResult) -> dict[str, float]:
    """Return the quality that validators judge besides r2; for several fits, the worst values."""
    chi2 = [fit.reduced_chi2 for fit in fits if fit.reduced_chi2 is not None]
    return {"reduced_chi2": max(chi2)} if chi2 else {}


def make_state_quality(fit: StateResult, name: str) -> dict[str, float]:
    """Return the interval of a state estimate, and the raw estimate with its error, as quality."""
    physical, raw = fit.parameters[name], fit.raw[name]
    found = {f"{name}_raw": raw.value}
    if raw.error is not None:
        found[f"{name}_raw_error"] = raw.error
    if physical.interval is not None:
        found[f"{name}_lower"], found[f"{name}_upper"] = physical.interval
    return found


def get_lowest_r2(*fits: FitResult) -> float:
    """Return the r2 of the worst fit."""
    return min(fit.r2 for fit in fits if fit.r2 is not None)
