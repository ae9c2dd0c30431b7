"""Resonator spectroscopy: the frequency of the readout resonator."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_resonator
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.projection import average_quadratures
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonance_dip import find_dip
from qdash_tasks.programs.search_windows import limit_window, search_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import Program

_WINDOWS_MHZ = ((12.0, 161), (60.0, 601))
_KNOWN_MHZ = 6.0
"""Half width of the window around a previously measured frequency: more than two of the broadest
resonances.
"""
_FINE_WIDTHS = 4.0
_FINE_POINTS = 81
_FEWEST_POINTS = 12
# A probe as strong as a readout would excite some qubits, and so pull their resonator.
_WEAKER = 0.2
_THERMAL_PULL = 0.01


class CheckResonatorSpectroscopy(LaboratoryTask):
    """Transmission against readout frequency: a wide scan around the design, a narrow one at the resonance.

    Without a design value the wide scans cover the reach of the readout line. The qubit stays in its ground
    state.
    """

    name = "CheckResonatorSpectroscopy"
    description = "Frequency of the readout resonator, from transmission against frequency."
    expected_s = 2.3
    input_parameters = MappingProxyType(
        {
            "resonator_frequency": declare_optional_input(
                "GHz", "centre of the search; the design value if absent"
            ),
            "readout_amplitude": declare_optional_input(
                "a.u.",
                "readout amplitude, which the probe is a fixed fraction of; the design value if absent",
            ),
        }
    )
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "resonator_frequency": OutputParameter(
                unit="GHz",
                description="resonance with the qubit in |0⟩",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            )
        }
    )
    fit_axes = ("{sweep}_frequency",)
    traces = MappingProxyType(
        {
            "known": MeasurementDeclaration(
                ReadoutScan, "narrow window around the previous value; fitted if the line is still there"
            ),
            "wide": MeasurementDeclaration(ReadoutScan, "last search window around the design frequency"),
            "fine": MeasurementDeclaration(
                ReadoutScan, "narrow window around the line found, or the requested sweep; fitted"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search near the last value or the design frequency, then measure a narrow scan."""
        shots = self.context.parameters["shots"]
        asked = read_requested_sweep(self.context, "frequency_range", fewest=_FEWEST_POINTS)
        probe = _WEAKER * laboratory.settings[self.context.qid].readout_amplitude
        ranges = laboratory.limits.readout_frequencies_ghz(self.context.qid)
        if asked is not None:
            yield from measure_trace("fine", ReadoutScan(asked, amplitude=probe), shots)
            return {"sweep": "fine"}
        last = self.context.inputs.get("resonator_frequency")
        if last is not None:
            near = last.value + np.linspace(-_KNOWN_MHZ, _KNOWN_MHZ, _FINE_POINTS) * 1e-3
            scan = ReadoutScan(limit_window(near, ranges), amplitude=probe)
            trace = yield from measure_trace("known", scan, shots)
            if _fit(trace.x, trace.iq, average_quadratures(trace.sigma)).success:
                return {"sweep": "known"}
        design_ghz = QubitDesign.from_context(self.context).resonator_frequency_ghz
        for half_width, count in _WINDOWS_MHZ:
            offsets = np.linspace(-half_width, half_width, count) * 1e-3
            for wide in search_windows(design_ghz, offsets, ranges):
                place = _locate_resonance(
                    (yield from measure_trace("wide", ReadoutScan(wide, amplitude=probe), shots))
                )
                if place is not None:
                    centre, width = place
                    close = centre + np.linspace(-1.0, 1.0, _FINE_POINTS) * _FINE_WIDTHS * width
                    scan = ReadoutScan(limit_window(close, ranges), amplitude=probe)
                    yield from measure_trace("fine", scan, shots)
                    return {"sweep": "fine"}
        return {"sweep": "wide"}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the notch in the complex plane; reject a reflected plane."""
        fit = _require_fit(*_fit_raw_data(require_complete(result)))
        found, linewidth = fit.parameters["frequency"], fit.parameters["linewidth"]
        # A thermally excited qubit, about one shot in a hundred, pulls the mean by that share of its shift,
        # which is about a linewidth. The population is unknown here, so its effect is part of the error.
        pull = _THERMAL_PULL * linewidth.value * 1e-3
        error = math.hypot(found.error or 0.0, pull)
        return TaskOutput(
            {"resonator_frequency": Parameter(found.value, error, "GHz")},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"linewidth_mhz": linewidth.value},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of the transmission against frequency; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        x, iq, sigma = _fit_raw_data(raw)
        fit = require_success(_fit(x, iq, sigma))
        found = output.parameters["resonator_frequency"]
        measured = scatter("Measured", x, np.abs(iq), sigma=sigma)
        fitted = curve("Fit", lambda fine: np.abs(fit.predict(fine)), x)
        title = f"Resonator frequency {quantity(f'{found.value:.7g}', 'GHz')}"
        drawn = figure(title, "Readout frequency (GHz)", "|S21| (a.u.)", [measured, fitted])
        return add_value_box(drawn, cls, output)


_Points = tuple["NDArray[np.float64]", "NDArray[np.complex128]", "NDArray[np.float64]"]


def _locate_resonance(trace: Trace) -> tuple[float, float] | None:
    """Find the resonance in a wide scan; return its centre and rough width (GHz), or None.

    A broad and shallow resonance does not stand out of the scan, but a fit of the whole scan shows it.
    """
    dip = find_dip(trace)
    if dip is not None:
        return dip
    fit = _fit(trace.x, trace.iq, average_quadratures(trace.sigma))
    if not fit.success:
        return None
    return fit.parameters["frequency"].value, fit.parameters["linewidth"].value * 1e-3


def _fit_raw_data(raw: RawData) -> _Points:
    name = raw.attributes["sweep"]
    return raw[f"{name}_frequency"], raw[f"{name}_iq"], average_quadratures(raw[f"{name}_sigma"])


def _require_fit(x: NDArray[np.float64], iq: NDArray[np.complex128], sigma: NDArray[np.float64]) -> FitResult:
    """Return the fit, or raise `AnalysisError` with its reason.

    A line visible only in the conjugate has its own reason.
    """
    fit = _fit(x, iq, sigma)
    if not fit.success and _fit(x, iq.conj(), sigma).success:
        raise AnalysisError(
            f"{fit.message} in I + iQ, but one in I - iQ: the IQ plane is reflected (Q has the other sign, or I and Q are exchanged). "
            "Return I - iQ from the adapter instead of I + iQ: with a longer cable the phase must decrease faster with frequency"
        )
    return require_success(fit)


def _fit(x: NDArray[np.float64], iq: NDArray[np.complex128], sigma: NDArray[np.float64]) -> FitResult:
    return fit_resonator(x, iq, sigma=sigma)
