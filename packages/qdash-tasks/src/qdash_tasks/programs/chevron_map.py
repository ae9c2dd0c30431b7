"""Maps of Rabi oscillations against drive frequency, repeated until they are centred and well scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_chevron
from qdash_core.errors import AnalysisError
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.figures.plots import figure, heatmap, residual_map
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.laboratory.requests import Chevron
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.estimates import make_parameter, require_success
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.projection import project_trace
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.programs.third_level import SLOWER_ON_RESONANCE, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.iq_noise import ReadoutNoise
    from qdash_analysis.result import FitResult
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Floats = NDArray[np.float64]

_PERIODS = 3.0
_TIMES = 31
_REACH = 2.5
_FEWEST_TIMES, _FEWEST_FREQUENCIES = 8, 5
_FREQUENCIES = 25
_TRIES = 3
_FARTHEST = 1.0
"""Distance of the resonance from the middle, in Rabi frequencies, from which a map is measured again."""
_AS_EXPECTED = 0.5
_RESCALED = 0.05
"""Relative deviations of the Rabi frequency that trigger another map, without and with another amplitude."""


@dataclass(frozen=True, slots=True)
class ChevronMap:
    """Real-valued map: durations (n), drive frequencies (m), signal (m, n), and the noise of a point."""

    times_ns: Floats
    frequencies_ghz: Floats
    y: Floats
    sigma: Floats
    noise: ReadoutNoise

    def fit(self) -> FitResult:
        """Fit a chevron, then again with the noise implied by the first fit."""
        axes = (self.times_ns, self.frequencies_ghz)
        first = fit_chevron(axes, self.y, sigma=self.sigma)
        if not first.success:
            return first
        again = fit_chevron(axes, self.y, sigma=self.noise.sigma(first.predict(axes)))
        return again if again.success else first

    @classmethod
    def from_trace(cls, trace: Trace) -> ChevronMap:
        """Project a map onto its axis of largest variation, or raise `AnalysisError` if it does not vary."""
        assert trace.rows is not None, "a map has rows"
        count = np.arange(trace.iq.size, dtype=np.float64)
        signal = project_trace(Trace(count, trace.iq.ravel(), trace.sigma.ravel(), trace.covariance.ravel()))
        shape = trace.iq.shape
        return cls(trace.x, trace.rows, signal.y.reshape(shape), signal.sigma.reshape(shape), signal.noise)

    @classmethod
    def from_raw_data(cls, raw: RawData, name: str) -> ChevronMap:
        """Read a map from raw data."""
        arrays = (raw[f"{name}_{part}"] for part in ("duration", "iq", "sigma", "covariance"))
        return cls.from_trace(Trace(*arrays, rows=raw[f"{name}_frequency"]))


@dataclass(frozen=True, slots=True)
class ChevronDrive:
    """Drive of a chevron: frequency, amplitude, and the expected Rabi frequency."""

    frequency_ghz: float
    amplitude: float
    rabi_mhz: float


@dataclass(frozen=True, slots=True)
class RequestedMap:
    """Requested shots, durations (ns) and frequencies (GHz) of a map; None if the task chooses them."""

    shots: int
    times_ns: Floats | None = None
    frequencies_ghz: Floats | None = None

    @classmethod
    def from_context(cls, context: RunContext) -> RequestedMap:
        """Read the run parameters, or raise `InvalidInputError` if a sweep is too short for the fit."""
        return cls(
            context.parameters["shots"],
            read_requested_sweep(context, "time_range", fewest=_FEWEST_TIMES),
            read_requested_sweep(context, "frequency_range", fewest=_FEWEST_FREQUENCIES),
        )


def measure_chevron(
    start: ChevronDrive, requested: RequestedMap, line: LineLimits, *, rescale_mhz: float | None = None
) -> Generator[MeasurementCall, Mapping[str, Answer], ChevronDrive]:
    """Measure a chevron, and again if the resonance is off centre or the oscillations are not as expected.

    The first map expects the drive `start`. The amplitude is rescaled to the Rabi frequency `rescale_mhz`, unless that
    is None. Returns the drive of the last map.
    """
    wanted = start
    for _ in range(_TRIES):
        drive = wanted
        window = drive.frequency_ghz + np.linspace(-_REACH, _REACH, _FREQUENCIES) * drive.rabi_mhz * 1e-3
        rows = requested.frequencies_ghz
        if rows is None:
            rows = limit_window(window, line.frequencies_ghz)
        x = requested.times_ns
        if x is None:
            x = space_times_evenly(_PERIODS / drive.rabi_mhz * 1e3, _TIMES, line)
        trace = yield from measure_trace(
            "chevron", Chevron(x, rows, amplitude=drive.amplitude), requested.shots
        )
        wanted = _improve_drive(trace, drive, rescale_mhz, line.largest_amplitude)
        # The same map at the same amplitude would give the same result.
        if wanted == drive or (requested.frequencies_ghz is not None and wanted.amplitude == drive.amplitude):
            break
    return drive


def space_times_evenly(longest_ns: float, points: int, line: LineLimits) -> Floats:
    """Return evenly spaced pulse lengths (ns) from zero: `points`, or fewer if the line's grid is coarser."""
    return np.linspace(0.0, longest_ns, max(min(points, int(longest_ns / line.start_ns) + 1), _FEWEST_TIMES))


def find_resonance(trace: Trace) -> tuple[float, float] | None:
    """Return the resonance (GHz) and the Rabi frequency (MHz) of a map, or None if it shows none."""
    try:
        fit = ChevronMap.from_trace(trace).fit()
    except AnalysisError:
        return None
    return (
        (fit.parameters["frequency"].value, fit.parameters["rabi_frequency"].value) if fit.success else None
    )


def _improve_drive(
    trace: Trace, drive: ChevronDrive, rescale_mhz: float | None, strongest: float
) -> ChevronDrive:
    """Return the next drive, unchanged if the map was good enough or shows nothing."""
    seen = find_resonance(trace)
    if seen is None:
        return drive
    frequency, rabi = seen
    near = abs(frequency - drive.frequency_ghz) * 1e3 < _FARTHEST * rabi
    if rescale_mhz is None:
        expected = abs(rabi / drive.rabi_mhz - 1) < _AS_EXPECTED
        return drive if near and expected else ChevronDrive(frequency, drive.amplitude, rabi)
    expected = abs(rabi / rescale_mhz - 1) < _RESCALED
    return (
        drive
        if near and expected
        else ChevronDrive(frequency, min(drive.amplitude * rescale_mhz / rabi, strongest), rescale_mhz)
    )


def fit_map(raw: RawData) -> tuple[ChevronMap, FitResult]:
    """Return the map of the result and its fit, or raise `AnalysisError`."""
    measured = ChevronMap.from_raw_data(require_complete(raw), "chevron")
    return measured, require_success(measured.fit())


def estimate_undriven(fit: FitResult, raw: RawData) -> tuple[Parameter, Parameter]:
    """Return f01 and the Rabi frequency, both corrected for the third level."""
    third, frequency = ThirdLevel.from_raw_data(raw), fit.parameters["frequency"]
    rabi = third.correct_rabi_frequency(fit.parameters["rabi_frequency"], SLOWER_ON_RESONANCE)
    return make_parameter(third.remove_drive_shift(frequency, rabi)), make_parameter(rabi)


def draw_map(raw: RawData) -> dict[str, Any]:
    """Draw the measured map with the fitted resonance."""
    measured, fit = fit_map(raw)
    resonance = fit.parameters["frequency"].value
    ends = [float(measured.times_ns[0]), float(measured.times_ns[-1])]
    line = {"type": "scatter", "mode": "lines", "name": "Resonance", "x": ends, "y": [resonance, resonance]}
    rabi = fit.parameters["rabi_frequency"].value
    title = (
        f"Rabi frequency {quantity(f'{rabi:.4g}', 'MHz')} at resonance {quantity(f'{resonance:.7g}', 'GHz')}"
    )
    found = heatmap("Signal (a.u.)", measured.times_ns, measured.frequencies_ghz, measured.y)
    predicted = fit.predict((measured.times_ns, measured.frequencies_ghz))
    maps = residual_map(found, predicted, measured.noise.sigma(predicted))
    return figure(title, "Pulse length (ns)", "Drive frequency (GHz)", [*maps, line])


def draw_map_without_fit(raw: RawData) -> dict[str, Any]:
    """Draw the last map alone, for data without a successful analysis."""
    name = "chevron" if "chevron_iq" in raw.arrays else "wide"
    if f"{name}_iq" not in raw.arrays:
        return draw_raw_traces(raw, x_name="duration", x_unit="ns")
    times, rows, iq = (raw[f"{name}_{part}"] for part in ("duration", "frequency", "iq"))
    drawn = [heatmap("I (a.u.)", times, rows, iq.real)]
    return figure("No result: raw data", "Pulse length (ns)", "Drive frequency (GHz)", drawn)
