"""Passive reset: the shot interval that it requires, and T1 fits for shorter ones.

After an interval w, the share ``W = exp(-w / T1)`` of the last excitation is left for the next shot. At W = 0.58 an
exponential fitted to a T1 trace gives 26 % too much, an echo 56 % too little.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.outliers import describe_left_out
from qdash_analysis.result import Estimate, FitResult
from qdash_core.errors import AnalysisError, InvalidInputError, MissingInputError
from qdash_core.models.raw_data import RawData
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.programs.cached_fits import fit_t1
from qdash_tasks.programs.decay_window import search_delays_us
from qdash_tasks.programs.estimates import require_success
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.projection import fit_signal, project_signals, project_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.decay_window import Fit
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]

ENOUGH_T1 = 5.0
"""Relaxation times that an interval must last: 0.7 % of the last shot is left then, half a percent of T1."""

_REFERENCE = "reference"
T1_TRACE = {
    _REFERENCE: MeasurementDeclaration(Relaxation, "T1 trace, with passive reset only", optional=True)
}
"""Trace declared by tasks on one qubit whose shots must start in |0> (`LaboratoryTask.relaxed`)."""
_REFERENCE_INTERVAL = "reference_interval_us"
"""Attribute of raw data: wait after each shot of the T1 trace."""
_FEWEST_SHOTS = 256
_MARGIN = 1.1
"""Margin of an interval that is chosen from T1."""
_USUALLY_ENOUGH_US = 1000.0
"""Interval if no T1 is visible."""
_DOUBTFUL_PULSE = 0.02
_TOLERANCE = 1e-8


def measure_relaxed(program: Program, context: RunContext, laboratory: Laboratory) -> Program:
    """Run a program with the interval that passive reset needs, unless the run sets one.

    For one qubit a T1 trace comes first. If it shows no decay, or the laboratory does not support it, the interval
    suits most qubits.

    Raises
    ------
    MissingInputError
        If T1 of a qubit of a pair is unknown.
    InvalidInputError
        If the given interval is too short for it.
    """
    named = context.parameters.get("interval") is not None
    usual_us = Repetition.from_parameters(context.parameters).interval_us
    if not named:
        usual_us = max(usual_us, laboratory.limits.shortest_interval_us)
    found: dict[str, Any] = {}
    if context.control:
        interval_us = _choose_pair_interval_us(context, usual_us, named=named)
    asked = next(program)  # a rejection by the program comes before any measurement
    if not context.control:
        trace = None
        if laboratory.supports(Relaxation):
            shots = max(context.parameters["shots"] // 4, _FEWEST_SHOTS)
            trace = yield from measure_trace(
                _REFERENCE, Relaxation(search_delays_us(laboratory.limits)), shots
            )
        interval_us = usual_us if named else _choose_interval_us(trace, usual_us)
        found = {_REFERENCE_INTERVAL: usual_us}
    while True:
        answers = yield replace(asked, interval_us=interval_us)
        try:
            asked = program.send(answers)
        except StopIteration as end:
            return _add_attributes(end.value, found)


def require_long_interval(raw: RawData) -> None:
    """Raise `AnalysisError` with advice if the recorded interval distorts the traces of `raw`."""
    repetition = Repetition.from_attributes(raw.attributes)
    if repetition.reset == "active":
        return
    if f"{_REFERENCE}_iq" not in raw.arrays:
        raise AnalysisError(
            "with passive reset T1 must be known, but this laboratory cannot measure it: use active reset"
        )
    reference_us = float(raw.attributes.get(_REFERENCE_INTERVAL, repetition.interval_us))
    try:
        (signal,) = project_signals(raw, (_REFERENCE,), x_name="delay")
        t1_us = _estimate_t1_us(signal, reference_us)
    except AnalysisError as error:
        raise type(error)(
            f"with passive reset T1 must be known, but its trace shows no decay ({error}): use active reset"
        ) from error
    if (reason := _describe_short_interval(repetition.interval_us, t1_us)) is not None:
        raise AnalysisError(reason)


def _choose_interval_us(trace: Trace | None, usual_us: float) -> float:
    """Return the interval in µs that the T1 of a trace requires."""
    try:
        t1_us = None if trace is None else _estimate_t1_us(project_trace(trace), usual_us)
    except AnalysisError:
        t1_us = None
    return max(usual_us, _USUALLY_ENOUGH_US if t1_us is None else _MARGIN * ENOUGH_T1 * t1_us)


def _estimate_t1_us(signal: Signal, interval_us: float) -> float:
    return require_success(fit_signal(make_steady_state_fit(interval_us), signal)).parameters["t1"].value


def _choose_pair_interval_us(context: RunContext, usual_us: float, *, named: bool) -> float:
    """Return the interval in µs that the T1 of both qubits requires, or the given one."""
    known = {role: context.inputs.get(f"{role}_t1") for role in ROLES}
    qubits = dict(zip(ROLES, (context.control, context.target), strict=True))
    unknown = [f"{role} {qubits[role]}" for role, t1 in known.items() if t1 is None]
    if unknown:
        raise MissingInputError(
            f"with passive reset T1 of both qubits must be known, but that of {' and '.join(unknown)} is not: run "
            "CheckT1 on it first, or use active reset"
        )
    longest_us = max(t1.value for t1 in known.values() if t1 is not None)
    if not named:
        return max(usual_us, _MARGIN * ENOUGH_T1 * longest_us)
    if (reason := _describe_short_interval(usual_us, longest_us)) is not None:
        raise InvalidInputError(reason)
    return usual_us


def _add_attributes(
    returned: Mapping[str, Any] | RawData | None, found: Mapping[str, Any]
) -> Mapping[str, Any] | RawData:
    if isinstance(returned, RawData):
        return RawData(returned.arrays, {**found, **returned.attributes})
    return {**found, **(returned or {})}


def _describe_short_interval(interval_us: float, t1_us: float) -> str | None:
    """Explain why an interval is too short for this T1, with advice; return None if it is not."""
    if interval_us >= ENOUGH_T1 * t1_us:
        return None
    return (
        f"an interval of {interval_us:.4g}\N{NO-BREAK SPACE}µs is too short for a T1 of {t1_us:.3g}\N{NO-BREAK SPACE}µs: shots start in the residual state of "
        f"the previous one. Use active reset, or an interval of at least {_round_time_ns(_MARGIN * ENOUGH_T1 * t1_us * 1e3)}\N{NO-BREAK SPACE}ns"
    )


def choose_t1_fit(raw: RawData) -> Fit:
    """Return the fit for a T1 trace: exponential after active reset, otherwise the steady state of many shots."""
    repetition = Repetition.from_attributes(raw.attributes)
    return fit_t1 if repetition.reset == "active" else make_steady_state_fit(repetition.interval_us)


def make_steady_state_fit(interval_us: float) -> Fit:
    """Return a fit like `fit_t1` for a T1 trace with passive reset after such an interval.

    Model: ``y = offset + amplitude E / (1 + E W)``, ``E = exp(-t / T1)``, ``W = exp(-interval / T1)``: the steady state
    of many shots with a perfect X180; the effect of a loss of 2 % is part of the error. Points that the fit of an
    exponential leaves out are left out here too. An exponential is also fitted to the trace without the effect of the
    interval: if that is rejected, so is this fit, and its error is the smallest possible one here.
    """

    def fit(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike) -> FitResult:
        x, y, sigma = (np.asarray(one, dtype=np.float64) for one in (x, y, sigma))
        straight = fit_t1(x, y, sigma=sigma, single=False)
        if not straight.success:
            return straight
        kept = ~np.isin(x, straight.left_out)
        trace = _SteadyStateTrace(x[kept], y[kept], sigma[kept], interval_us)
        found = _is_bent(trace, straight.parameters["t1"].value)
        t1 = found.parameters["t1"]
        exponential = fit_t1(x, y + trace.compute_residue(x, t1.value), sigma=sigma)
        if not exponential.success:
            return exponential
        error = max(t1.error or 0.0, exponential.parameters["t1"].error or 0.0)
        return replace(
            found,
            message=found.message + describe_left_out(straight.left_out),
            parameters={"t1": replace(t1, error=error)},
            left_out=straight.left_out,
        )

    return fit


class _SteadyStateTrace:
    """T1 trace with its shot interval, and the model for a trial T1."""

    def __init__(self, x: Floats, y: Floats, sigma: Floats, interval_us: float) -> None:
        self.x, self.y, self.sigma, self.interval_us = x, y, sigma, interval_us

    def compute_shape(self, x: Floats, t1_us: float, *, flip: float = 1.0) -> Floats:
        kept = np.exp(-x / t1_us)
        return np.asarray(kept / (1 + flip * kept * np.exp(-self.interval_us / t1_us)))

    def fit_coefficients(self, t1_us: float, *, flip: float = 1.0) -> Floats:
        """Return the best offset and amplitude, by linear least squares."""
        columns = np.stack([np.ones_like(self.x), self.compute_shape(self.x, t1_us, flip=flip)], axis=1)
        found = np.linalg.lstsq(columns / self.sigma[:, None], self.y / self.sigma, rcond=None)[0]
        return np.asarray(found, dtype=np.float64)

    def compute_residue(self, x: Floats, t1_us: float) -> Floats:
        """Return what the interval takes from the signal: both together are an exponential."""
        amplitude = self.fit_coefficients(t1_us)[1]
        return np.asarray(amplitude * (np.exp(-x / t1_us) - self.compute_shape(x, t1_us)))

    def compute_chi2(self, t1_us: float, *, flip: float = 1.0) -> float:
        offset, amplitude = self.fit_coefficients(t1_us, flip=flip)
        rest = self.y - offset - amplitude * self.compute_shape(self.x, t1_us, flip=flip)
        return float(np.sum((rest / self.sigma) ** 2))


def _is_bent(trace: _SteadyStateTrace, straight_us: float) -> FitResult:
    # The distortion makes an exponential too long, by less than a factor of two.
    t1 = _minimise(trace.compute_chi2, 0.4 * straight_us, 1.2 * straight_us)
    doubtful = _minimise(
        lambda t: trace.compute_chi2(t, flip=1 - _DOUBTFUL_PULSE), 0.4 * straight_us, 1.2 * straight_us
    )
    offset, amplitude = trace.fit_coefficients(t1)
    slope = (
        amplitude
        * (trace.compute_shape(trace.x, 1.001 * t1) - trace.compute_shape(trace.x, 0.999 * t1))
        / (0.002 * t1)
    )
    columns = (
        np.stack([np.ones_like(trace.x), trace.compute_shape(trace.x, t1), slope], axis=1)
        / trace.sigma[:, None]
    )
    variance = float(np.linalg.pinv(columns.T @ columns)[2, 2])
    chi2 = trace.compute_chi2(t1)
    reduced = chi2 / max(trace.x.size - 3, 1)
    error = float(np.hypot(np.sqrt(variance * max(reduced, 1.0)), doubtful - t1))
    weights = trace.sigma**-2
    spread = float(np.sum(weights * (trace.y - np.average(trace.y, weights=weights)) ** 2))
    return FitResult(
        success=True,
        message="decay of a qubit that only waits between shots",
        parameters={"t1": Estimate(t1, error, "us")},
        r2=1 - chi2 / spread,
        reduced_chi2=reduced,
        model=lambda x: np.asarray(offset + amplitude * trace.compute_shape(x, t1)),
    )


def _round_time_ns(time_ns: float) -> str:
    return f"{float(f'{time_ns:.2g}'):.0f}"


def _minimise(f: Callable[[float], float], low: float, high: float) -> float:
    """Minimise `f` between the bounds, on a logarithmic scale."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda logarithm: f(float(np.exp(logarithm))),
        bounds=(np.log(low), np.log(high)),
        method="bounded",
        options={"xatol": _TOLERANCE},
    )
    return float(np.exp(found.x))
