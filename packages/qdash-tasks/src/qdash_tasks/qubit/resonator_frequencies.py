"""Resonator frequencies: all resonances of a feed line, and which of them belongs to the qubit."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError, InvalidInputError, NoSignalError
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import FeatureDeclaration, OutputParameter
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.limits import are_within
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.resonances import SEARCH_FEATURES, describe_search
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonance_dip import list_dips, remove_slow_offset
from qdash_tasks.programs.resonator_search import (
    find_nearest,
    fit_points,
    get_probe_amplitude,
    make_pulled_frequency,
    measure_closely,
    note_line,
    read_points,
)
from qdash_tasks.programs.search_windows import search_windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_OFFSETS_GHZ = np.linspace(-0.15, 0.15, 301)
_OUTER_SHIFTS_GHZ = (-0.3, 0.3, -0.6, 0.6)
_FEWEST_POINTS = 12
_SAME_GHZ = 2e-3
"""Distance of one resonance in two scans: steps are 1 MHz."""
_ROUGH_WIDTH_GHZ = 2e-3


class CheckResonatorFrequencies(LaboratoryTask):
    """Wide scan of the feed line, choice of the qubit's resonance, and a narrow scan of it."""

    name = "CheckResonatorFrequencies"
    description = "All resonances of the feed line, and the coarse frequency of the qubit's own."
    expected_s = 2.9
    input_parameters = MappingProxyType(
        {
            "readout_amplitude": declare_optional_input(
                "a.u.",
                "readout amplitude, which the probe is a fixed fraction of; the design value if absent",
            )
        }
    )
    run_parameters = MappingProxyType(
        {
            "shots": SHOTS,
            "frequency_range": FREQUENCY_RANGE,
            "positions": RunParameter(
                value=None,
                value_type="list",
                minimum=0.0,
                maximum=63.0,
                description="place by frequency, from 0, of the resonator of each qubit of a multiplexer in order of number "
                "(1,3,2,0: the second qubit has the highest); if absent, the resonance nearest to the design is the qubit's",
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "coarse_resonator_frequency": OutputParameter(
                unit="GHz",
                description="resonance with the qubit in |0⟩",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
            )
        }
    )
    fit_axes = ("fine_frequency",)
    traces = MappingProxyType(
        {
            "wide_*": MeasurementDeclaration(
                ReadoutScan, "part of the feed line, in steps of 1 MHz", shuffled=True
            ),
            "fine": MeasurementDeclaration(
                ReadoutScan, "narrow window around the qubit's resonance; fitted", shuffled=True
            ),
        }
    )

    feature_parameters = MappingProxyType(
        {
            **SEARCH_FEATURES,
            "lines": FeatureDeclaration("", "number of resonances of the feed line"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Scan the line, choose the resonance of the qubit, and measure it closely."""
        context, shots = self.context, self.context.parameters["shots"]
        positions = _read_positions(context)
        asked = read_requested_sweep(context, "frequency_range", fewest=_FEWEST_POINTS)
        design_ghz = QubitDesign.from_context(context).resonator_frequency_ghz
        ranges = laboratory.limits.readout_frequencies_ghz(context.qid)
        windows = search_windows(design_ghz, _OFFSETS_GHZ, ranges) if asked is None else [asked]
        # Positions count the resonances of all qubits of the line, which may be far from the design of this one.
        if positions is not None and asked is None and design_ghz is not None:
            windows += _list_outer_windows(design_ghz, ranges)
        probe = get_probe_amplitude(laboratory, context.qid)
        lines: list[float] = []
        for number, window in enumerate(windows):
            scan = ReadoutScan(window, amplitude=probe)
            trace = yield from measure_trace(f"wide_{number}", scan, shots)
            # A resonance at the border of two windows is in both.
            dips = list_dips(remove_slow_offset(trace))
            lines += [one for one in dips if all(abs(one - other) > _SAME_GHZ for other in lines)]
            if positions is not None and design_ghz is not None and len(lines) == len(positions):
                break
        lines.sort()
        chosen, reason = _choose_line(context, lines, positions=positions, design_ghz=design_ghz)
        if chosen is not None:
            yield from measure_closely(context, laboratory, (chosen, _ROUGH_WIDTH_GHZ), shots=shots)
        return {"lines_ghz": lines, "chosen_ghz": chosen, "reason": reason}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the notch of the chosen resonance."""
        lines = require_complete(result).attributes["lines_ghz"]
        if result.attributes["chosen_ghz"] is None:
            raise (AnalysisError if lines else NoSignalError)(result.attributes["reason"])
        points = read_points(result, "fine")
        fit = require_success(fit_points(points))
        frequency, linewidth = fit.parameters["frequency"], fit.parameters["linewidth"]
        _require_chosen(frequency.value, result)
        return TaskOutput(
            {"coarse_resonator_frequency": make_pulled_frequency(frequency, linewidth)},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"lines_ghz": lines, "linewidth_mhz": linewidth.value, **note_line(fit)},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the narrow scan, or of the first part of the line."""
        found = describe_search(raw, ("fine", "wide_0"))
        if "lines_ghz" in raw.attributes:
            found["lines"] = float(len(raw.attributes["lines_ghz"]))
        return found

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of the transmission of the line, and mark its resonances and the chosen one."""
        names = [
            name.removesuffix("_iq")
            for name in raw.arrays
            if name.startswith("wide_") and name.endswith("_iq")
        ]
        if not names or "lines_ghz" not in raw.attributes:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        x, iq = (np.concatenate([raw[f"{name}_{part}"] for name in names]) for part in ("frequency", "iq"))
        order = np.argsort(x, kind="stable")
        x, magnitude = x[order], np.abs(iq[order])
        lines, chosen = raw.attributes["lines_ghz"], raw.attributes["chosen_ghz"]
        data = [
            {**scatter("Measured", x, magnitude), "mode": "lines"},
            _mark("Resonances", lines, x, magnitude, symbol="triangle-up"),
        ]
        title = "No result: resonances of the line"
        if output.parameters:
            data.append(_mark("This qubit", [chosen], x, magnitude, symbol="circle-open"))
            found = output.parameters["coarse_resonator_frequency"].value
            title = f"Resonator at {quantity(f'{found:.7g}', 'GHz')}, one of {len(lines)}"
        return add_value_box(figure(title, "Readout frequency (GHz)", "|S21| (a.u.)", data), cls, output)


def _list_outer_windows(
    design_ghz: float, ranges: tuple[tuple[float, float], ...]
) -> list[NDArray[np.float64]]:
    """Return the windows on both sides of the one around the design, the nearer ones first, without those beyond the ranges."""
    windows = []
    for shift in _OUTER_SHIFTS_GHZ:
        window = design_ghz + shift + _OFFSETS_GHZ
        reachable = window[are_within(ranges, window)]
        if reachable.size > 1:
            windows.append(reachable)
    return windows


def _require_chosen(found_ghz: float, raw: RawData) -> None:
    """Raise `AnalysisError` if the narrow scan shows another resonance than the chosen one."""
    chosen = raw.attributes["chosen_ghz"]
    step = float(np.median(np.diff(raw["wide_0_frequency"])))
    if abs(found_ghz - chosen) > max(_SAME_GHZ, 2 * step):
        raise AnalysisError(
            f"the narrow scan shows a resonance at {found_ghz:.6g}\N{NO-BREAK SPACE}GHz, not at {chosen:.6g}\N{NO-BREAK SPACE}GHz as the wide one: two resonances are too close to each other"
        )


def _mark(
    name: str, lines: list[float], x: NDArray[np.float64], y: NDArray[np.float64], *, symbol: str
) -> dict[str, Any]:
    """Return markers on the scan at some frequencies."""
    places = [int(np.abs(x - line).argmin()) for line in lines]
    return scatter(name, x[places], y[places], marker={"symbol": symbol, "size": 10})


def _read_positions(context: RunContext) -> list[int] | None:
    """Return the places by frequency of a multiplexer's resonators, or None if not given."""
    given = context.parameters.get("positions")
    if given is None:
        return None
    positions = [int(one) for one in given]
    if sorted(positions) != list(range(len(positions))) or positions != list(given):
        raise InvalidInputError(
            "positions: each place from 0 to one below their number must be given once, as 1,3,2,0"
        )
    return positions


def _choose_line(
    context: RunContext, lines: list[float], *, positions: list[int] | None, design_ghz: float | None
) -> tuple[float | None, str]:
    """Return the resonance of the qubit; or None, and the reason."""
    if not lines:
        return (
            None,
            "no resonance in the scan of the feed line: its readout line is dead, the scan too narrow or too coarse, the shots are too few, the points scatter more than their noise (an offset of the IQ plane that changes), or the resonance removes less than a fifth of the transmission",
        )
    shown = ", ".join(f"{line:.4g}" for line in lines)
    if positions is not None:
        if len(lines) != len(positions):
            return (
                None,
                f"{len(lines)} resonances ({shown}\N{NO-BREAK SPACE}GHz) for {len(positions)} positions",
            )
        return lines[positions[_find_place(context, len(positions))]], ""
    if len(lines) == 1:
        return lines[0], ""
    if design_ghz is None:
        return (
            None,
            f"{len(lines)} resonances ({shown}\N{NO-BREAK SPACE}GHz): give a design or `positions`, which tell the qubit's own",
        )
    nearest = find_nearest(lines, design_ghz)
    if nearest is None:
        return (
            None,
            f"two resonances ({shown}\N{NO-BREAK SPACE}GHz) lie about equally near the design of {design_ghz:.4g}\N{NO-BREAK SPACE}GHz: give `positions`",
        )
    return nearest, ""


def _find_place(context: RunContext, count: int) -> int:
    """Return the place of the qubit in its multiplexer of `count` qubits."""
    topology = context.chip.topology
    mux = topology.get_mux(context.qid)
    members = () if mux is None else topology.members(mux)
    return members.index(context.qid) if len(members) == count else int(context.qid) % count
