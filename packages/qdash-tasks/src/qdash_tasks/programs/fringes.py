"""Ramsey fringes at two artificial detunings of opposite sign, and their combination.

One trace gives the magnitude of a detuning; two with artificial detunings of opposite sign also give its sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.sketches import draw_measured, draw_recorded, make_fringe_shapes, sketch
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.cached_fits import fit_ramsey
from qdash_tasks.programs.decay_window import get_longest_delay_us
from qdash_tasks.programs.estimates import get_lowest_r2, make_quality, require_success
from qdash_tasks.programs.fit_options import choose_envelope
from qdash_tasks.programs.measurement_calls import measure_traces
from qdash_tasks.programs.passive_reset import require_long_interval
from qdash_tasks.programs.phase_sense import require_phase_sense
from qdash_tasks.programs.projection import Signal, fit_signal, project_signals, project_trace
from qdash_tasks.programs.signed_detuning import SignedDetuning, resolve_sign

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Floats = NDArray[np.float64]

POINTS = 81
FIRST_WINDOWS_US = (4.0, 0.8, 0.16)
"""Windows of the search for an offset: 81 points resolve up to 7.5, 37 and 187 MHz without aliases."""

_PERIODS = 10.0
_X_TITLE, _Y_TITLE = "Delay (µs)", "Signal (a.u.)"
_NAMES = ("plus", "minus")
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class FringeEstimate:
    """Qubit minus drive frequency from a pair of traces, with T2* if a decay is visible.

    The error is None if a fit gives none.
    """

    offset_mhz: float
    error_mhz: float | None
    t2_star_us: float | None


def limit_windows(windows_us: Sequence[float], limits: Limits, qid: str, *, points: int) -> list[float]:
    """Return the windows in µs that fit the line's grid and the longest program.

    If there is none, return the first one: the laboratory rejects it with the reason.
    """
    shortest_us = (points - 1) * limits.line(qid).start_ns * 1e-3 * (1 - _ROUNDING)
    found = [window for window in windows_us if shortest_us <= window <= get_longest_delay_us(limits)]
    return found or [windows_us[0]]


def measure_both_signs(
    delays_us: Floats, known_mhz: float, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Trace, Trace]]:
    """Measure fringes at positive and negative artificial detuning, relative to the known offset."""
    plus_mhz, minus_mhz = choose_artificial_mhz(delays_us, known_mhz)
    requests = {"plus": Ramsey(delays_us, plus_mhz), "minus": Ramsey(delays_us, minus_mhz)}
    found = yield from measure_traces(requests, shots)
    return found["plus"], found["minus"]


def measure_requested_fringes(
    delays_us: Floats, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Floats, float]]:
    """Measure both signs over the requested delays; return the delays and the known offset, zero."""
    yield from measure_both_signs(delays_us, 0.0, shots)
    return delays_us, 0.0


def estimate_with_both_signs(
    delays_us: Floats, known_mhz: float, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], FringeEstimate | None]:
    """Measure and fit a pair of traces; return None if they show no fringes or contradict each other."""
    plus, minus = yield from measure_both_signs(delays_us, known_mhz, shots)
    try:
        fits = fit_trace(plus), fit_trace(minus)
    except AnalysisError:
        return None
    signed = resolve_sign(*fits, artificial_mhz=choose_artificial_mhz(delays_us, known_mhz))
    if not signed.consistent:
        return None
    return FringeEstimate(signed.value_mhz, signed.error_mhz, estimate_t2_star(*fits))


def choose_fringe_mhz(delays_us: Floats) -> float:
    """Return an artificial detuning of about ten periods, at most a quarter of the sampling rate."""
    span = float(np.ptp(delays_us))
    return min(_PERIODS, (delays_us.size - 1) / 4) / span


def choose_artificial_mhz(delays_us: Floats, known_mhz: float) -> tuple[float, float]:
    """Return the artificial detunings of both traces, whose fringes are equally fast if the known offset is right."""
    fringe = choose_fringe_mhz(delays_us)
    return fringe - known_mhz, -fringe - known_mhz


def make_fringe_attributes(drive_ghz: float, delays_us: Floats, known_mhz: float) -> dict[str, Any]:
    """Return the settings of the last pair of traces, as attributes of raw data."""
    plus_mhz, minus_mhz = choose_artificial_mhz(delays_us, known_mhz)
    return {
        "drive_frequency_ghz": drive_ghz,
        "artificial_plus_mhz": plus_mhz,
        "artificial_minus_mhz": minus_mhz,
    }


def fit_trace(trace: Trace) -> FitResult:
    """Fit one trace as measured, or raise `AnalysisError`."""
    signal = project_trace(trace)
    return require_success(fit_ramsey(signal.x, signal.y, sigma=signal.sigma))


def fit_pair(raw: RawData) -> tuple[tuple[Signal, ...], tuple[FitResult, FitResult]]:
    """Return both traces of the last pair, and their fits.

    Raises `AnalysisError` if one shows no fringes, or a passive reset was too short.
    """
    require_long_interval(raw)
    found = project_signals(raw, _NAMES, x_name="delay")
    fit = choose_envelope(fit_ramsey, raw)
    plus, minus = (require_success(fit_signal(fit, signal)) for signal in found)
    return found, (plus, minus)


def estimate_frequency(raw: RawData, fits: tuple[FitResult, FitResult]) -> TaskOutput:
    """Return the qubit frequency: drive frequency plus the detuning on whose sign both traces agree.

    Raises `AnalysisError` if they, or fringes of a detuned generator, contradict each other.
    """
    artificial = (
        float(raw.attributes["artificial_plus_mhz"]),
        float(raw.attributes["artificial_minus_mhz"]),
    )
    signed = resolve_sign(*fits, artificial_mhz=artificial)
    if not signed.consistent:
        raise AnalysisError(
            f"the two artificial detunings contradict each other by {signed.tension:.1f} sigma"
        )
    require_phase_sense(raw, signed.value_mhz, signed.error_mhz)
    return TaskOutput(
        {"qubit_frequency": _make_frequency(float(raw.attributes["drive_frequency_ghz"]), signed)},
        r2=get_lowest_r2(*fits),
        quality=make_quality(*fits),
        note={"detuning_mhz": signed.value_mhz, **describe_frequency_noise(*fits)},
    )


def describe_frequency_noise(*fits: FitResult) -> dict[str, float]:
    """Return notes on a frequency that is not constant.

    `frequency_wander_khz` is the larger wander from point to point; `second_detuning_mhz` is a second frequency that the
    fringes do not exclude.
    """
    found = {}
    for name, note in (("wander", "frequency_wander_khz"), ("second_detuning", "second_detuning_mhz")):
        values = [fit.parameters[name].value for fit in fits if name in fit.parameters]
        if values:
            found[note] = max(values)
    return found


def draw_fringes(raw: RawData, output: TaskOutput) -> dict[str, Any]:
    """Draw both traces of the last pair against delay."""
    found, fits = fit_pair(raw)
    data = []
    for name, signal, fit in zip(("+", "\N{MINUS SIGN}"), found, fits, strict=True):
        data += [points(f"Detuning {name}", signal), curve(f"Fit {name}", fit.predict, signal.x)]
        data += left_out(signal, fit)
    found_ghz = output.parameters["qubit_frequency"].value
    title = f"Qubit frequency {quantity(f'{found_ghz:.8g}', 'GHz')}"
    return figure(title, _X_TITLE, _Y_TITLE, data)


def sketch_fringes(raw: RawData, output: TaskOutput) -> dict[str, Any]:
    """Sketch the trace of positive artificial detuning with the recorded fringes."""
    (signal,) = project_signals(raw, _NAMES[:1], x_name="delay")
    artificial, detuning = float(raw.attributes["artificial_plus_mhz"]), float(output.note["detuning_mhz"])
    t2_star = output.parameters.get("t2_star")
    shapes = make_fringe_shapes(
        (artificial + detuning, artificial - detuning),
        float(np.ptp(signal.x)),
        None if t2_star is None else t2_star.value,
    )
    data = draw_measured(signal.x, signal.y), draw_recorded(signal.x, signal.y, shapes)
    return sketch(_X_TITLE, _Y_TITLE, data)


def estimate_t2_star(*fits: FitResult) -> float | None:
    """Return T2* in µs if a decay is visible, otherwise None."""
    found = average_t2_star(fits)
    return None if found is None else found.value


def average_t2_star(fits: tuple[FitResult, ...]) -> Parameter | None:
    """Return the weighted mean of both traces, whose noise is independent."""
    found = [fit.parameters["t2_star"] for fit in fits if "t2_star" in fit.parameters]
    known = [(estimate.value, estimate.error) for estimate in found if estimate.error is not None]
    if not known:
        return None
    weights = [1 / error**2 for _, error in known]
    mean = sum(weight * value for weight, (value, _) in zip(weights, known, strict=True)) / sum(weights)
    return Parameter(mean, 1 / math.sqrt(sum(weights)), "us")


def _make_frequency(drive_ghz: float, signed: SignedDetuning) -> Parameter:
    error = None if signed.error_mhz is None else signed.error_mhz * 1e-3
    return Parameter(drive_ghz + signed.value_mhz * 1e-3, error, "GHz")
