"""Quick measurement of the qubit frequency: the drive detuning and its sign."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_tasks.declarations import ENVELOPE, MEASUREMENT, PULSES, QUBIT_FREQUENCY, TIME_RANGE
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.decay_window import get_longest_delay_us
from qdash_tasks.programs.features.oscillations import FRINGES, describe_fringes
from qdash_tasks.programs.fringes import (
    draw_fringes,
    estimate_frequency,
    estimate_with_both_signs,
    fit_pair,
    limit_windows,
    make_fringe_attributes,
    measure_requested_fringes,
    sketch_fringes,
)
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.phase_sense import DETUNED_TRACE, add_detuned_fringes
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.fringes import Floats
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_POINTS = 51
_FIRST_WINDOWS_US = (2.0, 0.4, 0.1)
_LONGEST_US = 50.0
_STRETCH = 5.0
_WANTED_MHZ = 0.010


class CheckQubitFrequency(LaboratoryTask):
    """Qubit frequency from two short Ramsey traces, enough for an error of about ten kilohertz.

    X90, delay, X90 whose phase advances at an artificial detuning, readout; with detunings of both signs. The
    window is extended only if the first one leaves an error above 10 kHz, and no further than the phase
    lasts. Coupled qubits do not belong in one group: they shift each other. With passive reset a T1 trace
    comes first and sets the interval; a given interval shorter than five T1 is rejected, because it distorts
    the fringes.
    """

    name = "CheckQubitFrequency"
    description = "Qubit frequency with its sign from two artificial detunings, in short Ramsey fringes."
    expected_s = 1.1
    relaxed = True
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType({"qubit_frequency": QUBIT_FREQUENCY})
    analysis_options = MappingProxyType(ENVELOPE)
    fit_axes = ("plus_delay", "minus_delay")
    feature_parameters = FRINGES
    traces = MappingProxyType(
        {
            **T1_TRACE,
            **DETUNED_TRACE,
            "plus": MeasurementDeclaration(Ramsey, "last window, positive artificial detuning"),
            "minus": MeasurementDeclaration(Ramsey, "last window, negative artificial detuning"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure both signs of the artificial detuning, over requested or searched delays."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        asked_ns = read_requested_sweep(self.context, "time_range", fewest=8)
        drive_ghz = laboratory.settings[qid].drive_frequency_ghz
        fringes = (
            _search(laboratory.limits, qid, shots)
            if asked_ns is None
            else measure_requested_fringes(asked_ns * 1e-3, shots)
        )
        delays, known_mhz = yield from add_detuned_fringes(fringes, laboratory, qid)
        return make_fringe_attributes(drive_ghz, delays, known_mhz)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces, which agree on one sign of the detuning."""
        _, fits = fit_pair(require_complete(result))
        return estimate_frequency(result, fits)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_fringes(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw both traces with their fits; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        return add_value_box(draw_fringes(raw, output), cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw one of the traces with the recorded fringes."""
        return sketch_fringes(raw, output) if output.parameters else cls.figure(raw, output)


def _search(
    limits: Limits, qid: str, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Floats, float]]:
    """Find the offset in a short window, then refine it if necessary.

    Returns the delays in µs of the last pair, and the offset in MHz it was relative to.
    """
    for window in limit_windows(_FIRST_WINDOWS_US, limits, qid, points=_POINTS):
        delays, known_mhz = np.linspace(0.0, window, _POINTS), 0.0
        found = yield from estimate_with_both_signs(delays, known_mhz, shots)
        if found is not None:
            break
    longest_us = min(_LONGEST_US, get_longest_delay_us(limits))
    while found is not None and window < longest_us:
        settled = found.error_mhz is not None and found.error_mhz < _WANTED_MHZ
        if settled or found.t2_star_us is not None:
            break
        window = min(_STRETCH * window, longest_us)
        delays, known_mhz = np.linspace(0.0, window, _POINTS), found.offset_mhz
        found = yield from estimate_with_both_signs(delays, known_mhz, shots)
    return delays, known_mhz
