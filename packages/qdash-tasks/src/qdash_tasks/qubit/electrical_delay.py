"""Electrical delay: the time that a signal takes through the readout line, from phase against frequency."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_electrical_delay
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import SHOTS, declare_optional_input
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.resonances import SEARCH_FEATURES, describe_search
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.resonator_search import get_probe_amplitude, read_points
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

_COARSE_MHZ = np.linspace(-20.0, -19.6, 41)
"""Steps of 0.01 MHz, beside the resonator: a delay of up to 50 us is less than half a turn from point to point."""
_WIDE_MHZ = np.linspace(-20.0, 20.0, 161)


class CheckElectricalDelay(LaboratoryTask):
    """Phase of the transmission in fine steps, for whole turns, and over 40 MHz, for the slope."""

    name = "CheckElectricalDelay"
    description = (
        "Electrical delay of the readout line, from the phase of its transmission against frequency."
    )
    expected_s = 2.5
    input_parameters = MappingProxyType(
        {
            "resonator_frequency": declare_optional_input(
                "GHz", "middle of the sweep; the design value if absent"
            ),
            "readout_frequency": declare_optional_input(
                "GHz", "middle of the sweep; the resonator frequency if absent"
            ),
            "readout_amplitude": declare_optional_input(
                "a.u.",
                "readout amplitude, which the probe is a fixed fraction of; the design value if absent",
            ),
        }
    )
    run_parameters = MappingProxyType({"shots": SHOTS})
    output_parameters = MappingProxyType(
        {
            "electrical_delay": OutputParameter(
                unit="ns",
                description="delay of cables, amplifiers and instruments: phase against frequency, divided by −2π",
                jump=0.1,
                line="readout",
            )
        }
    )
    fit_axes = ("wide_frequency",)
    traces = MappingProxyType(
        {
            "coarse": MeasurementDeclaration(
                ReadoutScan, "fine steps beside the resonator, which count whole turns", shuffled=True
            ),
            "wide": MeasurementDeclaration(
                ReadoutScan, "40 MHz around the readout frequency; fitted", shuffled=True
            ),
            **SILENT_TRACES,
        }
    )

    feature_parameters = SEARCH_FEATURES

    def program(self, laboratory: Laboratory) -> Program:
        """Measure both sweeps in one call."""
        qid = self.context.qid
        middle_ghz = laboratory.settings[qid].readout_frequency_ghz
        ranges = laboratory.limits.readout_frequencies_ghz(qid)
        probe = get_probe_amplitude(laboratory, qid)
        sweeps = {
            name: limit_window(middle_ghz + 1e-3 * offsets_mhz, ranges)
            for name, offsets_mhz in (("wide", _WIDE_MHZ), ("coarse", _COARSE_MHZ))
        }
        scans = {name: ReadoutScan(sweep, amplitude=probe) for name, sweep in sweeps.items()}
        yield from measure_traces(add_silence(scans, laboratory.limits), self.context.parameters["shots"])
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the cable, with the resonator if it is in the sweep; the fine steps select the turn."""
        fit = require_success(_fit(require_complete(result)))
        return TaskOutput(
            {"electrical_delay": make_parameter(fit.parameters["electrical_delay"])},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"seen": fit.message},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the wide sweep."""
        return describe_search(raw, ("wide",))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the unwrapped phase against frequency; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        fit, (x, iq, sigma) = require_success(_fit(raw)), read_points(raw, "wide")
        found = output.parameters["electrical_delay"]
        phase = _unwrap(x, iq, found.value)
        # A point of less than its noise, in the middle of a deep notch, has no phase.
        bars = np.minimum(sigma / np.maximum(np.abs(iq), 1e-300), np.pi)
        drawn = figure(
            f"Electrical delay {quantity(f'{found.value:.5g}', 'ns')}",
            "Readout frequency (GHz)",
            "Phase (rad)",
            [
                scatter("Measured", x, phase, sigma=bars),
                curve("Fit", lambda fine: _unwrap(fine, fit.predict(fine), found.value, phase[0]), x),
            ],
        )
        return add_value_box(drawn, cls, output)


def _unwrap(
    x: NDArray[np.float64], iq: NDArray[np.complex128], delay_ns: float, first: float | None = None
) -> NDArray[np.float64]:
    """Return the phase without jumps of whole turns, given the delay; the first phase is the one nearest to `first`."""
    slope = -2 * np.pi * delay_ns * (x - x[0])
    phase = np.unwrap(np.angle(iq * np.exp(-1j * slope))) + slope
    turns = 0.0 if first is None else np.round((first - phase[0]) / (2 * np.pi))
    return np.asarray(phase + 2 * np.pi * turns)


def _fit(raw: RawData) -> FitResult:
    """Fit the wide sweep, at the turn of the coarse one."""
    coarse = fit_beside_offset(fit_electrical_delay, raw, read_points(raw, "coarse"))
    if not coarse.success:
        return coarse
    near_ns = coarse.parameters["electrical_delay"].value
    return fit_beside_offset(fit_electrical_delay, raw, read_points(raw, "wide"), near_ns=near_ns)
