"""Readout frequency: the best separation of 0 and 1."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COUPLING_JUMP,
    FREQUENCY_RANGE,
    MEASUREMENT,
    PULSES,
)
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.sketches import sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.cached_fits import fit_readout_frequency
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.resonances import (
    SCAN_FEATURES,
    STATE_FEATURES,
    describe_scan,
    describe_states,
    read_scan,
)
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.projection import average_quadratures
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.resonance_dip import include_scatter
from qdash_tasks.programs.search_windows import limit_window

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

    Floats = NDArray[np.float64]

# Half width in MHz and points: around the resonance with 0, from which 1 may lie several MHz away, and around
# a previous best frequency.
_UNKNOWN = (8.0, 81)
_KNOWN = (6.0, 41)
_CLOSE_POINTS = 61
_CLOSE_WIDTHS = 3.0
_FEWEST_WIDTHS = 2.0
_FEWEST_POINTS = 1.5
_MOST_REPETITIONS = 3
FEWEST_REQUESTED = 12
_STATES = ("zero", "one")
_X_TITLE, _Y_TITLE = "Readout frequency (GHz)", "|S21|, |S21(|1⟩) − S21(|0⟩)| (a.u.)"


class CheckReadoutFrequency(LaboratoryTask):
    """Transmission against readout frequency, with 0 and with 1 commanded by the X180 in use."""

    name = "CheckReadoutFrequency"
    description = (
        "Transmission with |0⟩ and with |1⟩ prepared: the best readout frequency and the dispersive shift."
    )
    expected_s = 1.2
    relaxed = True
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType({**MEASUREMENT, "frequency_range": FREQUENCY_RANGE})
    output_parameters = MappingProxyType(
        {
            "readout_frequency": OutputParameter(
                unit="GHz",
                description="frequency of the largest distance between |0⟩ and |1⟩ in the IQ plane",
                minimum=1.0,
                maximum=20.0,
                jump=0.01,
                line="readout",
            ),
            "dispersive_shift": OutputParameter(
                unit="MHz",
                description="2χ: resonance with the qubit in |1⟩ minus that in |0⟩",
                convention="2 chi",
                jump=COUPLING_JUMP,
                optional=True,
            ),
        }
    )
    fit_axes = ("zero_frequency", "one_frequency")
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "zero": MeasurementDeclaration(
                ReadoutScan, "|0⟩ prepared, in the window adapted to the line; fitted", shuffled=True
            ),
            "one": MeasurementDeclaration(
                ReadoutScan, "|1⟩ prepared, at the same frequencies; fitted", shuffled=True
            ),
        }
    )

    feature_parameters = MappingProxyType({**SCAN_FEATURES, **STATE_FEATURES})

    def program(self, laboratory: Laboratory) -> Program:
        """Sweep around the known resonator frequency; repeat with a better window if necessary."""
        shots = self.context.parameters["shots"]
        asked = read_requested_sweep(self.context, "frequency_range", fewest=FEWEST_REQUESTED)
        if asked is not None:
            yield from measure_both_states(asked, shots)
            return {}
        known = self.context.inputs.get("readout_frequency")
        resonator = self.context.inputs.get("resonator_frequency")
        in_use = laboratory.settings[self.context.qid].readout_frequency_ghz
        windows = [make_sweep(in_use if resonator is None else resonator.value, *_UNKNOWN)]
        if known is not None:
            windows.insert(0, make_sweep(known.value, *_KNOWN))
        ranges = laboratory.limits.readout_frequencies_ghz(self.context.qid)
        for window in windows:
            x = limit_window(window, ranges)
            fit, _ = yield from measure_both_states(x, shots)
            if fit.success:
                break
        yield from refine_window(fit, x, ranges, shots=shots)
        return {}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces together in the complex plane."""
        fit = require_success(_fit_raw_data(require_complete(result)))
        names = [name for name in ("readout_frequency", "dispersive_shift") if name in fit.parameters]
        return TaskOutput(
            {name: make_parameter(fit.parameters[name]) for name in names},
            r2=fit.r2,
            quality=make_quality(fit),
            note={
                name: fit.parameters[name].value
                for name in ("linewidth", "contrast", "third_share")
                if name in fit.parameters
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of both scans."""
        zero, one = (read_scan(raw, name) for name in _STATES)
        if zero is None:
            return {}
        return describe_scan(zero) | ({} if one is None else describe_states(zero, one))

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of both traces and their distance; without the fit if it was rejected."""
        if "one_iq" not in raw.arrays:
            return draw_raw_traces(raw, x_name="frequency", x_unit="GHz")
        if not output.parameters:
            return figure("No result: raw data", _X_TITLE, _Y_TITLE, _draw_measured(raw))
        fit, x = require_success(_fit_raw_data(raw)), np.asarray(raw["zero_frequency"])
        models = (
            partial(_predict_magnitude, fit, 0),
            partial(_predict_magnitude, fit, 1),
            partial(_predict_distance, fit),
        )
        data = []
        for points, model in zip(_draw_measured(raw), models, strict=True):
            data += [points, {**curve(f"Fit, {points['name']}", model, x), "showlegend": False}]
        drawn = figure(cls._make_title(output), _X_TITLE, _Y_TITLE, data)
        return add_value_box(drawn, cls, output)

    @classmethod
    def _make_title(cls, output: TaskOutput) -> str:
        found = output.parameters["readout_frequency"].value
        return f"Largest contrast at {quantity(f'{found:.7g}', 'GHz')}"

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the magnitude of both traces and their distance."""
        if "one_iq" not in raw.arrays:
            return cls.figure(raw, output)
        return sketch(_X_TITLE, _Y_TITLE, ({**points, "mode": "lines"} for points in _draw_measured(raw)))


def _draw_measured(raw: RawData) -> list[dict[str, Any]]:
    """Return magnitudes with 0 and with 1 commanded, and their distance in the IQ plane."""
    x = np.asarray(raw["zero_frequency"])
    zero, one = (np.asarray(raw[f"{name}_iq"]) for name in _STATES)
    sigma = [average_quadratures(raw[f"{name}_sigma"]) for name in _STATES]
    return [
        scatter("Prepared in |0⟩", x, np.abs(zero), sigma=sigma[0]),
        scatter("Prepared in |1⟩", x, np.abs(one), sigma=sigma[1]),
        scatter("Distance", x, np.abs(one - zero), sigma=np.hypot(*sigma)),
    ]


def _predict_magnitude(fit: FitResult, state: int, x: Floats) -> Floats:
    return np.asarray(np.abs(fit.predict(x)[state]))


def _predict_distance(fit: FitResult, x: Floats) -> Floats:
    zero, one = fit.predict(x)
    return np.asarray(np.abs(one - zero))


def measure_both_states(
    x: Floats, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[FitResult, tuple[Trace, Trace]]]:
    """Measure both states over the same sweep; return their fit and both traces."""
    scans = {"zero": ReadoutScan(x, state=0), "one": ReadoutScan(x, state=1)}
    found = yield from measure_traces(scans, shots)
    zero, one = (found[name] for name in _STATES)
    return _fit(zero.x, (zero.iq, one.iq), (zero.sigma, one.sigma)), (zero, one)


def refine_window(
    fit: FitResult, x: Floats, ranges: tuple[tuple[float, float], ...], *, shots: int
) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
    """Repeat a measurement over `x` until its sweep is wide and fine enough for the line."""
    for _ in range(_MOST_REPETITIONS):
        better = _choose_better_window(fit, x)
        if better is None:
            return
        x = limit_window(better, ranges)
        fit, _ = yield from measure_both_states(x, shots)


def make_sweep(centre_ghz: float, half_width_mhz: float, points: int) -> Floats:
    return centre_ghz + np.linspace(-half_width_mhz, half_width_mhz, points) * 1e-3


def _choose_better_window(fit: FitResult, x: Floats) -> Floats | None:
    """Return a better sweep if the last one was too narrow or too coarse for the line, otherwise None."""
    if not fit.success or "linewidth" not in fit.parameters:
        return None
    width = fit.parameters["linewidth"].value
    shift = fit.parameters.get("dispersive_shift")
    whole = width + (0.0 if shift is None else abs(shift.value))
    span, step = 1e3 * float(x[-1] - x[0]), 1e3 * float(x[1] - x[0])
    if span >= _FEWEST_WIDTHS * whole and width >= _FEWEST_POINTS * step:
        return None
    return make_sweep(fit.parameters["readout_frequency"].value, _CLOSE_WIDTHS * whole, _CLOSE_POINTS)


def _fit(
    x: Floats,
    iq: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    sigma: tuple[NDArray[np.complex128], NDArray[np.complex128]],
) -> FitResult:
    noise = [
        include_scatter(points, average_quadratures(stated)) for points, stated in zip(iq, sigma, strict=True)
    ]
    return fit_readout_frequency(x, *iq, sigma0=noise[0], sigma1=noise[1])


def _fit_raw_data(raw: RawData) -> FitResult:
    return _fit(
        np.asarray(raw["zero_frequency"]),
        (raw["zero_iq"], raw["one_iq"]),
        (raw["zero_sigma"], raw["one_sigma"]),
    )
