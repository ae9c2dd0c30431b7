"""Control amplitude for the Rabi frequency in use, from a Rabi oscillation against amplitude."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_rabi
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.declarations import (
    AMPLITUDE_RANGE,
    CONTROL_AMPLITUDE,
    DRIVE,
    EARLIER_DRIVE,
    MAXIMUM_RABI_FREQUENCY,
    MEASUREMENT,
    T1_REFERENCE,
    THIRD_LEVEL,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import RabiAmplitude
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.drive_strength import read_rabi_at_full_scale
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.oscillations import AMPLITUDE_SWEEP, describe_amplitude_sweep
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.projection import Signal, fit_signal, fit_trace, project_signals
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.strongest_drive import make_line_attributes, require_playable
from qdash_tasks.programs.third_level import SLOWER_AT_F01, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import ArrayLike

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_SEARCH_NS, _SEARCH_TO = 100.0, 0.25
"""Pulse length and largest amplitude of the search: 1.5 to 7.5 turns on drive lines of 60 to 300 MHz at full
scale.
"""
_WEAKER_NS = 400.0
_LENGTH_NS = 250.0
_STRONGEST = 1.6
"""Largest amplitude relative to the one for the standard Rabi frequency: five turns, and little light shift."""
_POINTS = 51
_FEWEST_POINTS = 8
_FARTHEST = 0.2
_FEWEST_PERIODS = 1.5


class CheckControlAmplitude(LaboratoryTask):
    """Rabi oscillation against the amplitude of a pulse of fixed length.

    A short pulse over a wide range comes first, unless amplitude and Rabi frequency are known; then five
    turns of a longer one around the wanted amplitude, weak enough for |2> to stay empty.
    """

    name = "CheckControlAmplitude"
    description = "Rabi oscillation against the amplitude of one pulse; sets the drive amplitude."
    expected_s = 0.53
    relaxed = True
    input_parameters = MappingProxyType({**DRIVE, **EARLIER_DRIVE, **T1_REFERENCE, **THIRD_LEVEL})
    run_parameters = MappingProxyType({**MEASUREMENT, "amplitude_range": AMPLITUDE_RANGE})
    output_parameters = MappingProxyType(
        {"control_amplitude": CONTROL_AMPLITUDE, "maximum_rabi_frequency": MAXIMUM_RABI_FREQUENCY}
    )
    fit_axes = ("rabi_amplitude",)
    feature_parameters = AMPLITUDE_SWEEP
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "search": MeasurementDeclaration(
                RabiAmplitude, "search over a wide amplitude range with a short pulse, then a longer one"
            ),
            "rabi": MeasurementDeclaration(
                RabiAmplitude, "five periods, or the requested sweep; fitted if present"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search, then measure over the resulting range."""
        shots = self.context.parameters["shots"]
        asked = read_requested_sweep(self.context, "amplitude_range", fewest=_FEWEST_POINTS)
        line = _Line(laboratory, self.context.qid)
        used = {
            "length_ns": line.round_length_ns(_LENGTH_NS),
            "wanted_mhz": laboratory.settings[self.context.qid].rabi_frequency_mhz,
            **ThirdLevel.from_context(self.context).attributes(),
            **make_line_attributes(laboratory.limits.line(self.context.qid)),
        }
        if asked is not None:
            yield from measure_trace("rabi", RabiAmplitude(asked, line.round_length_ns(_LENGTH_NS)), shots)
            return used
        known = read_rabi_at_full_scale(self.context)
        if known is not None:
            trace = yield from measure_trace("rabi", line.make_fine_sweep(known), shots)
            found = _fit_rate(trace, line.round_length_ns(_LENGTH_NS))
            if found is not None and abs(found / known - 1) < _FARTHEST:
                return used
        rate = yield from _search_rate(line, shots)
        if rate is not None:
            yield from measure_trace("rabi", line.make_fine_sweep(rate), shots)
        return used

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the oscillation; its frequency over the pulse length is the Rabi frequency at full scale."""
        signal, fit = _fit_recorded(require_complete(result))
        found, length_us = fit.parameters["frequency"], float(result.attributes["length_ns"]) * 1e-3
        decay = fit.parameters.get("decay")
        if decay is not None and decay.value * found.value < _FEWEST_PERIODS:
            turns = decay.value * found.value
            raise AnalysisError(f"the oscillation decays within {turns:.2g} periods: the drive is not stable")
        # The last tenth of the slowing goes into the phase at amplitude zero, a free parameter of the fit.
        found = ThirdLevel.from_raw_data(result).correct_rabi_frequency(
            found, 0.9 * SLOWER_AT_F01, strongest_mhz=found.value / length_us * float(signal.x[-1])
        )
        rate = found.value / length_us
        error = None if found.error is None else found.error / length_us
        amplitude = float(result.attributes["wanted_mhz"]) / rate
        require_playable(
            result, amplitude, needed_by="the standard Rabi frequency", remedy="remove attenuation"
        )
        return TaskOutput(
            {
                # It is set, not measured: it has no error.
                "control_amplitude": Parameter(amplitude, None, "a.u."),
                "maximum_rabi_frequency": Parameter(rate, error, "MHz/a.u."),
            },
            r2=fit.r2,
            quality=make_quality(fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_amplitude_sweep(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against amplitude with its fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="amplitude", x_unit="a.u.")
        signal, fit = _fit_recorded(raw)
        found = output.parameters["control_amplitude"].value
        target = quantity(f"{raw.attributes['wanted_mhz']:.4g}", "MHz")
        title = f"Amplitude {found:.4g} for a Rabi frequency of {target}"
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        drawn = figure(title, "Pulse amplitude (a.u.)", "Signal (a.u.)", data)
        return add_value_box(drawn, cls, output)


@dataclass(frozen=True, slots=True)
class _Line:
    """Control line of the target, with its limits."""

    laboratory: Laboratory
    qid: str

    @property
    def largest_amplitude(self) -> float:
        """Largest amplitude, of full scale."""
        return self.laboratory.limits.line(self.qid).largest_amplitude

    def round_length_ns(self, length_ns: float) -> float:
        """Return the length of a pulse (ns) as it is played."""
        return self.laboratory.limits.on_grid(self.qid, length_ns)

    def make_search_sweep(self, length_ns: float) -> RabiAmplitude:
        """Return a request over a wide range of amplitudes."""
        amplitudes = np.linspace(0.0, min(_SEARCH_TO, self.largest_amplitude), _POINTS)
        return RabiAmplitude(amplitudes, self.round_length_ns(length_ns))

    def make_fine_sweep(self, rate_mhz: float) -> RabiAmplitude:
        """Return a request over five turns; `rate_mhz` is the Rabi frequency at full scale."""
        largest = min(_STRONGEST * USUAL_RABI_MHZ / rate_mhz, self.largest_amplitude)
        return RabiAmplitude(np.linspace(0.0, largest, _POINTS), self.round_length_ns(_LENGTH_NS))


def _search_rate(line: _Line, shots: int) -> Generator[MeasurementCall, Mapping[str, Answer], float | None]:
    """Search the Rabi frequency at full scale (MHz) with short pulses, then, for a weak line, with longer ones."""
    for length_ns in (_SEARCH_NS, _WEAKER_NS):
        search = line.make_search_sweep(length_ns)
        rate = _fit_rate((yield from measure_trace("search", search, shots)), search.duration_ns)
        if rate is not None:
            return rate
    return None


def _fit_rate(trace: Trace, length_ns: float) -> float | None:
    fit = fit_trace(trace, _fit)
    return None if fit is None else fit.parameters["frequency"].value / (length_ns * 1e-3)


def _fit_recorded(raw: RawData) -> tuple[Signal, FitResult]:
    (signal,) = project_signals(raw, ("rabi" if "rabi_iq" in raw.arrays else "search",), x_name="amplitude")
    return signal, require_success(fit_signal(_fit, signal))


def _fit(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike) -> FitResult:
    return fit_rabi(x, y, x_unit="a.u.", sigma=sigma)
