"""Qubit spectroscopy: the line of the qubit among those near the design frequency, and its anharmonicity."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, QUBIT_FREQUENCY, READOUT, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.programs.estimates import make_parameter, make_quality
from qdash_tasks.programs.features.lines import LINES, describe_lines
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.line_search import (
    CLOSE_POINTS,
    WEAK,
    LineSearch,
    choose_line,
    predict_two_photon_line,
    sketch_f01,
)
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.projection import Signal
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.search_windows import search_windows, select_reachable
from qdash_tasks.programs.two_photon import read_proof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

# Half width of the window (GHz), points, drive amplitude, share of the shots. A line several points wide
# needs few shots to be detected; a stronger drive and a wider window follow only if nothing was proved.
_SEARCHES = ((0.165, 661, 0.01, 0.25), (0.165, 661, 0.04, 0.5), (0.33, 1321, 0.04, 0.25))
_KNOWN_GHZ = 0.005
"""Half width of the window around a previously measured frequency."""
_STARTING_GHZ, _STARTING_POINTS = 0.05, 201
"""Half width and points of the window around a frequency that is only a starting value: one of an earlier cool-down, doubtful, or set by a user.
From one cool-down to the next most transmons move by less.
"""


class CheckQubitSpectroscopy(LaboratoryTask):
    """Saturation spectroscopy: wide scan around the design, narrow scan of each line, strong drive at f02/2.

    A wide scan shows the qubit, but also neighbours through crosstalk and, at a strong drive, f02/2. The most
    prominent line is measured with a weak drive, under which f02/2 disappears. It is f01 if a strong drive
    shows its own f02/2 at half the anharmonicity from it; if not, the next line is tried, then stronger
    drives and wider windows. The search begins near the last value, in a window ten times as wide if this is only a starting value. Without a design value the wide scans cover the reach of the control line.
    """

    name = "CheckQubitSpectroscopy"
    description = "First estimates of the qubit frequency and the anharmonicity, from two-tone spectroscopy with weak and strong drive."
    expected_s = 9.5
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "qubit_frequency": declare_optional_input(
                "GHz", "centre of the search; the design value if absent"
            ),
            "anharmonicity": declare_optional_input(
                "GHz", "expected position of f02/2; the design value if absent"
            ),
        }
    )
    run_parameters = MappingProxyType({"shots": SHOTS, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "qubit_frequency": QUBIT_FREQUENCY,
            "anharmonicity": OutputParameter(
                unit="GHz",
                description="f12 − f01, from the two-photon line f02/2",
                convention="f12 - f01",
                jump=0.1,
                minimum=-1.0,
                maximum=0.0,
                optional=True,
            ),
        }
    )
    fit_axes = ("line_{f01}_frequency",)
    feature_parameters = LINES
    traces = MappingProxyType(
        {
            "wide": MeasurementDeclaration(QubitScan, "last search window around the design frequency"),
            "line_*": MeasurementDeclaration(
                QubitScan, "candidate line under a weak drive; the one identified as f01 is fitted"
            ),
            "strong_*": MeasurementDeclaration(
                QubitScan, "window around the expected f02/2 of that line, under a strong drive"
            ),
            "two_photon_*": MeasurementDeclaration(
                QubitScan, "the f02/2 line at half the drive amplitude; fitted"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search for lines in successively wider windows until one is proved to be f01."""
        asked = read_requested_sweep(self.context, "frequency_range", fewest=1)
        design = QubitDesign.from_context(self.context)
        last = self.context.inputs.get("qubit_frequency")
        line = laboratory.limits.line(self.context.qid)
        search = LineSearch(predict_two_photon_line(self.context), self.context.parameters["shots"], line)
        if asked is not None:
            yield from search.measure_line(asked, WEAK)
            return search.attributes()
        if last is not None and self.context.is_starting_value("qubit_frequency"):
            near = last.value + np.linspace(-_STARTING_GHZ, _STARTING_GHZ, _STARTING_POINTS)
            if (window := select_reachable(near, line.frequencies_ghz)).size:
                _, _, drive, share = _SEARCHES[0]
                yield from search.scan_window(window, drive, share)
        elif last is not None:
            yield from search.measure_line(
                last.value + np.linspace(-_KNOWN_GHZ, _KNOWN_GHZ, CLOSE_POINTS), WEAK
            )
        for half_width, size, drive, share in _SEARCHES:
            if search.f01 is not None:
                break
            offsets = np.linspace(-half_width, half_width, size)
            for window in search_windows(design.qubit_frequency_ghz, offsets, line.frequencies_ghz):
                yield from search.scan_window(window, drive, share)
                if search.f01 is not None:
                    break
        return search.attributes()

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the proved line, and its proof."""
        rank, _, fit = choose_line(require_complete(result))
        proof = read_proof(result, rank, fit)
        two_photon = proof.fit.parameters["frequency"].value
        return TaskOutput(
            {
                "qubit_frequency": make_parameter(fit.parameters["frequency"]),
                "anharmonicity": make_parameter(proof.anharmonicity),
            },
            r2=fit.r2,
            quality=make_quality(fit),
            note={
                "linewidth_mhz": fit.parameters["linewidth"].value,
                "lines": result.attributes["lines"],
                "proof": f"a line of {proof.photons:.2f} ± {proof.error:.2f} photons at {two_photon:.6g}\N{NO-BREAK SPACE}GHz is f02/2",
                "two_photon_frequency_ghz": two_photon,
                "photons": proof.photons,
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_lines(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the line and its f02/2, each relative to its centre; only data if they were rejected."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        rank, signal, fit = choose_line(raw)
        proof = read_proof(raw, rank, fit)
        found = output.parameters["qubit_frequency"]
        title = f"Qubit frequency {quantity(f'{found.value:.7g}', 'GHz')}"
        data: list[dict[str, Any]] = []
        for name, measured, fitted in (
            ("f01, weak drive", signal, fit),
            ("f02/2, strong drive", proof.signal, proof.fit),
        ):
            data += _centre_trace(name, measured, fitted)
        drawn = figure(title, "Drive frequency − line centre (MHz)", "Signal (a.u.)", data)
        return add_value_box(drawn, cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the recorded line, without its proof."""
        if not output.parameters:
            return cls.figure(raw, output)
        return sketch_f01(raw, output.parameters["qubit_frequency"].value, output.note["linewidth_mhz"])


def _centre_trace(name: str, signal: Signal, fit: FitResult) -> list[dict[str, Any]]:
    centre = fit.parameters["frequency"].value
    moved = Signal((signal.x - centre) * 1e3, signal.y, signal.noise)
    return [points(name, moved), curve(f"Fit, {name}", lambda x: fit.predict(centre + x * 1e-3), moved.x)]
