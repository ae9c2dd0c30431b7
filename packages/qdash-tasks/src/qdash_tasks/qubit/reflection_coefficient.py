"""Reflection coefficient: the rates at which the readout resonator loses energy to its line and inside."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_coupling_rates
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_core.tasks.run_parameters import AnalysisOption
from qdash_tasks.declarations import (
    COUPLING_JUMP,
    FREQUENCY_RANGE,
    PROBE,
    SHOTS,
)
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.resonances import SEARCH_FEATURES, describe_search
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonator_search import (
    SEARCH_TRACES,
    fit_trace,
    get_probe_amplitude,
    note_line,
    read_found_points,
    read_points,
    search_resonator,
)
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.programs.silence import SILENT_TRACES, add_silence, fit_beside_offset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program
    from qdash_tasks.programs.resonator_search import Points

_FEWEST_POINTS = 12
_CLOSE_WIDTHS = 3.0
_CLOSE_POINTS = 101
_EXCITED = {"active": 0.004, "passive": 0.014}
"""Excited population before a shot by kind of reset: the root mean square of 0.1 to 1 %, and of 0.3 to 3 %."""
_INDUCED = 6e-4
"""Population that the probe induces at the design amplitude of the readout: of 1 to 2 % by a whole readout, the share of
photons of a probe with a fifth of its amplitude. It grows with the square of the amplitude.
"""
_UNKNOWN_DESIGN = 10.0
"""Assumed factor on that population if the amplitude of the design is unknown: an amplitude about three times as high."""
_STRENGTH = "readout_over_design"
"""Attribute of raw data: readout amplitude in use relative to that of the design; absent if there is none."""
_PULLS = {"frequency": 0.45, "kappa_external": 1.0, "kappa_internal": 0.85}
"""Changes of the estimates in linewidths by a wholly excited qubit: the largest slopes of fits of a line with a small
share of a second one, for shifts up to three linewidths. The shift is not known when the loss rates are measured.
"""
_ESTIMATES = {
    "resonator_frequency": "frequency",
    "kappa_external": "kappa_external",
    "kappa_internal": "kappa_internal",
}
"""Name in the fit of each output."""


class CheckReflectionCoefficient(LaboratoryTask):
    """Complex response over six linewidths, at the resonance found near its last frequency or its design; and without a probe,
    before and after it.
    """

    name = "CheckReflectionCoefficient"
    description = "Frequency, external and internal loss rates of the readout resonator."
    expected_s = 3.5
    input_parameters = MappingProxyType(PROBE)
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "resonator_frequency": OutputParameter(
                unit="GHz",
                description="resonance with the qubit in |0⟩",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            ),
            "kappa_external": OutputParameter(
                unit="MHz",
                description="rate of the loss to the line, divided by 2π",
                minimum=0.0,
                jump=COUPLING_JUMP,
                convention="kappa/2pi",
            ),
            "kappa_internal": OutputParameter(
                unit="MHz",
                description="rate of all other losses, divided by 2π",
                minimum=0.0,
                jump=2.0,  # two-level systems change it with the power of the probe
                convention="kappa/2pi",
            ),
        }
    )
    analysis_options = MappingProxyType(
        {
            "geometry": AnalysisOption(
                value="auto",
                value_type="str",
                choices=("auto", "transmission", "reflection"),
                description="line that passes the resonator, or ends at it; auto: reflection if the circle is too large for a "
                "transmission. The reflection of a resonator with more internal than external loss must be named",
            )
        }
    )
    fit_axes = ("{sweep}_frequency",)
    traces = MappingProxyType(
        {
            **SEARCH_TRACES,
            "close": MeasurementDeclaration(
                ReadoutScan, "three linewidths to each side, or the requested sweep; fitted", shuffled=True
            ),
            **SILENT_TRACES,
        }
    )

    feature_parameters = SEARCH_FEATURES

    def program(self, laboratory: Laboratory) -> Program:
        """Find the resonance, then measure it over six linewidths."""
        shots = self.context.parameters["shots"]
        probe = get_probe_amplitude(laboratory, self.context.qid)
        strength = self._compare_with_design(laboratory)
        close = read_requested_sweep(self.context, "frequency_range", fewest=_FEWEST_POINTS)
        if close is None:
            found, trace = yield from search_resonator(self.context, laboratory, shots=shots)
            fit = fit_trace(trace)
            if not fit.success or found["sweep"] == "wide":
                return {**found, **strength}
            close = limit_window(
                _make_window(fit), laboratory.limits.readout_frequencies_ghz(self.context.qid)
            )
        scans = add_silence({"close": ReadoutScan(close, amplitude=probe)}, laboratory.limits)
        yield from measure_traces(scans, shots)
        return {"sweep": "close", **strength}

    def _compare_with_design(self, laboratory: Laboratory) -> dict[str, float]:
        """Return the attribute with the readout amplitude in use relative to that of the design, if there is one."""
        design = QubitDesign.from_context(self.context).readout_amplitude
        in_use = laboratory.settings[self.context.qid].readout_amplitude
        return {_STRENGTH: in_use / design} if design else {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the resonance in the complex plane, of either sign of the phase."""
        points = read_found_points(require_complete(result))
        fit = require_success(_fit(result, points))
        # Recordings of earlier versions do not compare the amplitude with the design.
        strength = result.attributes.get(_STRENGTH)
        induced = _INDUCED * (_UNKNOWN_DESIGN if strength is None else strength**2)
        excited = math.hypot(_EXCITED[result.attributes.get("reset", "passive")], induced)
        return TaskOutput(
            {output: _widen(fit, name, excited=excited) for output, name in _ESTIMATES.items()},
            r2=fit.r2,
            quality=make_quality(fit),
            note={
                "linewidth_mhz": fit.parameters["linewidth"].value,
                "seen": fit.message,
                **note_line(fit),
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the last scan of the search."""
        return describe_search(raw, ("close", "fine", "wide", "known"))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of the response against frequency; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        points = read_points(raw, raw.attributes["sweep"])
        fit = require_success(_fit(raw, points))
        x, iq, sigma = points
        measured = scatter("Measured", x, np.abs(iq), sigma=sigma)
        fitted = curve("Fit", lambda fine: np.abs(fit.predict(fine)), x)
        rates = (output.parameters[name].value for name in ("kappa_external", "kappa_internal"))
        title = "External {}, internal {}".format(*(quantity(f"{rate:.3g}", "MHz") for rate in rates))
        drawn = figure(title, "Readout frequency (GHz)", "|S| (a.u.)", [measured, fitted])
        return add_value_box(drawn, cls, output)


def _make_window(fit: FitResult) -> NDArray[np.float64]:
    """Return frequencies (GHz) over some linewidths to each side of a fitted line."""
    half = _CLOSE_WIDTHS * fit.parameters["linewidth"].value * 1e-3
    return fit.parameters["frequency"].value + np.linspace(-half, half, _CLOSE_POINTS)


def _widen(fit: FitResult, name: str, *, excited: float) -> Parameter:
    """Return an estimate whose error contains the pull of an excited qubit, which one scan does not show."""
    found = fit.parameters[name]
    width = fit.parameters["linewidth"].value * (1e-3 if found.unit == "GHz" else 1.0)
    return Parameter(found.value, math.hypot(found.error or 0.0, _PULLS[name] * excited * width), found.unit)


def _fit(raw: RawData, points: Points) -> FitResult:
    geometry = raw.options.get("geometry", "auto")
    return fit_beside_offset(fit_coupling_rates, raw, points, geometry=geometry)
