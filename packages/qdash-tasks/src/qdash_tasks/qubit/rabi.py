"""Rabi oscillation: the strength of the drive, and the amplitude for the standard Rabi frequency."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_rabi
from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    CONTROL_AMPLITUDE,
    DRIVE,
    EARLIER_DRIVE,
    MAXIMUM_RABI_FREQUENCY,
    MEASUREMENT,
    RABI_FREQUENCY,
    T1_REFERENCE,
    THIRD_LEVEL,
    TIME_RANGE,
)
from qdash_tasks.figures.plots import curve, figure, left_out, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Rabi
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.drive_strength import read_rabi_at_full_scale
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.oscillations import RABI as RABI_FEATURES
from qdash_tasks.programs.features.oscillations import describe_rabi
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace, measure_traces
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.projection import Signal, fit_signal, fit_trace, project_signals
from qdash_tasks.programs.rabi_durations import DURATIONS_NS, FEWEST_POINTS, SEARCH_NS, round_durations
from qdash_tasks.programs.rabi_plane import describe_in_plane
from qdash_tasks.programs.rabi_resonance import check_resonance
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.third_level import SLOWER_AT_F01, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import Program

    Floats = NDArray[np.float64]

# Pulse lengths and factors on the amplitude in use, in the order in which they are tried.
_SEARCHES = ((SEARCH_NS, 1.0), (SEARCH_NS, 0.1), (5 * SEARCH_NS, 0.5), (SEARCH_NS, 4.0))
_HALF = "half"
_FEWEST_PERIODS = 1.5
_FARTHEST = 0.2
"""Largest relative distance of the frequency at the final amplitude from the one implied by the search."""
_SAME = 0.002
"""Agreement with the known value that needs no further check of the detuning."""
_NYQUIST = 1.5
"""Least sampled frequency of a sweep, relative to the expected frequency."""


def _declare_oscillation_output(description: str, unit: str = "a.u.") -> OutputParameter:
    return OutputParameter(unit=unit, description=description, optional=True)


class CheckRabi(LaboratoryTask):
    """Rabi oscillation against the length of one pulse.

    First at the amplitude in use, to learn the strength of the drive line, unless that is known; then at the
    amplitude that this implies for the standard Rabi frequency. The search predicts the frequency there: another
    one is an alias of a sweep that is too coarse, or a harmonic. Finally, unless all agrees with known
    values, at half of that amplitude: off resonance the oscillation is not half as fast.
    """

    name = "CheckRabi"
    description = (
        "Rabi oscillation against pulse length; sets the drive amplitude for the standard Rabi frequency."
    )
    expected_s = 1.3
    relaxed = True
    input_parameters = MappingProxyType({**DRIVE, **EARLIER_DRIVE, **T1_REFERENCE, **THIRD_LEVEL})
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "control_amplitude": CONTROL_AMPLITUDE,
            "rabi_frequency": RABI_FREQUENCY,
            "maximum_rabi_frequency": MAXIMUM_RABI_FREQUENCY,
            "rabi_amplitude": _declare_oscillation_output("amplitude of the oscillation in the IQ plane"),
            "rabi_offset": _declare_oscillation_output(
                "offset of the oscillation along its axis in the IQ plane"
            ),
            "rabi_phase": _declare_oscillation_output(
                "phase of the oscillation at zero pulse length, about π", "rad"
            ),
            "rabi_angle": _declare_oscillation_output(
                "angle of the oscillation's axis in the IQ plane", "rad"
            ),
            "rabi_noise": _declare_oscillation_output("standard deviation of the points about the fit"),
            "rabi_distance": _declare_oscillation_output(
                "distance of the oscillation's axis from the origin, positive to its left"
            ),
        }
    )
    fit_axes = ("rabi_duration",)
    feature_parameters = RABI_FEATURES
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "search": MeasurementDeclaration(Rabi, "search at the amplitude in use, then at others"),
            "rabi": MeasurementDeclaration(
                Rabi, "oscillation at the amplitude for the standard Rabi frequency; fitted"
            ),
            _HALF: MeasurementDeclaration(
                Rabi, "oscillation at half that amplitude, to detect a detuned drive"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure at the known amplitude for the standard Rabi frequency, or search for it first."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        asked = read_requested_sweep(self.context, "time_range", fewest=FEWEST_POINTS)
        lengths = round_durations(laboratory, qid, DURATIONS_NS) if asked is None else asked
        strongest = laboratory.limits.line(qid).largest_amplitude
        third = ThirdLevel.from_context(self.context).attributes()
        known = read_rabi_at_full_scale(self.context)
        if known is not None:
            amplitude = _choose_amplitude(lengths, known, strongest)
            found = _estimate_frequency((yield from measure_trace("rabi", Rabi(lengths, amplitude), shots)))
            change = math.inf if found is None else abs(found / (known * amplitude) - 1)
            if change < _FARTHEST:
                if change > _SAME:
                    yield from measure_trace(_HALF, Rabi(lengths, amplitude / 2), shots)
                return {**third, **_make_outcome(amplitude, known)}
        in_use = laboratory.settings[qid].control_amplitude
        for durations, factor in _SEARCHES:
            tried = min(factor * in_use, strongest)
            search = Rabi(round_durations(laboratory, qid, durations), tried)
            rough = _estimate_frequency((yield from measure_trace("search", search, shots)))
            if rough is not None:
                amplitude = _choose_amplitude(lengths, rough / tried, strongest)
                both = {"rabi": Rabi(lengths, amplitude), _HALF: Rabi(lengths, amplitude / 2)}
                yield from measure_traces(both, shots)
                return {**third, **_make_outcome(amplitude, rough / tried)}
        return {**third, "control_amplitude": tried, "found": False}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the oscillation at the chosen amplitude."""
        name, _, fit = _fit_oscillation(require_complete(result))
        found = ThirdLevel.from_raw_data(result).correct_rabi_frequency(
            fit.parameters["frequency"], SLOWER_AT_F01
        )
        expected_mhz = float(result.attributes.get("expected_mhz", found.value))
        if abs(found.value / expected_mhz - 1) > _FARTHEST:
            raise AnalysisError(
                f"an oscillation at {found.value:.4g}\N{NO-BREAK SPACE}MHz, but the search at another amplitude predicts "
                f"{expected_mhz:.4g}\N{NO-BREAK SPACE}MHz: an alias or a harmonic, or a drive that is not linear"
            )
        decay = fit.parameters.get("decay")
        if decay is not None and decay.value * found.value * 1e-3 < _FEWEST_PERIODS:
            periods = decay.value * found.value * 1e-3
            raise AnalysisError(
                f"the oscillation decays within {periods:.2g} periods: the drive is not stable"
            )
        found = check_resonance(result, found, half=_HALF)
        amplitude = float(result.attributes["control_amplitude"])
        error = None if found.error is None else found.error / amplitude
        return TaskOutput(
            {
                # It was set, not measured: it has no error.
                "control_amplitude": Parameter(amplitude, None, "a.u."),
                "rabi_frequency": make_parameter(found),
                "maximum_rabi_frequency": Parameter(found.value / amplitude, error, "MHz/a.u."),
                **describe_in_plane(result, name, fit),
            },
            r2=fit.r2,
            quality=make_quality(fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_rabi(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal against pulse length with its fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="duration", x_unit="ns")
        _, signal, fit = _fit_oscillation(raw)
        found, amplitude = output.parameters["rabi_frequency"], raw.attributes["control_amplitude"]
        title = f"Rabi frequency {quantity(f'{found.value:.5g}', 'MHz')} at amplitude {amplitude:.4g}"
        data = [points("Measured", signal), curve("Fit", fit.predict, signal.x), *left_out(signal, fit)]
        drawn = figure(title, "Pulse length (ns)", "Signal (a.u.)", data)
        return add_value_box(drawn, cls, output)


def _choose_amplitude(durations_ns: Floats, rate_mhz: float, strongest: float) -> float:
    """Return the amplitude for the standard Rabi frequency, given that at full scale.

    Raises `InvalidInputError` if the pulse lengths are too coarse for the expected oscillation.
    """
    amplitude = min(USUAL_RABI_MHZ / rate_mhz, strongest)
    _require_sampled(durations_ns, rate_mhz * amplitude)
    return amplitude


def _make_outcome(amplitude: float, rate_mhz: float) -> dict[str, Any]:
    return {"control_amplitude": amplitude, "found": True, "expected_mhz": rate_mhz * amplitude}


def _require_sampled(durations_ns: Floats, expected_mhz: float) -> None:
    """Raise `InvalidInputError` if the sweep is too coarse for the expected oscillation."""
    step_ns = float(np.median(np.diff(durations_ns))) if durations_ns.size > 1 else float("inf")
    if 500.0 / step_ns < _NYQUIST * expected_mhz:
        raise InvalidInputError(
            f"time_range: steps of {step_ns:.4g}\N{NO-BREAK SPACE}ns undersample the expected {expected_mhz:.4g}\N{NO-BREAK SPACE}MHz: take steps of "
            f"at most {500.0 / (_NYQUIST * expected_mhz):.3g}\N{NO-BREAK SPACE}ns"
        )


def _estimate_frequency(trace: Trace) -> float | None:
    fit = fit_trace(trace, fit_rabi)
    return None if fit is None else fit.parameters["frequency"].value


def _fit_oscillation(raw: RawData) -> tuple[str, Signal, FitResult]:
    name = "rabi" if raw.attributes["found"] else "search"
    (signal,) = project_signals(raw, (name,), x_name="duration")
    return name, signal, require_success(fit_signal(fit_rabi, signal))
