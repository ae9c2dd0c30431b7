"""Ramsey fringes: the drive detuning with its sign, and T2*."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COHERENCE_JUMP,
    ENVELOPE,
    MEASUREMENT,
    PULSES,
    QUBIT_FREQUENCY,
    TIME_RANGE,
    declare_optional_input,
)
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.decay_window import get_longest_delay_us
from qdash_tasks.programs.features.oscillations import FRINGES, describe_fringes
from qdash_tasks.programs.fringes import (
    FIRST_WINDOWS_US,
    POINTS,
    FringeEstimate,
    average_t2_star,
    choose_fringe_mhz,
    draw_fringes,
    estimate_frequency,
    estimate_t2_star,
    estimate_with_both_signs,
    fit_pair,
    fit_trace,
    limit_windows,
    make_fringe_attributes,
    measure_both_signs,
    measure_requested_fringes,
    sketch_fringes,
)
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.phase_sense import DETUNED_TRACE, add_detuned_fringes
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_known_value, read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.fringes import Floats
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_LONGEST_US = 2000.0
_STRETCH = 5.0
_WINDOW = 2.5
_WINDOW_OF_A_KNOWN_TIME = 2.0
_WELL_SEEN = (1.2, 5.0)
_SURE = 0.1


class CheckRamsey(LaboratoryTask):
    """Ramsey fringes over T2*: X90, delay, X90 whose phase advances at an artificial detuning, readout.

    A short window finds a large offset without aliasing; each further window is longer and starts from the
    previous result, until the fringes visibly decay. A known T2* saves the windows between. T2* is reported
    if the fringes visibly decay; otherwise the note says so. Coupled qubits do not belong in one group: they
    shift each other. With passive reset a T1 trace comes first and sets the interval; a given interval
    shorter than five T1 is rejected, because it distorts the fringes.
    """

    name = "CheckRamsey"
    description = "Qubit frequency with its sign from two artificial detunings, and T2*."
    expected_s = 20.0
    relaxed = True
    input_parameters = MappingProxyType(
        {**PULSES, "t2_star": declare_optional_input("us", "sets the sweep window")}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "t2_star": OutputParameter(
                unit="us",
                description="1/e time of the Ramsey envelope",
                minimum=0.0,
                positive=True,
                jump=COHERENCE_JUMP,
                optional=True,
            ),
        }
    )
    analysis_options = MappingProxyType(ENVELOPE)
    fit_axes = ("plus_delay", "minus_delay")
    feature_parameters = FRINGES
    traces = MappingProxyType(
        {
            **T1_TRACE,
            **DETUNED_TRACE,
            "longer": MeasurementDeclaration(Ramsey, "longest window of the search"),
            "plus": MeasurementDeclaration(Ramsey, "last window, positive artificial detuning"),
            "minus": MeasurementDeclaration(Ramsey, "last window, negative artificial detuning"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure both signs of the artificial detuning, over requested or searched delays."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        asked_ns = read_requested_sweep(self.context, "time_range", fewest=8)
        drive_ghz = laboratory.settings[qid].drive_frequency_ghz
        if asked_ns is None:
            expected_us = read_known_value(self.context, "t2_star")
            fringes = _search(laboratory.limits, qid, shots, expected_us=expected_us)
        else:
            fringes = measure_requested_fringes(asked_ns * 1e-3, shots)
        delays, known_mhz = yield from add_detuned_fringes(fringes, laboratory, qid)
        return make_fringe_attributes(drive_ghz, delays, known_mhz)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces, which agree on one sign of the detuning; report T2* if it is visible."""
        _, fits = fit_pair(require_complete(result))
        output = estimate_frequency(result, fits)
        t2_star = average_t2_star(fits)
        if t2_star is not None:
            return replace(output, parameters={**output.parameters, "t2_star": t2_star})
        span = float(np.ptp(result["plus_delay"]))
        return replace(
            output,
            note={**output.note, "t2_star": f"no decay is resolved within {span:.4g}\N{NO-BREAK SPACE}µs"},
        )

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
    limits: Limits, qid: str, shots: int, *, expected_us: float | None
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Floats, float]]:
    """Extend the window until it shows the decay, then measure with both signs.

    Returns the delays in µs of the last pair, and the offset in MHz it was relative to.
    """
    for window in limit_windows(_choose_first_windows(expected_us), limits, qid, points=POINTS):
        delays = np.linspace(0.0, window, POINTS)
        first = yield from estimate_with_both_signs(delays, 0.0, shots)
        if first is not None:
            break
    if first is None:
        return delays, 0.0
    longest_us = get_longest_delay_us(limits)
    if expected_us is not None:
        delays = np.linspace(0.0, min(_WINDOW_OF_A_KNOWN_TIME * expected_us, longest_us), POINTS)
        if _is_sure(first, delays):
            again = yield from estimate_with_both_signs(delays, first.offset_mhz, shots)
            if again is not None and _is_well_seen(again.t2_star_us, float(delays[-1])):
                return delays, first.offset_mhz
    offset_mhz, decay_us = yield from _lengthen_windows(window, first, shots, min(_LONGEST_US, longest_us))
    last_us = _LONGEST_US if decay_us is None else _WINDOW * decay_us
    delays = np.linspace(0.0, min(last_us, longest_us), POINTS)
    yield from measure_both_signs(delays, offset_mhz, shots)
    return delays, offset_mhz


def _choose_first_windows(expected_us: float | None) -> tuple[float, ...]:
    """Return the windows of the offset search, limited by a known T2*."""
    if expected_us is None or _WINDOW * expected_us > FIRST_WINDOWS_US[0]:
        return FIRST_WINDOWS_US
    return (_WINDOW * expected_us, *FIRST_WINDOWS_US)


def _is_sure(found: FringeEstimate, delays_us: Floats) -> bool:
    """Return whether the offset is known well enough for a clear sign in a window."""
    return found.error_mhz is not None and found.error_mhz < _SURE * choose_fringe_mhz(delays_us)


def _is_well_seen(t2_star_us: float | None, window_us: float) -> bool:
    return t2_star_us is not None and _WELL_SEEN[0] < window_us / t2_star_us < _WELL_SEEN[1]


def _lengthen_windows(
    window_us: float, found: FringeEstimate, shots: int, longest_us: float
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[float, float | None]]:
    """Measure longer windows until the fringes visibly decay; return offset and T2*, or None."""
    offset, decay_us = found.offset_mhz, found.t2_star_us
    while decay_us is None and window_us < longest_us:
        window_us = min(window_us * _STRETCH, longest_us)
        further = yield from _measure_longer_window(window_us, offset, shots)
        if further is None:
            # The fringes decayed before the first few points: T2* lies near the last window.
            return offset, window_us / _STRETCH
        offset, decay_us = further
    return offset, decay_us


def _measure_longer_window(
    window_us: float, known_mhz: float, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[float, float | None] | None]:
    """Measure one trace in a longer window, in which the sign of the detuning is already clear."""
    delays = np.linspace(0.0, window_us, POINTS)
    fringe = choose_fringe_mhz(delays)
    trace = yield from measure_trace("longer", Ramsey(delays, fringe - known_mhz), shots)
    try:
        fit = fit_trace(trace)
    except AnalysisError:
        return None
    return known_mhz + fit.parameters["detuning"].value - fringe, estimate_t2_star(fit)
