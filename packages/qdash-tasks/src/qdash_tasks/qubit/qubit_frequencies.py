"""Scan of the spectrum around the design: all lines, and which of them is f01."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, READOUT, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.programs.estimates import make_parameter, make_quality
from qdash_tasks.programs.features.lines import LINES, describe_lines
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.line_search import LineSearch, choose_line, predict_two_photon_line, sketch_f01
from qdash_tasks.programs.measurement_calls import (
    MeasurementDeclaration,
    group_into_calls,
    measure_traces,
)
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.search_windows import limit_window, search_windows
from qdash_tasks.programs.spectral_lines import find_candidate_lines
from qdash_tasks.programs.two_photon import read_proof

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_HALF_WIDTH_GHZ = 0.5
_STEP_GHZ = 0.0005
_WINDOW_POINTS = 667
"""Points of one scan: a background that is flat within it may vary over the spectrum."""
# Drive amplitude and share of the shots of the scans; the stronger one follows if no line was proved.
_SCANS = ((0.01, 0.25), (0.04, 0.5))
_FEWEST_POINTS = 41
_SAME_LINE = 1.0
"""Distance, in widths, within which lines of two scans are one."""


class CheckQubitFrequencies(LaboratoryTask):
    """Scan of half a gigahertz to each side of the design, or of the reach of the line without a design.

    Every line of the scan is listed. Beginning with the most prominent one, they are measured closely with a weak
    drive until one is proved to be f01: a strong drive must show f02/2, a line of two photons, at half the
    anharmonicity from it. The range is three times that of CheckQubitSpectroscopy, and the qubit frequency in use
    is not changed.
    """

    name = "CheckQubitFrequencies"
    description = "All lines of the spectrum around the design, and the one proved to be f01."
    expected_s = 30.0
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "anharmonicity": declare_optional_input(
                "GHz", "expected position of f02/2; the design value if absent"
            ),
        }
    )
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "coarse_qubit_frequency": OutputParameter(
                unit="GHz", description="first estimate of f01", minimum=0.5, maximum=20.0, jump=0.02
            )
        }
    )
    fit_axes = ("line_{f01}_frequency",)
    feature_parameters = LINES
    traces = MappingProxyType(
        {
            "wide_*": MeasurementDeclaration(QubitScan, "part of the last scan of the spectrum"),
            "line_*": MeasurementDeclaration(
                QubitScan, "candidate line under a weak drive; the one identified as f01 is fitted"
            ),
            "strong_*": MeasurementDeclaration(
                QubitScan, "window around the expected f02/2 of that line, under a strong drive"
            ),
            "two_photon_*": MeasurementDeclaration(QubitScan, "the f02/2 line at half the drive amplitude"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Scan the spectrum, then measure its lines until one is proved to be f01."""
        limits = laboratory.limits
        line = limits.line(self.context.qid)
        search = LineSearch(predict_two_photon_line(self.context), self.context.parameters["shots"], line)
        windows = self._list_windows(line.frequencies_ghz)
        found: list[tuple[float, float]] = []
        for drive, share in _SCANS:
            amplitude = min(drive, line.largest_amplitude)
            scans = {f"wide_{n}": QubitScan(one, amplitude=amplitude) for n, one in enumerate(windows)}
            traces = yield from _measure_scans(scans, search.count_shots(share), limits)
            lines = [one for trace in traces for one in find_candidate_lines(trace)]
            found = _merge_lines(found, lines)
            yield from search.measure_candidates(_order_by_width(lines), amplitude)
            if search.f01 is not None:
                break
        listed = [{"frequency_ghz": centre, "width_mhz": 1e3 * width} for centre, width in found]
        return {**search.attributes(), "spectrum": listed}

    def _list_windows(self, ranges: tuple[tuple[float, float], ...]) -> list[NDArray[np.float64]]:
        """Return the windows that are scanned: the requested one, or parts of the range around the design."""
        asked = read_requested_sweep(self.context, "frequency_range", fewest=_FEWEST_POINTS)
        if asked is not None:
            return _split_window(limit_window(asked, ranges))
        design_ghz = QubitDesign.from_context(self.context).qubit_frequency_ghz
        offsets = np.arange(-_HALF_WIDTH_GHZ, _HALF_WIDTH_GHZ + _STEP_GHZ / 2, _STEP_GHZ)
        windows = search_windows(design_ghz, offsets, ranges)
        return [part for window in windows for part in _split_window(window)]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the proved line, and identify the other lines of the spectrum."""
        rank, _, fit = choose_line(require_complete(result))
        proof = read_proof(result, rank, fit)
        found = fit.parameters["frequency"]
        two_photon_ghz = proof.fit.parameters["frequency"].value
        lines = [
            {**one, "line": _identify(one["frequency_ghz"], one["width_mhz"], found.value, two_photon_ghz)}
            for one in result.attributes["spectrum"]
        ]
        return TaskOutput(
            {"coarse_qubit_frequency": make_parameter(found)},
            r2=fit.r2,
            quality=make_quality(fit),
            note={
                "linewidth_mhz": fit.parameters["linewidth"].value,
                "spectrum": lines,
                "two_photon_frequency_ghz": two_photon_ghz,
                "photons": proof.photons,
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_lines(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of the scan, with its lines unless the analysis rejected them."""
        x, y = _assemble_spectrum(raw)
        axes = "Drive frequency (GHz)", "Distance from the background (a.u.)"
        data = [scatter("Scan", x, y, mode="lines", line={"width": 1, "color": "#3465a4"})]
        if not output.parameters:
            return figure("No result: raw data", *axes, data)
        found = output.parameters["coarse_qubit_frequency"].value
        for name in ("f01", "f02/2", "other"):
            places = [one["frequency_ghz"] for one in output.note["spectrum"] if one["line"] == name]
            places = [found] if name == "f01" else places
            if places:
                heights = np.interp(places, x, y)
                data.append(scatter(name, places, heights, marker={"size": 9, "symbol": "triangle-down"}))
        return add_value_box(
            figure(f"Qubit frequency {quantity(f'{found:.7g}', 'GHz')}", *axes, data), cls, output
        )

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the recorded line, without the spectrum."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_f01(
            raw, output.parameters["coarse_qubit_frequency"].value, output.note["linewidth_mhz"]
        )


def _measure_scans(
    scans: Mapping[str, QubitScan], shots: int, limits: Limits
) -> Generator[MeasurementCall, Mapping[str, Answer], list[Trace]]:
    """Measure scans in as few calls as possible; return their traces in order."""
    traces: dict[str, Trace] = {}
    for call in group_into_calls([{name: scan} for name, scan in scans.items()], limits.points_a_call):
        traces |= yield from measure_traces(call, shots)
    return list(traces.values())


def _split_window(window: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Split a window into parts of similar size."""
    return np.array_split(window, -(-window.size // _WINDOW_POINTS))


def _order_by_width(lines: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return lines with the broadest first: the drive reaches a neighbour weaker than the qubit."""
    return sorted(lines, key=lambda one: -one[1])


def _merge_lines(
    known: Sequence[tuple[float, float]], lines: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return the lines of all scans by frequency; the last scan replaces an earlier finding."""
    kept = [
        one
        for one in known
        if all(abs(one[0] - other[0]) > _SAME_LINE * max(one[1], other[1]) for other in lines)
    ]
    return sorted([*kept, *lines])


def _identify(frequency_ghz: float, width_mhz: float, f01_ghz: float, two_photon_ghz: float) -> str:
    """Return what a line of the scan is."""
    near_ghz = 1e-3 * max(_SAME_LINE * width_mhz, 1.0)
    if abs(frequency_ghz - f01_ghz) < near_ghz:
        return "f01"
    return "f02/2" if abs(frequency_ghz - two_photon_ghz) < near_ghz else "other"


def _assemble_spectrum(raw: RawData) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies and the distance of the signal from the median of its part, by frequency."""
    names = sorted(
        name.removesuffix("_iq") for name in raw.arrays if name.startswith("wide_") and name.endswith("_iq")
    )
    parts = [(raw[f"{name}_frequency"], raw[f"{name}_iq"]) for name in names]
    x = np.concatenate([frequencies for frequencies, _ in parts])
    y = np.concatenate([np.abs(iq - (np.median(iq.real) + 1j * np.median(iq.imag))) for _, iq in parts])
    order = np.argsort(x)
    return x[order], y[order]
