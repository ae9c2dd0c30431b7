"""Spectroscopy of all qubits of a group at once, at several drive powers."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.targets import by_number
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declarations import FREQUENCY_RANGE, READOUT, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import figure, heatmap
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.sketches import draw_measured, draw_recorded, make_line_shape, sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.laboratory.requests import QubitScan
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.estimates import make_parameter, make_quality
from qdash_tasks.programs.features.lines import POWER_ROWS, describe_power_rows
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.line_search import predict_two_photon_line
from qdash_tasks.programs.measurement_calls import (
    MeasurementDeclaration,
    group_into_calls,
    measure_traces,
)
from qdash_tasks.programs.power_map import AMPLITUDES, ROW, analyse_rows, assemble_map, read_rows
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.search_windows import limit_window
from qdash_tasks.programs.two_photon import TwoPhotonSearch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import LineLimits
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

    Floats = NDArray[np.float64]

# Window relative to the design: f02/2 lies below f01 by half the anharmonicity.
_BELOW_GHZ, _ABOVE_GHZ, _STEP_GHZ = 0.3, 0.13, 0.0005
_FEWEST_POINTS = 41
_FEWEST_POWERS = 3
_EXPECTED = ("expected_anharmonicity_ghz", "anharmonicity_measured")


class CheckSimultaneousQubitSpectroscopy(LaboratoryTask):
    """Saturation spectroscopy of all qubits of a group in the same programs, including coupled ones.

    Every qubit is scanned at the same drive powers, over a window around its own design frequency. Coupled qubits sweep
    their windows with a delay, so that they are not in resonance at the same time: an excited neighbour shifts a line
    by static ZZ. The line that appears at the weakest power is f01 if stronger rows show its f02/2, a line that grows as
    one of two photons. Both are extrapolated to no drive.
    """

    name = "CheckSimultaneousQubitSpectroscopy"
    description = "Frequency, anharmonicity and drive strength of all qubits at once, from spectroscopy at several powers."
    isolated = False
    expected_s = 120.0
    input_parameters = MappingProxyType(
        {
            **READOUT,
            "anharmonicity": declare_optional_input(
                "GHz", "expected position of f02/2; the design value if absent"
            ),
        }
    )
    run_parameters = MappingProxyType(
        {
            "shots": replace(SHOTS, value=512),
            "frequency_range": FREQUENCY_RANGE,
            "power_range": RunParameter(
                value=(-40.0, -9.0, 5.0),
                value_type="np.arange",
                unit="dB",
                minimum=-100.0,
                maximum=0.0,
                description="drive powers relative to full scale",
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "coarse_qubit_frequency": OutputParameter(
                unit="GHz",
                description="first estimate of f01, without any drive",
                minimum=0.5,
                maximum=20.0,
                jump=0.02,
            ),
            "anharmonicity": OutputParameter(
                unit="GHz",
                description="f12 − f01, from the two-photon line f02/2",
                convention="f12 - f01",
                jump=0.1,
                minimum=-1.0,
                maximum=0.0,
                optional=True,
            ),
            "coarse_control_amplitude": OutputParameter(
                unit="a.u.",
                description="drive amplitude for the standard Rabi frequency, from the light shift of f02/2",
                minimum=0.0,
                maximum=1.0,
                optional=True,
                line="drive",
            ),
        }
    )
    feature_parameters = POWER_ROWS
    traces = MappingProxyType(
        {f"{ROW}*": MeasurementDeclaration(QubitScan, "scan at one power, numbered from the weakest")}
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Scan the window at every power."""
        limits = laboratory.limits
        amplitudes = self._list_amplitudes(limits.line(self.context.qid))
        sweep = self._choose_sweep(limits.line(self.context.qid).frequencies_ghz)
        rows = {f"{ROW}{n}": QubitScan(sweep, amplitude=one) for n, one in enumerate(amplitudes)}
        for call in group_into_calls([{name: row} for name, row in rows.items()], limits.points_a_call):
            yield from measure_traces(call, self.context.parameters["shots"])
        expected = predict_two_photon_line(self.context)
        known = dict(zip(_EXPECTED, (expected.anharmonicity_ghz, expected.measured), strict=True))
        return {AMPLITUDES: amplitudes, "beside": self._list_others(), **known}

    def _list_amplitudes(self, line: LineLimits) -> list[float]:
        """Return the distinct drive amplitudes, ascending."""
        powers = np.asarray(self.context.parameters["power_range"], dtype=np.float64)
        found = {float(line.amplitude_on_step(10 ** (one / 20))) for one in powers.tolist()}
        playable = sorted(one for one in found if 0 < one <= line.largest_amplitude)
        if len(playable) < _FEWEST_POWERS:
            raise InvalidInputError(
                f"power_range: {len(playable)} different powers that the line plays, at least {_FEWEST_POWERS} are needed: one shows f01, two prove f02/2"
            )
        return playable

    def _choose_sweep(self, ranges: tuple[tuple[float, float], ...]) -> Floats:
        """Return the frequencies in the order in which they are played."""
        asked = read_requested_sweep(self.context, "frequency_range", fewest=_FEWEST_POINTS)
        if asked is None:
            design_ghz = QubitDesign.from_context(self.context).qubit_frequency_ghz
            if design_ghz is None:
                raise InvalidInputError(
                    f"qubit {self.context.qid} has no design frequency: set `frequency_range`, or a design for the chip (`qdash chip design`)"
                )
            asked = design_ghz + np.arange(-_BELOW_GHZ, _ABOVE_GHZ + _STEP_GHZ / 2, _STEP_GHZ)
        window = limit_window(asked, ranges)
        colour = _colour_qubits(self.context.group, self.context.chip.topology.neighbours)
        # Sweeps of coupled qubits are as far apart as possible: designs are wrong by some ten megahertz.
        share = colour.get(self.context.qid, 0) / (1 + max(colour.values(), default=0))
        return np.roll(window, round(share * window.size))

    def _list_others(self) -> list[str]:
        return sorted(set(self.context.group) - {self.context.qid}, key=by_number)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Identify f01 and its f02/2 in the rows, and extrapolate both to no drive."""
        rows = read_rows(require_complete(result))
        found = analyse_rows(rows, _read_expected(result), neighbours=bool(result.attributes["beside"]))
        strength = found.rabi_per_amplitude
        return TaskOutput(
            {
                "coarse_qubit_frequency": make_parameter(found.frequency),
                "anharmonicity": make_parameter(found.anharmonicity),
                **({} if strength is None else {"coarse_control_amplitude": _make_amplitude(strength)}),
            },
            r2=found.fit.r2,
            quality=make_quality(found.fit),
            note={
                "linewidth_mhz": found.fit.parameters["linewidth"].value,
                "row": found.row,
                "photons": found.photons,
                "proof": f"a line of {found.photons:.2f} ± {found.error:.2f} photons at {quantity(f'{_f02_half(found.frequency, found.anharmonicity):.6g}', 'GHz')} is f02/2",
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003
        """Describe the measured traces and their fit."""
        return describe_power_rows(raw)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw all rows as a map, with f01 and f02/2 marked unless the analysis rejected them."""
        if AMPLITUDES not in raw.attributes:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        x, z = assemble_map(raw)
        powers = [20 * math.log10(one) for one in raw.attributes[AMPLITUDES]]
        data = [heatmap("Distance from the background (a.u.)", x, powers, z)]
        if not output.parameters:
            return figure("No result: raw data", "Drive frequency (GHz)", "Drive power (dB)", data)
        found = output.parameters["coarse_qubit_frequency"]
        title = f"Qubit frequency {quantity(f'{found.value:.6g}', 'GHz')}"
        drawn = figure(title, "Drive frequency (GHz)", "Drive power (dB)", data)
        second = _f02_half(found, output.parameters["anharmonicity"])
        drawn["layout"]["shapes"] = [_mark(place) for place in (found.value, second)]
        return add_value_box(drawn, cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the weakest row that shows f01, with the recorded line."""
        if not output.parameters:
            return cls.figure(raw, output)
        signal = read_rows(raw)[output.note["row"]].signal
        assert signal is not None
        found, width = output.parameters["coarse_qubit_frequency"].value, 1e-3 * output.note["linewidth_mhz"]
        near = np.abs(signal.x - found) < 8 * width
        x, y = signal.x[near], signal.y[near]
        data = draw_measured(x, y), draw_recorded(x, y, [make_line_shape(found, width)])
        return sketch("Drive frequency (GHz)", "Signal (a.u.)", data)


def _colour_qubits(group: Sequence[str], neighbours: Any) -> Mapping[str, int]:
    """Return a number for each qubit of a group, different for coupled ones; two suffice on a lattice."""
    colours: dict[str, int] = {}
    for qid in sorted(group, key=by_number):
        taken = {colours[other] for other in neighbours(qid) if other in colours}
        colours[qid] = next(number for number in range(len(group)) if number not in taken)
    return colours


def _read_expected(raw: RawData) -> TwoPhotonSearch:
    anharmonicity_ghz, measured = (raw.attributes[name] for name in _EXPECTED)
    return TwoPhotonSearch(float(anharmonicity_ghz), measured=bool(measured))


def _make_amplitude(strength: Estimate) -> Parameter:
    """Return the amplitude for the standard Rabi frequency."""
    amplitude = USUAL_RABI_MHZ / strength.value
    assert strength.error is not None
    return Parameter(amplitude, amplitude * strength.error / strength.value, "a.u.")


def _f02_half(frequency: Estimate | Parameter, anharmonicity: Estimate | Parameter) -> float:
    return frequency.value + anharmonicity.value / 2


def _mark(frequency_ghz: float) -> dict[str, Any]:
    """Return a dashed vertical line."""
    line = {"color": "#ffffff", "width": 1, "dash": "dot"}
    return {
        "type": "line",
        "x0": frequency_ghz,
        "x1": frequency_ghz,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": line,
    }
