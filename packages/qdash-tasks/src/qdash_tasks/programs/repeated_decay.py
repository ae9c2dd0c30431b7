"""Repeated measurement of a decay: the mean and the scatter of single results.

Decay times fluctuate (Burnett et al., npj Quantum Information 5, 54 (2019)). The scatter of single results contains
measurement noise too, which the note gives from the error bars of the fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.residuals import compute_lack_of_fit
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import axis_title, quantity
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.programs.decay_window import FINE, explain_short_window, select_trace
from qdash_tasks.programs.estimates import get_lowest_r2, make_quality, make_refusal
from qdash_tasks.programs.measurement_calls import group_into_calls, measure_traces
from qdash_tasks.programs.projection import Signal, fit_signal, project_signals_separately

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.decay_window import DecayKind, DecayWindow, Fit
    from qdash_tasks.programs.measurement_calls import MeasurementCall

_FEWEST = 2
_FITTED = 3
"""Number of parameters of an exponential decay."""
_ONE_SIGMA = 0.8413447460685429


def measure_repeats(
    decay: DecayKind, window: DecayWindow, limits: Limits, *, repeats: int, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
    """Measure a window until there are `repeats` traces, in one call if it takes the points; do nothing without a window."""
    if window.delays_us is None:
        return
    again = ({f"{FINE}_{number}": decay.request(window.delays_us)} for number in range(1, repeats))
    for requests in group_into_calls(again, limits.points_a_call):
        yield from measure_traces(requests, shots)


@dataclass(frozen=True, slots=True)
class RepeatedFits:
    """Fits of repeated sweeps.

    Attributes
    ----------
    lack_of_fit
        Factor by which common residuals of the accepted fits raise the variance of their mean; 1 if the model fits.
    """

    fits: list[FitResult]
    lack_of_fit: float

    @property
    def accepted(self) -> list[FitResult]:
        """Fits that succeeded."""
        return [fit for fit in self.fits if fit.success]


def fit_each(raw: RawData, fit: Fit) -> RepeatedFits:
    """Fit all traces of the window; raise `AnalysisError` unless two, and half of them, succeed."""
    numbered = sorted(
        int(name.removesuffix("_iq").removeprefix(f"{FINE}_"))
        for name in raw.arrays
        if name.startswith(f"{FINE}_") and name.endswith("_iq") and name != f"{FINE}_iq"
    )
    names = (select_trace(raw), *(f"{FINE}_{number}" for number in numbered))
    with explain_short_window(raw):
        found = project_signals_separately(raw, names, x_name="delay")
        fits = _fit_alike(fit, found)
        accepted = sum(one.success for one in fits)
        if accepted < max(_FEWEST, len(fits) / 2):
            reason = next(
                (one.message for one in fits if not one.success),
                "a standard deviation needs at least two traces",
            )
            raise make_refusal(f"{accepted} of {len(fits)} traces show a decay: {reason}", *fits)
    left = np.array(
        [_compute_residuals(signal, one) for signal, one in zip(found, fits, strict=True) if one.success]
    )
    return RepeatedFits(fits, compute_lack_of_fit(left, parameters=_FITTED))


def average_results(name: str, repeated: RepeatedFits, *, common_error: float = 0.0) -> TaskOutput:
    """Return mean and scatter of the results, as outputs `{name}_average` and `{name}_std`.

    The error of the mean includes the common residuals of all traces: repetition does not average them out.

    `common_error` is an additional one of all single results, in units of their error bars.
    """
    accepted = repeated.accepted
    found = ResultScatter.from_estimates([fit.parameters[name] for fit in accepted])
    misfit = math.sqrt((repeated.lack_of_fit - 1) / len(accepted))
    mean_error = math.hypot(found.mean_error, common_error * found.noise, misfit * found.noise)
    return TaskOutput(
        {
            f"{name}_average": Parameter(found.mean, mean_error, "us"),
            f"{name}_std": Parameter(found.std, found.std_error, "us"),
        },
        r2=get_lowest_r2(*accepted),
        quality=make_quality(*accepted),
        note={
            "results": len(accepted),
            "refused": len(repeated.fits) - len(accepted),
            "lack_of_fit": repeated.lack_of_fit,
            "measurement_noise_us": found.noise,
            "fluctuation_us": found.fluctuation,
        },
    )


def draw_results(name: str, symbol: str, fits: Sequence[FitResult], output: TaskOutput) -> dict[str, Any]:
    """Draw single results by their number, and their mean."""
    results = {number: fit.parameters[name] for number, fit in enumerate(fits, start=1) if fit.success}
    mean, std = (output.parameters[f"{name}_{each}"] for each in ("average", "std"))
    title = f"{symbol} = {quantity(f'{mean.value:.4g}', 'us')}, standard deviation {quantity(f'{std.value:.2g}', 'us')}"
    numbers, times = list(results), [result.value for result in results.values()]
    errors = [result.error or float("nan") for result in results.values()]
    data = [
        scatter("Single measurements", numbers, times, sigma=errors),
        scatter("Mean", numbers, [mean.value] * len(numbers), mode="lines"),
    ]
    return figure(title, "Repetition", axis_title(symbol, "us"), data)


@dataclass(frozen=True, slots=True)
class ResultScatter:
    """Mean and scatter of single results, in µs.

    Attributes
    ----------
    mean, mean_error
        Plain mean, since weights of 1 / error^2 would favour short times; its error follows from the scatter, with
        Student's factor for few results.
    std, std_error
        Standard deviation of the single results, measurement noise included.
    noise
        Root mean square of the results' own error bars.
    fluctuation
        Excess of the scatter over the noise, in quadrature; zero if there is none.
    """

    mean: float
    mean_error: float
    std: float
    std_error: float
    noise: float
    fluctuation: float

    @classmethod
    def from_estimates(cls, results: list[Estimate]) -> ResultScatter:
        """Return the statistics of at least two results."""
        from scipy.special import stdtrit

        values = np.array([result.value for result in results])
        errors = np.array([result.error for result in results if result.error is not None])
        count, std = values.size, float(values.std(ddof=1))
        noise = float(np.sqrt(np.mean(errors**2))) if errors.size else 0.0
        return cls(
            mean=float(values.mean()),
            mean_error=float(stdtrit(count - 1, _ONE_SIGMA)) * std / math.sqrt(count),
            std=std,
            std_error=std / math.sqrt(2 * (count - 1)),
            noise=noise,
            fluctuation=math.sqrt(max(std**2 - noise**2, 0.0)),
        )


def _compute_residuals(signal: Signal, fit: FitResult) -> NDArray[np.float64]:
    """Return the residuals of a decay in units of the noise, shape (n,), signed for a falling signal."""
    model = fit.predict(signal.x)
    direction = 1.0 if model[0] > model[-1] else -1.0
    return np.asarray(direction * (signal.y - model) / signal.noise.sigma(model))


def _fit_alike(fit: Fit, found: tuple[Signal, ...]) -> list[FitResult]:
    """Fit all traces with the noise at the curve of the first, since they measure the same decay."""
    fits: list[FitResult] = []
    sigma = None
    for signal in found:
        if sigma is None:
            fits.append(fit_signal(fit, signal))
            sigma = signal.noise.sigma(fits[-1].predict(signal.x)) if fits[-1].success else None
        else:
            fits.append(fit(signal.x, signal.y, sigma=sigma))
    return fits
