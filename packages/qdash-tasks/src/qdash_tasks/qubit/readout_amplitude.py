"""Readout amplitude: strong enough to separate the clouds, weak enough not to excite the qubit."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_analysis import fit_readout_amplitude
from qdash_analysis.discriminant import compute_best_fidelities, make_axis_histograms
from qdash_core.errors import InvalidInputError, NoSignalError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.parameters import ArrayDeclaration, FeatureDeclaration, OutputParameter
from qdash_tasks.declarations import AMPLITUDE_RANGE, MEASUREMENT, PULSES, SINGLE_SHOTS
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.requests import SingleShots
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, group_into_calls, measure_shots
from qdash_tasks.programs.passive_reset import T1_TRACE
from qdash_tasks.programs.requested_sweeps import read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

    Floats = NDArray[np.float64]

# Factors on the amplitude in use, or on a measured one: the best one before, or one that only shows a signal.
_UNKNOWN = np.geomspace(0.4, 4.0, 13)
_KNOWN = np.geomspace(0.5, 4.0, 10)
_AROUND = np.geomspace(0.62, 1.55, 8)
_UPPER = np.geomspace(0.55, 0.985, 8)
"""Shares of the largest amplitude, for an optimum that one sweep leaves undetermined near its upper end."""
_FEWEST_AMPLITUDES = 6
_SHOTS_AT_ONCE = 200_000
"""Shots of a qubit that are kept in memory until they are counted."""
_CLEARLY = 5.0
_MOST_SWEEPS = 3
_INSIDE = 1.15
_TELLING = 0.52


class CheckOptimalReadoutAmplitude(LaboratoryTask):
    """Assignment fidelity against readout amplitude, from single shots of 0 and of 1.

    Shots are stored as histograms along the line between the clouds. The sweep is extended to lower amplitudes if the best
    one does not lie well inside it, never to higher ones than those of the first sweep.
    """

    name = "CheckOptimalReadoutAmplitude"
    description = "Assignment fidelity against readout amplitude."
    expected_s = 2.7
    relaxed = True
    input_parameters = MappingProxyType(PULSES)
    run_parameters = MappingProxyType(
        {**MEASUREMENT, "shots": SINGLE_SHOTS, "amplitude_range": AMPLITUDE_RANGE}
    )
    output_parameters = MappingProxyType(
        {
            "readout_amplitude": OutputParameter(
                unit="a.u.",
                description="amplitude with the highest average readout fidelity",
                minimum=0.0,
                maximum=1.0,
                line="readout",
            )
        }
    )
    fit_axes = ("amplitude",)
    traces = MappingProxyType(
        {
            **T1_TRACE,
            "prepared_0_*": MeasurementDeclaration(SingleShots, "|0⟩ prepared, at one readout amplitude"),
            "prepared_1_*": MeasurementDeclaration(
                SingleShots, "|1⟩ prepared, at the same readout amplitude"
            ),
        }
    )

    arrays = MappingProxyType(
        {
            "amplitude": ArrayDeclaration("a.u.", "readout amplitudes in the order of measurement"),
            "prepared_0": ArrayDeclaration(
                "shots", "|0⟩ prepared: one histogram per readout amplitude", along="amplitude"
            ),
            "prepared_1": ArrayDeclaration(
                "shots", "|1⟩ prepared: one histogram per readout amplitude", along="amplitude"
            ),
        }
    )

    feature_parameters = MappingProxyType(
        {
            "highest_fidelity": FeatureDeclaration("", "highest fidelity in the sweep"),
            "fidelity_at_lowest": FeatureDeclaration("", "fidelity at the lowest amplitude"),
            "fidelity_at_highest": FeatureDeclaration("", "fidelity at the highest amplitude"),
            "lost_at_best": FeatureDeclaration(
                "", "p(0|1) minus p(1|0) at the best amplitude: decay and the pulse take from |1⟩ only"
            ),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Measure a sweep of amplitudes, and lower ones or finer steps until the best one is enclosed."""
        asked = read_requested_sweep(self.context, "amplitude_range", fewest=_FEWEST_AMPLITUDES)
        if asked is not None and asked[0] <= 0:
            raise InvalidInputError("amplitude_range: the readout amplitude must be above 0")
        counted = _HistogramSweep(self.context.parameters["shots"], laboratory.limits.points_a_call)
        wanted: Floats | None = self._choose_first_sweep(laboratory) if asked is None else asked
        for _ in range(_MOST_SWEEPS):
            if wanted is None:
                break
            yield from counted.measure(wanted)
            wanted = (
                _choose_next_sweep(_FidelityPoints.from_raw_data(counted.make_raw_data()))
                if asked is None
                else None
            )
        return counted.make_raw_data()

    def _choose_first_sweep(self, laboratory: Laboratory) -> Floats:
        """Return amplitudes around the previous optimum, or around the one in use."""
        known = self.context.inputs.get("readout_amplitude")
        largest = laboratory.limits.readout.largest_amplitude
        if known is not None:
            return _limit_amplitudes(known.value * _KNOWN, largest)
        return _limit_amplitudes(laboratory.settings[self.context.qid].readout_amplitude * _UNKNOWN, largest)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the maximum of the fidelity."""
        fit = require_success(_fit_fidelity(_FidelityPoints.from_raw_data(result)))
        return TaskOutput(
            {"readout_amplitude": make_parameter(fit.parameters["readout_amplitude"])},
            r2=fit.r2,
            quality=make_quality(fit),
            note={"average_readout_fidelity": fit.parameters["average_readout_fidelity"].value},
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the sweep."""
        if not {"amplitude", "prepared_0", "prepared_1"} <= raw.arrays.keys():
            return {}
        points = _FidelityPoints.from_raw_data(raw)
        counts = [np.asarray(raw[f"prepared_{state}"], dtype=np.float64) for state in (0, 1)]
        right_0, right_1 = compute_best_fidelities(*counts)
        best = int(((right_0 + right_1) / 2).argmax())
        return {
            "highest_fidelity": float(points.fidelity.max()),
            "fidelity_at_lowest": float(points.fidelity[0]),
            "fidelity_at_highest": float(points.fidelity[-1]),
            "lost_at_best": float(right_0[best] - right_1[best]),
        }

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the assignment fidelity against amplitude."""
        points = _FidelityPoints.from_raw_data(raw)
        data = [scatter("Measured", points.amplitude, points.fidelity, sigma=points.sigma)]
        title = "No result: measured fidelities"
        if output.parameters:
            data.append(curve("Fit", require_success(_fit_fidelity(points)).predict, points.amplitude))
            title = (
                f"Highest fidelity at readout amplitude {output.parameters['readout_amplitude'].value:.4g}"
            )
        drawn = figure(title, "Readout amplitude (a.u.)", "Average readout fidelity", data)
        return add_value_box(drawn, cls, output)


@dataclass(frozen=True, slots=True)
class _FidelityPoints:
    """Assignment fidelity at the best threshold of each amplitude, shape (n,), and the number of shots."""

    amplitude: Floats
    fidelity: Floats
    shots: Floats

    @classmethod
    def from_raw_data(cls, raw: RawData) -> _FidelityPoints:
        counts = [np.asarray(raw[f"prepared_{state}"], dtype=np.float64) for state in (0, 1)]
        shares = compute_best_fidelities(*counts)
        order = np.argsort(raw["amplitude"])
        found = (raw["amplitude"], (shares[0] + shares[1]) / 2, counts[0].sum(axis=1) + counts[1].sum(axis=1))
        return cls(*(np.asarray(values)[order] for values in found))

    @property
    def sigma(self) -> Floats:
        """1-sigma error of the fidelities."""
        wrong = (1 - self.fidelity) * self.shots + 0.5
        return np.asarray(np.sqrt(wrong * (self.shots + 1 - wrong) / (self.shots + 1)) / self.shots)


@dataclass(slots=True)
class _HistogramSweep:
    """Histograms so far, one per state and amplitude."""

    shots: int
    points_a_call: int | None = None
    amplitudes: list[float] = field(default_factory=list)
    counts: tuple[list[Floats], list[Floats]] = field(default_factory=lambda: ([], []))

    def measure(self, amplitudes: Floats) -> Generator[MeasurementCall, Mapping[str, Answer], None]:
        """Measure both states at each amplitude and keep only histograms, which save memory.

        Amplitudes come in a random order, none twice: answers in the wrong order then give a curve without a maximum.
        """
        new = np.array([one for one in amplitudes.tolist() if one not in self.amplitudes])
        amplitudes = np.random.default_rng(new.size).permutation(new)
        at_once = max(_SHOTS_AT_ONCE // self.shots, 2)
        most = at_once if self.points_a_call is None else min(at_once, self.points_a_call)
        for requests in group_into_calls((_request_both_states(one) for one in amplitudes.tolist()), most):
            clouds = yield from measure_shots(requests, self.shots, keep=False)
            for zero, one in zip(*(_select_state(state, requests) for state in (0, 1)), strict=True):
                self.amplitudes.append(requests[zero].largest_readout_amplitude)
                both = make_axis_histograms(clouds[zero].iq, clouds[one].iq)
                for kept, counted in zip(self.counts, both, strict=True):
                    kept.append(counted)

    def make_raw_data(self) -> RawData:
        arrays: dict[str, tuple[Any, str]] = {"amplitude": (np.array(self.amplitudes), "a.u.")}
        for state in (0, 1):
            arrays[f"prepared_{state}"] = (np.array(self.counts[state], dtype=np.int32), "shots")
        return RawData(arrays)


def _request_both_states(amplitude: float) -> dict[str, SingleShots]:
    """Return the requests for both states at one amplitude, by name."""
    states: tuple[Literal[0], Literal[1]] = (0, 1)
    return {f"prepared_{state}_{amplitude!r}": SingleShots(state, amplitude=amplitude) for state in states}


def _select_state(state: int, requests: Mapping[str, Request]) -> list[str]:
    return [name for name in requests if name.startswith(f"prepared_{state}_")]


def _limit_amplitudes(amplitudes: Floats, largest: float) -> Floats:
    return np.unique(np.minimum(amplitudes, largest))


def _choose_next_sweep(points: _FidelityPoints) -> Floats | None:
    """Return further amplitudes up to the largest one so far, or None if they do not help."""
    if points.fidelity.max() < _TELLING:
        return None
    lowest, highest = float(points.amplitude[0]), float(points.amplitude[-1])
    fit = _fit_fidelity(points)
    seen = float(points.amplitude[points.fidelity.argmax()])
    best = fit.parameters["readout_amplitude"].value if fit.success else seen
    falls = points.fidelity[-1] < points.fidelity.max() - _CLEARLY * points.sigma[-1]
    if best < lowest * _INSIDE:
        return np.asarray(lowest / np.geomspace(2.5, 1.1, 7))
    if not fit.success and falls:
        return _limit_amplitudes(best * _AROUND, highest)
    if (
        not fit.success
        and best > _UPPER[0] * highest
        and not np.isin(highest * _UPPER, points.amplitude).all()
    ):
        return np.asarray(highest * _UPPER)
    return None


def _fit_fidelity(points: _FidelityPoints) -> FitResult:
    if points.fidelity.max() < _TELLING:
        raise NoSignalError(
            "no readout amplitude distinguishes 0 from 1: the readout is dead, or the pulse has no effect"
        )
    return fit_readout_amplitude(points.amplitude, points.fidelity, shots=points.shots)
