"""Search of a readout resonator: near its last frequency, then around the design, then a narrow scan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import fit_resonator
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.projection import average_quadratures
from qdash_tasks.programs.requested_sweeps import read_known_value
from qdash_tasks.programs.resonance_dip import find_dip, include_scatter, list_dips
from qdash_tasks.programs.search_windows import limit_window, search_windows, select_reachable
from qdash_tasks.validators import LINE

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Points = tuple[NDArray[np.float64], NDArray[np.complex128], NDArray[np.float64]]

SEARCH_TRACES = {
    "known": MeasurementDeclaration(
        ReadoutScan,
        "narrow window around the previous value; fitted if the line is still there",
        shuffled=True,
    ),
    "wide": MeasurementDeclaration(
        ReadoutScan, "last search window around the design frequency", shuffled=True
    ),
    "fine": MeasurementDeclaration(
        ReadoutScan, "narrow window around the line found, or the requested sweep; fitted", shuffled=True
    ),
}
"""Traces declared by tasks that use `search_resonator`."""

_WINDOWS_MHZ = ((12.0, 161), (60.0, 601))
_KNOWN_MHZ = 6.0
"""Half width of the window around a previously measured frequency: more than two of the broadest
resonances.
"""
_KNOWN = ("resonator_frequency", "coarse_resonator_frequency")
_FINE_WIDTHS = 4.0
_FINE_POINTS = 81
# A probe as strong as a readout would excite some qubits, and so pull their resonator.
_WEAKER = 0.2
_THERMAL_PULL = 0.01
_SWEEP, _REASON = "sweep", "several"
_USUAL_WIDTH_GHZ = 2e-3
_CLEARLY_NEARER = 2.0


def get_probe_amplitude(laboratory: Laboratory, qid: str) -> float:
    """Return the amplitude of a probe that does not excite the qubit."""
    return _WEAKER * laboratory.settings[qid].readout_amplitude


def search_resonator(
    context: RunContext, laboratory: Laboratory, *, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[dict[str, str], Trace]]:
    """Search near the last frequency or the design, then measure a narrow scan.

    A frequency that is only a starting value gets a window as wide as the first one around the design.

    Returns attributes for `read_found_points` and the trace of `SEARCH_TRACES` to fit: the last ``wide`` one if nothing
    was found, or the design does not tell which of several resonances is the qubit's.
    """
    probe = get_probe_amplitude(laboratory, context.qid)
    ranges = laboratory.limits.readout_frequencies_ghz(context.qid)
    name = next((one for one in _KNOWN if read_known_value(context, one) is not None), _KNOWN[0])
    last_ghz, starts = read_known_value(context, name), context.is_starting_value(name)
    if last_ghz is not None and not starts:
        near = last_ghz + np.linspace(-_KNOWN_MHZ, _KNOWN_MHZ, _FINE_POINTS) * 1e-3
        scan = ReadoutScan(limit_window(near, ranges), amplitude=probe)
        trace = yield from measure_trace("known", scan, shots)
        if fit_trace(trace).success:
            return {_SWEEP: "known"}, trace
    design_ghz = QubitDesign.from_context(context).resonator_frequency_ghz
    searches = [(design_ghz, _make_offsets(*window)) for window in _WINDOWS_MHZ]
    near_start = _make_offsets(*_WINDOWS_MHZ[0])
    if last_ghz is not None and starts and select_reachable(last_ghz + near_start, ranges).size:
        searches.insert(0, (last_ghz, near_start))
    for centre_ghz, offsets in searches:
        for wide in search_windows(centre_ghz, offsets, ranges):
            trace = yield from measure_trace("wide", ReadoutScan(wide, amplitude=probe), shots)
            lines = list_dips(trace)
            place = _locate_resonance(trace, lines)
            if place is not None:
                chosen = _choose_nearest(place, lines, centre_ghz)
                if chosen is None and centre_ghz != design_ghz:
                    continue  # the design may tell which one it is
                if chosen is None:
                    return {_SWEEP: "wide", _REASON: _describe_lines(lines)}, trace
                close = yield from measure_closely(context, laboratory, chosen, shots=shots)
                return {_SWEEP: "fine"}, close
    return {_SWEEP: "wide"}, trace


def _make_offsets(half_width_mhz: float, count: int) -> NDArray[np.float64]:
    """Return a window relative to its middle in GHz."""
    return np.linspace(-half_width_mhz, half_width_mhz, count) * 1e-3


def measure_closely(
    context: RunContext, laboratory: Laboratory, place: tuple[float, float], *, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], Trace]:
    """Measure `fine` around a centre, over some rough widths (both in GHz)."""
    centre, width = place
    close = centre + np.linspace(-1.0, 1.0, _FINE_POINTS) * _FINE_WIDTHS * width
    ranges = laboratory.limits.readout_frequencies_ghz(context.qid)
    scan = ReadoutScan(limit_window(close, ranges), amplitude=get_probe_amplitude(laboratory, context.qid))
    return (yield from measure_trace("fine", scan, shots))


def read_points(raw: RawData, name: str) -> Points:
    """Return frequencies (GHz), points and their errors in each quadrature."""
    return raw[f"{name}_frequency"], raw[f"{name}_iq"], average_quadratures(raw[f"{name}_sigma"])


def read_found_points(raw: RawData) -> Points:
    """Return the points to fit; raise `AnalysisError` if the search found several resonances."""
    if _REASON in raw.attributes:
        raise AnalysisError(raw.attributes[_REASON])
    return read_points(raw, raw.attributes[_SWEEP])


def fit_points(points: Points) -> FitResult:
    """Fit a notch to points of a scan."""
    x, iq, sigma = points
    return fit_resonator(x, iq, sigma=include_scatter(iq, sigma))


def fit_trace(trace: Trace) -> FitResult:
    """Fit a notch to a scan."""
    return fit_points((trace.x, trace.iq, average_quadratures(trace.sigma)))


def note_line(fit: FitResult) -> dict[str, dict[str, str]]:
    """Return the part of a note with the traits of the line, which `validators.ReadoutLine` compares."""
    return {LINE: fit.traits}


def make_pulled_frequency(frequency: Estimate, linewidth: Estimate) -> Parameter:
    """Return a frequency whose error contains the pull of a thermally excited qubit.

    One excited shot in a hundred pulls the mean by that share of the shift, which is about a linewidth.
    """
    pull = _THERMAL_PULL * linewidth.value * 1e-3
    return Parameter(frequency.value, math.hypot(frequency.error or 0.0, pull), "GHz")


def _choose_nearest(
    place: tuple[float, float], lines: list[float], design_ghz: float | None
) -> tuple[float, float] | None:
    """Return the resonance nearest to the design, or None if another one is about as near.

    The rough place may lie between two resonances.
    """
    if not lines:
        return place
    chosen = lines[0] if len(lines) == 1 else find_nearest(lines, design_ghz)
    if chosen is None:
        return None
    return place if abs(chosen - place[0]) < place[1] / 2 else (chosen, _USUAL_WIDTH_GHZ)


def _describe_lines(lines: list[float]) -> str:
    shown = ", ".join(f"{line:.5g}" for line in lines)
    return (
        f"the scan shows several resonances ({shown}\N{NO-BREAK SPACE}GHz), and none is clearly nearest to the design: "
        "run CheckResonatorFrequencies with `positions`, or correct the design"
    )


def find_nearest(lines: list[float], design_ghz: float | None) -> float | None:
    """Return the one of several resonances nearest to the design, or None if another one is about as near."""
    if design_ghz is None:
        return None
    nearest, second = sorted(lines, key=lambda line: abs(line - design_ghz))[:2]
    clear = abs(second - design_ghz) >= _CLEARLY_NEARER * abs(nearest - design_ghz)
    return nearest if clear else None


def _locate_resonance(trace: Trace, lines: list[float]) -> tuple[float, float] | None:
    """Find the resonance in a wide scan; return its centre and rough width (GHz), or None.

    An offset of the IQ plane moves points off the median, but not off their surroundings (`list_dips`). A broad,
    shallow resonance does not stand out; a fit of the whole scan shows it.
    """
    dip = find_dip(trace)
    if dip is not None:
        return dip
    if lines:
        return lines[0], _USUAL_WIDTH_GHZ
    fit = fit_trace(trace)
    if not fit.success:
        return None
    return fit.parameters["frequency"].value, fit.parameters["linewidth"].value * 1e-3
