"""Resonator spectroscopy: the frequency of the readout resonator."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, PROBE, SHOTS
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.resonances import SEARCH_FEATURES, describe_search
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import measure_trace
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonator_search import (
    SEARCH_TRACES,
    fit_points,
    get_probe_amplitude,
    make_pulled_frequency,
    note_line,
    read_found_points,
    read_points,
    search_resonator,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_FEWEST_POINTS = 12


class CheckResonatorSpectroscopy(LaboratoryTask):
    """Transmission against readout frequency: a wide scan around the design, a narrow one at the resonance.

    Without a design value the wide scans cover the reach of the readout line. The qubit stays in its ground
    state.
    """

    name = "CheckResonatorSpectroscopy"
    description = "Frequency of the readout resonator, from transmission against frequency."
    expected_s = 2.3
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
            )
        }
    )
    fit_axes = ("{sweep}_frequency",)
    traces = MappingProxyType(SEARCH_TRACES)
    feature_parameters = SEARCH_FEATURES

    def program(self, laboratory: Laboratory) -> Program:
        """Search near the last value or the design frequency, then measure a narrow scan."""
        shots = self.context.parameters["shots"]
        asked = read_requested_sweep(self.context, "frequency_range", fewest=_FEWEST_POINTS)
        if asked is not None:
            probe = get_probe_amplitude(laboratory, self.context.qid)
            yield from measure_trace("fine", ReadoutScan(asked, amplitude=probe), shots)
            return {"sweep": "fine"}
        found, _ = yield from search_resonator(self.context, laboratory, shots=shots)
        return found

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the resonance in the complex plane, of either sign of the phase."""
        points = read_found_points(require_complete(result))
        fit = require_success(fit_points(points))
        linewidth = fit.parameters["linewidth"]
        return TaskOutput(
            {"resonator_frequency": make_pulled_frequency(fit.parameters["frequency"], linewidth)},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"linewidth_mhz": linewidth.value, "seen": fit.message, **note_line(fit)},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the last scan of the search."""
        return describe_search(raw, ("fine", "wide", "known"))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of the transmission against frequency; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        points = read_points(raw, raw.attributes["sweep"])
        fit, (x, iq, sigma) = require_success(fit_points(points)), points
        found = output.parameters["resonator_frequency"]
        measured = scatter("Measured", x, np.abs(iq), sigma=sigma)
        fitted = curve("Fit", lambda fine: np.abs(fit.predict(fine)), x)
        title = f"Resonator frequency {quantity(f'{found.value:.7g}', 'GHz')}"
        drawn = figure(title, "Readout frequency (GHz)", "|S21| (a.u.)", [measured, fitted])
        return add_value_box(drawn, cls, output)
