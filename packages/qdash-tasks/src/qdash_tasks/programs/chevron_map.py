"""What the chevrons share: maps of Rabi oscillations against drive frequency, centred and scaled by what they show."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_chevron
from qdash_core.errors import AnalysisError
from qdash_tasks.figures.plots import figure, heatmap, residual_map
from qdash_tasks.laboratory.requests import Chevron
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.estimates import parameter, require
from qdash_tasks.programs.projection import Noise, signal_of
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep
from qdash_tasks.programs.third_level import SLOWER_ON_RESONANCE, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request

    Floats = NDArray[np.float64]

_PERIODS = 3.0
_TIMES = 31
_REACH = 2.5
_FREQUENCIES = 25
_TRIES = 3
_FARTHEST = 1.0
"""Distance of the resonance from the middle, in Rabi frequencies, from which a map is measured again."""
_AS_EXPECTED = 0.5
_RESCALED = 0.05
"""Relative deviations of the Rabi frequency from which it is, without and with another amplitude."""


@dataclass(frozen=True, slots=True)
class Map:
    """A real map: durations (n), drive frequencies (m), signal (m, n), and the noise of a point."""

    times_ns: Floats
    frequencies_ghz: Floats
    y: Floats
    sigma: Floats
    noise: Noise

    def fit(self) -> FitResult:
        """Fit a chevron, then again with the noise that the first one implies."""
        axes = (self.times_ns, self.frequencies_ghz)
        first = fit_chevron(axes, self.y, sigma=self.sigma)
        if not first.success:
            return first
        again = fit_chevron(axes, self.y, sigma=self.noise.sigma(first.predict(axes)))
        return again if again.success else first

    @classmethod
    def of(cls, trace: Trace, frequencies_ghz: Floats) -> Map:
        """Project a map onto the axis along which it varies most, or raise `AnalysisError` when it does not vary."""
        count = np.arange(trace.iq.size, dtype=np.float64)
        signal = signal_of(Trace(count, trace.iq.ravel(), trace.sigma.ravel(), trace.covariance.ravel()))
        shape = trace.iq.shape
        return cls(
            trace.x, frequencies_ghz, signal.y.reshape(shape), signal.sigma.reshape(shape), signal.noise
        )

    @classmethod
    def stored(cls, raw: RawData, name: str) -> Map:
        """Read one from raw data."""
        arrays = (raw[f"{name}_{part}"] for part in ("duration", "iq", "sigma", "covariance"))
        return cls.of(Trace(*arrays), raw[f"{name}_frequency"])


@dataclass(frozen=True, slots=True)
class Drive:
    """Where and how strongly a chevron is driven: frequency, amplitude, and the Rabi frequency that is expected."""

    frequency_ghz: float
    amplitude: float
    rabi_mhz: float


class ChevronTask(RoundsTask):
    """A task that measures a map of duration and drive frequency."""

    x_name, x_unit = "duration", "ns"
    fewest_points = MappingProxyType({"time_range": 8, "frequency_range": 5})
    row_name, row_unit = "frequency", "GHz"

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        assert sweep.rows is not None
        return Chevron(sweep.x, sweep.rows, amplitude=sweep.knob)

    @classmethod
    def fitted(cls, raw: RawData) -> tuple[Map, FitResult]:
        """Return the map that holds the result and its fit, or raise `AnalysisError`."""
        measured = Map.stored(require_complete(raw), "chevron")
        return measured, require(measured.fit())

    @staticmethod
    def estimates(fit: FitResult, raw: RawData) -> tuple[Parameter, Parameter]:
        """Return f01 and the Rabi frequency, without what the third level changes of them."""
        third, frequency = ThirdLevel.recorded_in(raw), fit.parameters["frequency"]
        rabi = third.of_two_levels(fit.parameters["rabi_frequency"], SLOWER_ON_RESONANCE)
        return parameter(third.undriven(frequency, rabi)), parameter(rabi)

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:  # noqa: ARG003  the fit says it all
        """The map, with the resonance that was found."""
        measured, fit = cls.fitted(raw)
        return _drawn_map(measured, fit)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the map, with the result where there is one."""
        name = "chevron" if "chevron_iq" in raw.arrays else "wide"
        if output.parameters or f"{name}_iq" not in raw.arrays:
            return super().figure(raw, output)
        times, rows, iq = (raw[f"{name}_{part}"] for part in ("duration", "frequency", "iq"))
        drawn = [heatmap("I (a.u.)", times, rows, iq.real)]
        return figure("no result: the data as measured", "pulse length (ns)", "drive frequency (GHz)", drawn)


@dataclass(frozen=True, slots=True)
class RequestedMap:
    """What was asked for: shots, durations (ns) and frequencies (GHz) of a map, None where the task chooses."""

    shots: int
    times_ns: Floats | None = None
    frequencies_ghz: Floats | None = None

    @classmethod
    def by(cls, task: ChevronTask) -> RequestedMap:
        """Read it from the run parameters."""
        return cls(task.context.parameters["shots"], task.asked("time_range"), task.asked("frequency_range"))


def chevron_program(
    start: Drive, asked: RequestedMap, *, rescale_mhz: float | None = None
) -> Generator[Sweep, Trace, Drive]:
    """Measure a chevron, and again where the resonance is off the middle or the oscillations are not as expected.

    Parameters
    ----------
    start
        What is expected.
    rescale_mhz
        Rabi frequency to which the amplitude is changed; None: it stays as it is.

    Returns
    -------
    Drive
        How the last map was driven.
    """
    wanted = start
    for _ in range(_TRIES):
        drive = wanted
        window = drive.frequency_ghz + np.linspace(-_REACH, _REACH, _FREQUENCIES) * drive.rabi_mhz * 1e-3
        rows = window if asked.frequencies_ghz is None else asked.frequencies_ghz
        lengths = np.linspace(0.0, _PERIODS / drive.rabi_mhz * 1e3, _TIMES)
        x = lengths if asked.times_ns is None else asked.times_ns
        trace = yield Sweep("chevron", x, asked.shots, knob=drive.amplitude, rows=rows)
        wanted = _better(trace, rows, drive, rescale_mhz)
        # The same map at the same amplitude would show the same.
        if wanted == drive or (asked.frequencies_ghz is not None and wanted.amplitude == drive.amplitude):
            break
    return drive


def resonance_in(trace: Trace, rows: Floats) -> tuple[float, float] | None:
    """Return the resonance (GHz) and the Rabi frequency (MHz) that a map shows, None: it shows none."""
    try:
        fit = Map.of(trace, rows).fit()
    except AnalysisError:
        return None
    return (
        (fit.parameters["frequency"].value, fit.parameters["rabi_frequency"].value) if fit.success else None
    )


def _better(trace: Trace, rows: Floats, drive: Drive, rescale_mhz: float | None) -> Drive:
    """How to drive next; as before when the map was measured well enough, or shows nothing."""
    seen = resonance_in(trace, rows)
    if seen is None:
        return drive
    frequency, rabi = seen
    near = abs(frequency - drive.frequency_ghz) * 1e3 < _FARTHEST * rabi
    if rescale_mhz is None:
        expected = abs(rabi / drive.rabi_mhz - 1) < _AS_EXPECTED
        return drive if near and expected else Drive(frequency, drive.amplitude, rabi)
    expected = abs(rabi / rescale_mhz - 1) < _RESCALED
    return (
        drive
        if near and expected
        else Drive(frequency, min(drive.amplitude * rescale_mhz / rabi, 1.0), rescale_mhz)
    )


def _drawn_map(measured: Map, fit: FitResult) -> dict[str, Any]:
    """The measured map with the fitted resonance."""
    resonance = fit.parameters["frequency"].value
    ends = [float(measured.times_ns[0]), float(measured.times_ns[-1])]
    line = {"type": "scatter", "mode": "lines", "name": "resonance", "x": ends, "y": [resonance, resonance]}
    rabi = fit.parameters["rabi_frequency"].value
    title = f"Rabi oscillations of {rabi:.4g} MHz about {resonance:.7g} GHz"
    found = heatmap("signal (a.u.)", measured.times_ns, measured.frequencies_ghz, measured.y)
    predicted = fit.predict((measured.times_ns, measured.frequencies_ghz))
    maps = residual_map(found, predicted, measured.noise.sigma(predicted))
    return figure(title, "pulse length (ns)", "drive frequency (GHz)", [*maps, line])
