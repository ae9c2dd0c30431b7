"""Readout amplitude for a given signal-to-noise ratio of single shots, before any qubit is driven."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_readout_snr
from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import ArrayDeclaration, FeatureDeclaration, OutputParameter
from qdash_core.tasks.run_parameters import RunParameter
from qdash_tasks.declarations import AMPLITUDE_RANGE, SHOTS, declare_optional_input
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import ReadoutScan
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import (
    MeasurementCall,
    MeasurementDeclaration,
    group_into_calls,
)
from qdash_tasks.programs.requested_sweeps import read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.measurement_calls import Program

    Floats = NDArray[np.float64]

_FIRST = np.geomspace(0.05, 1.0, 8)
"""Factors on the amplitude in use: a first look at the signal."""
_AROUND = np.linspace(0.25, 1.75, 16)
"""Factors on the amplitude of the requested ratio."""
_FEWEST_AMPLITUDES = 6
_MOST_SWEEPS = 3
_SHOWN = 8.0
"""Errors of the mean that the signal must exceed, which the magnitude of noise alone does not."""


class CheckReadoutAmplitude(LaboratoryTask):
    """Signal and noise of single shots against readout amplitude, with the qubit undriven."""

    name = "CheckReadoutAmplitude"
    description = "Readout amplitude at which the signal of a shot has a given ratio to its noise; needs no driven qubit."
    expected_s = 0.4
    input_parameters = MappingProxyType(
        {
            "resonator_frequency": declare_optional_input(
                "GHz", "readout frequency until the best one is known; the design value if absent"
            ),
            "readout_frequency": declare_optional_input(
                "GHz", "readout frequency; the resonator frequency if absent"
            ),
            "readout_amplitude": declare_optional_input(
                "a.u.", "first amplitude; the design value if absent"
            ),
        }
    )
    run_parameters = MappingProxyType(
        {
            "shots": SHOTS,
            "amplitude_range": AMPLITUDE_RANGE,
            "snr_threshold": RunParameter(
                value=1.0,
                value_type="float",
                minimum=0.01,
                maximum=1000.0,
                description="distance of the mean point from the origin, divided by the standard deviation of a shot "
                "(of both quadratures together)",
            ),
        }
    )
    output_parameters = MappingProxyType(
        {
            "readout_amplitude": OutputParameter(
                unit="a.u.",
                description="amplitude with the requested signal-to-noise ratio",
                minimum=0.0,
                maximum=1.0,
                line="readout",
            )
        }
    )
    fit_axes = ("amplitude",)
    traces = MappingProxyType(
        {"read_*": MeasurementDeclaration(ReadoutScan, "undriven qubit, at one readout amplitude")}
    )
    arrays = MappingProxyType(
        {
            "amplitude": ArrayDeclaration("a.u.", "readout amplitudes of the last sweep"),
            "iq": ArrayDeclaration("a.u.", "mean of the shots of each point", along="amplitude"),
            "sigma": ArrayDeclaration(
                "a.u.",
                "standard errors, of I in the real part and of Q in the imaginary one",
                along="amplitude",
            ),
        }
    )

    feature_parameters = MappingProxyType(
        {
            "highest_ratio": FeatureDeclaration("", "largest signal-to-noise ratio of a shot in the sweep"),
            "ratio_per_amplitude": FeatureDeclaration(
                "1/a.u.",
                "signal-to-noise ratio of a shot divided by the amplitude, median of the lower half of the sweep",
            ),
            "signal_to_noise": FeatureDeclaration("", "largest signal over the noise of a point"),
            "signal_growth": FeatureDeclaration(
                "",
                "exponent of the growth of the signal with the amplitude in the upper half of the sweep, 1 without compression",
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure up to the amplitude in use, then around the amplitude of the requested ratio."""
        asked = read_requested_sweep(self.context, "amplitude_range", fewest=_FEWEST_AMPLITUDES)
        if asked is not None:
            # A sweep from zero, as in the original, begins with a readout that plays nothing.
            asked = asked[asked > 0]
            if asked.size < _FEWEST_AMPLITUDES:
                raise InvalidInputError(
                    f"amplitude_range: {_FEWEST_AMPLITUDES} amplitudes above 0 are needed"
                )
            return (yield from self._measure(laboratory, asked)).make_raw_data(self.context.parameters)
        in_use = laboratory.settings[self.context.qid].readout_amplitude
        points = yield from self._measure(laboratory, in_use * _FIRST)
        parameters = self.context.parameters
        largest = laboratory.limits.readout.largest_amplitude
        for _ in range(_MOST_SWEEPS):
            near = points.estimate_amplitude(parameters["shots"], parameters["snr_threshold"])
            around = np.unique(np.minimum((near or 0.0) * _AROUND, largest))
            if near is None or around.size < _FEWEST_AMPLITUDES:
                break
            points = yield from self._measure(laboratory, around)
            if points.enclose(parameters["shots"], parameters["snr_threshold"]):
                break
        return points.make_raw_data(parameters)

    def _measure(
        self, laboratory: Laboratory, amplitudes: Floats
    ) -> Generator[MeasurementCall, Mapping[str, Answer], _Points]:
        """Measure the mean point at each amplitude, in a random order: a drift is then no slope."""
        frequency = np.array([laboratory.settings[self.context.qid].readout_frequency_ghz])
        order = np.random.default_rng(amplitudes.size).permutation(amplitudes.size)
        requests = [
            {f"read_{place}": ReadoutScan(frequency, amplitude=float(amplitudes[place]))} for place in order
        ]
        found: dict[str, Answer] = {}
        for call in group_into_calls(requests, laboratory.limits.points_a_call):
            found |= yield MeasurementCall(call, self.context.parameters["shots"], keep=False)
        return _Points.from_answers(amplitudes, found)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit signal and noise, and solve for the requested ratio."""
        fit = require_success(_fit(result))
        found = fit.parameters["amplitude"]
        return TaskOutput(
            {"readout_amplitude": Parameter(found.value, found.error, "a.u.")},
            r2=fit.r2,
            quality=make_quality(fit),
            note={
                "noise": fit.parameters["noise"].value,
                "signal_per_amplitude": fit.parameters["signal_per_amplitude"].value,
            },
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the sweep."""
        if not {"amplitude", "iq", "sigma"} <= raw.arrays.keys() or "shots" not in raw.attributes:
            return {}
        points = _Points.from_raw_data(raw)
        ratios, errors = points.compute_ratios(raw.attributes["shots"])
        found = {"highest_ratio": float(ratios.max()), "signal_to_noise": float((ratios / errors).max())}
        seen = ratios > _SHOWN * errors
        lower = seen & (points.amplitude <= np.median(points.amplitude))
        if lower.any():
            found["ratio_per_amplitude"] = float(np.median((ratios / points.amplitude)[lower]))
        upper = seen & (points.amplitude >= np.median(points.amplitude))
        if upper.sum() > 2:
            slope, _ = np.polyfit(np.log(points.amplitude[upper]), np.log(np.abs(points.iq[upper])), 1)
            found["signal_growth"] = float(slope)
        return found

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the signal-to-noise ratio against amplitude; without the fit if it was rejected."""
        points = _Points.from_raw_data(raw)
        ratio, error = points.compute_ratios(raw.attributes["shots"])
        data = [scatter("Measured", points.amplitude, ratio, sigma=error)]
        title = "No result: measured ratios"
        if output.parameters:
            data.append(curve("Fit", require_success(_fit(raw)).predict, points.amplitude))
            found = output.parameters["readout_amplitude"].value
            title = f"Ratio {raw.attributes['snr_threshold']:g} at readout amplitude {found:.4g}"
        drawn = figure(title, "Readout amplitude (a.u.)", "Signal / noise of a shot", data)
        return add_value_box(drawn, cls, output)


@dataclass(frozen=True, slots=True)
class _Points:
    """Mean point of each amplitude with its standard errors, shape (n,)."""

    amplitude: Floats
    iq: NDArray[np.complex128]
    sigma: NDArray[np.complex128]

    @classmethod
    def from_answers(cls, amplitudes: Floats, answers: Mapping[str, Any]) -> _Points:
        traces = [answers[f"read_{place}"] for place in range(amplitudes.size)]
        iq, sigma = (np.concatenate([getattr(trace, name) for trace in traces]) for name in ("iq", "sigma"))
        return cls(amplitudes, iq, sigma)

    @classmethod
    def from_raw_data(cls, raw: RawData) -> _Points:
        return cls(*(np.asarray(raw[name]) for name in ("amplitude", "iq", "sigma")))

    def make_raw_data(self, parameters: Mapping[str, Any]) -> RawData:
        arrays = {name: (getattr(self, name), "a.u.") for name in ("amplitude", "iq", "sigma")}
        return RawData(arrays, {name: parameters[name] for name in ("shots", "snr_threshold")})

    def compute_ratios(self, shots: int) -> tuple[Floats, Floats]:
        """Return the signal-to-noise ratio of each amplitude, and its error from that of the mean."""
        noise = np.sqrt(shots) * np.abs(self.sigma)
        return np.abs(self.iq) / noise, np.abs(self.sigma) / np.sqrt(2) / noise

    def estimate_amplitude(self, shots: int, ratio: float) -> float | None:
        """Return about the amplitude of a ratio, or None if no amplitude shows a signal."""
        ratios, errors = self.compute_ratios(shots)
        shown = ratios > _SHOWN * errors
        if not shown.any():
            return None
        nearest = np.abs(np.log(ratios[shown] / ratio)).argmin()
        return float(self.amplitude[shown][nearest] * ratio / ratios[shown][nearest])

    def enclose(self, shots: int, ratio: float) -> bool:
        """Return whether the ratio lies between those of the first and the last amplitude."""
        ratios, _ = self.compute_ratios(shots)
        return bool(ratios[0] < ratio < ratios[-1])


def _fit(raw: RawData) -> FitResult:
    points = _Points.from_raw_data(raw)
    return fit_readout_snr(
        points.amplitude,
        points.iq,
        sigma=points.sigma,
        shots=raw.attributes["shots"],
        ratio=raw.attributes["snr_threshold"],
    )
