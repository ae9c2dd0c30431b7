"""Readout signal against time after the start of its pulse: does it arrive, and does it settle?"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_ring_up
from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import FeatureDeclaration
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declarations import MEASUREMENT, READOUT
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import ReadoutWaveform
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_trace
from qdash_tasks.programs.projection import average_quadratures
from qdash_tasks.programs.raw_arrays import require_complete

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

    Floats = NDArray[np.float64]

_NAME = "waveform"
_WINDOWS = 60
_WINDOW = "window_ns"
_LENGTH = "readout_length_ns"
_SHOTS = "shots"
_SEEN = 5.0
_LEAST_SETTLED = 0.5
"""Smallest share of a readout that must come after its arrival."""


class CheckWaveform(LaboratoryTask):
    """Readout signal in successive windows of the readout pulse, with the qubit undriven.

    It shows that the pulse arrives, when, and how fast the resonator rises. The task fails if there is no
    signal, if it arrives in the second half of the readout, or if it does not rise as that of a resonator.
    It changes nothing: arrival and ring-up time are in the note, with their errors.
    """

    name = "CheckWaveform"
    description = "Readout signal against time: fails if it does not arrive or does not settle."
    expected_s = 0.5
    input_parameters = MappingProxyType(READOUT)
    run_parameters = MappingProxyType(
        {
            **MEASUREMENT,
            "windows": RunParameter(
                value=_WINDOWS,
                value_type="int",
                minimum=16,
                maximum=1000,
                description="number of windows of the readout",
            ),
        }
    )
    traces = MappingProxyType(
        {_NAME: MeasurementDeclaration(ReadoutWaveform, "signal in each window of the readout; fitted")}
    )

    feature_parameters = MappingProxyType(
        {
            "signal_to_noise": FeatureDeclaration(
                "", "signal in the last third of the readout over the noise of a window"
            ),
            "arrival_share": FeatureDeclaration(
                "", "part of the readout until half of the final signal has arrived"
            ),
            "late_change": FeatureDeclaration(
                "", "change of the signal within the last third, as a share of it"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure the readout in use in windows of equal length."""
        length_ns = laboratory.settings[self.context.qid].readout_length_ns
        grid_ns = laboratory.limits.readout.start_ns
        window_ns = max(round(length_ns / self.context.parameters["windows"] / grid_ns), 1) * grid_ns
        starts_ns = np.arange(int(length_ns / window_ns + 1e-6)) * window_ns
        request = ReadoutWaveform(starts_ns, window_ns)
        shots = self.context.parameters["shots"]
        yield from measure_trace(_NAME, request, shots)
        return {_WINDOW: window_ns, _LENGTH: length_ns, _SHOTS: shots}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit arrival and ring-up, and reject a readout that is mostly over before the signal arrives."""
        fit = _fit(require_complete(result))
        arrival, length_ns = fit.parameters.get("arrival"), float(result.attributes[_LENGTH])
        if arrival is not None and length_ns - arrival.value < _LEAST_SETTLED * length_ns:
            raise AnalysisError(
                f"the signal arrives {arrival.value:.4g}\N{NO-BREAK SPACE}ns after the start of a readout of {length_ns:.4g}\N{NO-BREAK SPACE}ns: "
                "correct the delay of the capture, or lengthen the readout"
            )
        names = {"arrival_ns": "arrival", "level": "level", "ring_up_ns": "ring_up_time"}
        found = {
            key: _list_value(fit.parameters[name]) for key, name in names.items() if name in fit.parameters
        }
        note = {**found, "readout_length_ns": length_ns, "seen": fit.message}
        return TaskOutput({}, r2=fit.r2, quality=make_quality(fit), note=note)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the signal in time."""
        if f"{_NAME}_iq" not in raw.arrays:
            return {}
        iq, noise = (
            np.asarray(raw[f"{_NAME}_iq"]),
            float(np.median(np.abs(raw[f"{_NAME}_sigma"]))) / np.sqrt(2),
        )
        last = iq[-max(iq.size // 3, 2) :]
        level = complex(last.mean())
        if not noise > 0:
            return {}
        found = {"signal_to_noise": abs(level) / noise}
        if abs(level) > _SEEN * noise / np.sqrt(last.size):
            found["arrival_share"] = float((np.abs(iq) > abs(level) / 2).argmax() / iq.size)
            half = last.size // 2
            found["late_change"] = float(abs(last[-half:].mean() - last[:half].mean()) / abs(level))
        return found

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw both quadratures with the fit; the data alone if the analysis rejected them."""
        if not output.note:
            return draw_raw_traces(raw, x_name="time", x_unit="ns")
        fit, middle = _fit(raw), float(raw.attributes[_WINDOW]) / 2
        x, iq, sigma = (raw[f"{_NAME}_{part}"] for part in ("time", "iq", "sigma"))
        data: list[dict[str, Any]] = []
        for name, part in (("I", np.real), ("Q", np.imag)):
            data.append(points(name, _Points(x + middle, part(iq), part(sigma))))
            data.append(curve(f"Fit, {name}", _Quadrature(fit, part, middle), x + middle))
        arrival = fit.parameters.get("arrival")
        title = "The arrival is not resolved"
        if arrival is not None:
            title = f"Signal arrives at {quantity(f'{arrival.value:.4g}', 'ns')}"
        return add_value_box(figure(title, "Time (ns)", "I, Q (a.u.)", data), cls, output)


@dataclass(frozen=True, slots=True)
class _Points:
    """Points with error bars."""

    x: Floats
    y: Floats
    sigma: Floats


@dataclass(frozen=True, slots=True)
class _Quadrature:
    """One quadrature of the fit, against the middle of each window."""

    fit: FitResult
    part: Callable[[Any], Floats]
    middle_ns: float

    def __call__(self, x: Floats) -> Floats:
        return self.part(self.fit.predict(x - self.middle_ns))


def _fit(raw: RawData) -> FitResult:
    x, iq, sigma = (raw[f"{_NAME}_{part}"] for part in ("time", "iq", "sigma"))
    window = float(raw.attributes[_WINDOW])
    shots = raw.attributes.get(_SHOTS)  # absent in recordings of earlier versions
    return require_success(fit_ring_up(x, iq, window=window, sigma=average_quadratures(sigma), shots=shots))


def _list_value(found: Estimate) -> dict[str, float | None]:
    return {"value": found.value, "error": found.error}
