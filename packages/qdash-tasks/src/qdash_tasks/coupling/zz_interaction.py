"""Static ZZ from Ramsey fringes of the target with both control states."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import OutputParameter
from qdash_tasks.declarations import (
    COUPLING_JUMP,
    MEASUREMENT,
    PULSES,
    TIME_RANGE,
    TIMES,
    declare_for_both,
    declare_optional_input,
)
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.figures.raw_traces import draw_raw_traces
from qdash_tasks.figures.sketches import draw_measured, draw_recorded, make_fringe_shapes, sketch
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.pair_requests import ConditionalRamsey
from qdash_tasks.programs.cached_fits import fit_zz
from qdash_tasks.programs.decay_window import get_longest_delay_us
from qdash_tasks.programs.estimates import make_parameter, make_quality, require_success
from qdash_tasks.programs.features.pairs import (
    FRINGE_FEATURES,
    PAIR_FEATURES,
    describe_conditions,
    describe_fringes,
)
from qdash_tasks.programs.fringes import FIRST_WINDOWS_US, POINTS, choose_fringe_mhz, limit_windows
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, measure_traces
from qdash_tasks.programs.pair_conditions import make_pair_attributes
from qdash_tasks.programs.phase_sense import PAIR_DETUNED_TRACE, add_detuned_fringes, require_phase_sense
from qdash_tasks.programs.projection import project_signals
from qdash_tasks.programs.raw_arrays import AnswerArrays, require_complete
from qdash_tasks.programs.readout_reference import read_trace
from qdash_tasks.programs.requested_sweeps import read_requested_sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program
    from qdash_tasks.programs.projection import Signal

    Floats = NDArray[np.float64]

_FITTED, _ARTIFICIAL = "fitted", "artificial_mhz"
_FEWEST_DELAYS = 8
_STATES: tuple[Literal[0, 1], ...] = (0, 1)
_WANTED_MHZ, _WANTED_SHARE = 0.7e-3, 0.01
"""Sufficient error, absolute and relative to the ZZ; the larger one applies."""
_ROUNDS = 3
_STRETCH = (2.0, 8.0)
_LONGEST_US, _DECAYS = 60.0, 1.5
_CLEAR = 2.0
"""Least ratio of the artificial detuning to either detuning."""


@dataclass(frozen=True, slots=True)
class _Estimate:
    """Fit of both fringes of a window, and the name under which they are stored."""

    name: str
    artificial_mhz: float
    window_us: float
    fit: FitResult

    @property
    def error_mhz(self) -> float:
        return self.fit.parameters["static_zz_interaction"].error or math.inf

    @property
    def wanted_mhz(self) -> float:
        return max(_WANTED_MHZ, _WANTED_SHARE * abs(self.fit.parameters["static_zz_interaction"].value))

    @property
    def fastest_mhz(self) -> float:
        """Larger detuning of the target from its drive."""
        return max(abs(self.fit.parameters[f"detuning_control_{state}"].value) for state in _STATES)


class CheckZZInteraction(LaboratoryTask):
    """Static ZZ from Ramsey fringes of the target, with the control idle in |0>, then in |1>.

    A short window separates a large ZZ from its aliases; longer ones follow until the error is 0.7 kHz or 1
    %, limited by the decay of the fringes. The control shifts the target differently before and after it
    relaxes, so the fit includes its T1. In the first call, fringes of a generator that is really detuned from
    the target show the sign convention of phases.
    """

    name = "CheckZZInteraction"
    task_type = "coupling"
    description = "Static ZZ from Ramsey fringes of the target with both states of the control."
    expected_s = 2.5
    relaxed = True
    input_parameters = MappingProxyType(
        declare_for_both(
            {**PULSES, **TIMES, "t2_star": declare_optional_input("us", "sets the sweep window")}
        )
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(
        {
            "static_zz_interaction": OutputParameter(
                unit="MHz",
                description="ζ = f11 − f10 − f01 + f00, signed: H/h = ζ/4 ZZ",
                minimum=-50.0,
                maximum=50.0,
                convention="zeta",
                jump=COUPLING_JUMP,
            )
        }
    )
    fit_axes = (f"{{{_FITTED}}}_control_*_delay",)
    traces = MappingProxyType(
        {
            **PAIR_DETUNED_TRACE,
            "asked_control_*": MeasurementDeclaration(
                ConditionalRamsey, "requested delays, control in |0⟩ and |1⟩"
            ),
            "window_*": MeasurementDeclaration(
                ConditionalRamsey, "short window, which distinguishes a large ZZ from its aliases"
            ),
            "longer_*": MeasurementDeclaration(ConditionalRamsey, "longer window, which reduces the error"),
        }
    )

    feature_parameters = MappingProxyType({**PAIR_FEATURES, **FRINGE_FEATURES})

    def program(self, laboratory: Laboratory) -> Program:
        """Measure the requested sweep, or successively longer windows."""
        asked = read_requested_sweep(self.context, "time_range", fewest=_FEWEST_DELAYS)
        fringes = (
            _search_window(laboratory.limits, self.context)
            if asked is None
            else _measure_requested(asked * 1e-3, self.context)
        )
        fitted = yield from add_detuned_fringes(
            fringes, laboratory, self.context.target, control=self.context.control
        )
        return {**make_pair_attributes(self.context), **fitted}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both fringes together; fringes of a detuned generator give the sign convention of phases."""
        _, fit = _fit_fringes(require_complete(result))
        alone = fit.parameters["detuning_control_0"]
        require_phase_sense(result, alone.value, alone.error)
        note = {
            f"{name}_mhz": fit.parameters[name].value for name in ("detuning_control_0", "detuning_control_1")
        }
        return TaskOutput(
            {"static_zz_interaction": make_parameter(fit.parameters["static_zz_interaction"])},
            r2=fit.r2,
            quality=make_quality(fit),
            note=note,
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the fringes with both control states."""
        found = describe_conditions(raw)
        name = raw.attributes.get(_FITTED)
        if name is None or f"{name}_control_1_iq" not in raw.arrays:
            return found
        found |= describe_fringes(*(read_trace(raw, f"{name}_control_{state}", "delay") for state in _STATES))
        try:
            _, fit = _fit_fringes(raw)
        except AnalysisError:
            return found
        found["target_detuning_mhz"] = fit.parameters["detuning_control_0"].value
        found["zz_mhz"] = fit.parameters["static_zz_interaction"].value
        return found | ({} if fit.reduced_chi2 is None else {"fringe_chi2": fit.reduced_chi2})

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw both fringes against delay with their fit; the data alone if the analysis rejected them."""
        if not output.parameters:
            return draw_raw_traces(raw, x_name="delay", x_unit="us")
        found, fit = _fit_fringes(raw)
        data = []
        for state, signal in zip(_STATES, found, strict=True):
            data += [
                points(f"Control in |{state}⟩", signal),
                curve(f"Fit, control in |{state}⟩", partial(_predict_fringe, fit, state), signal.x),
            ]
        zz = output.parameters["static_zz_interaction"]
        drawn = figure(
            f"Static ZZ interaction {quantity(f'{1e3 * zz.value:.4g}', 'kHz')}",
            "Delay (µs)",
            "Target signal (a.u.)",
            data,
        )
        return add_value_box(drawn, cls, output)

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw both recorded fringes."""
        if not output.parameters:
            return cls.figure(raw, output)
        artificial = float(raw.attributes[_ARTIFICIAL])
        data = []
        for state, signal in zip(_STATES, _read_signals(raw), strict=True):
            detuning = float(output.note[f"detuning_control_{state}_mhz"])
            shapes = make_fringe_shapes(
                (artificial + detuning, artificial - detuning), float(np.ptp(signal.x)), decay=None
            )
            data += [draw_measured(signal.x, signal.y), draw_recorded(signal.x, signal.y, shapes)]
        return sketch("Delay (µs)", "Target signal (a.u.)", data)


def _measure_requested(
    delays_us: Floats, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]]:
    """Measure the requested sweep; return its name and artificial detuning as attributes of raw data."""
    yield from _measure_fringes("asked", delays_us, choose_fringe_mhz(delays_us), context)
    return {_FITTED: "asked", _ARTIFICIAL: choose_fringe_mhz(delays_us)}


def _search_window(
    limits: Limits, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]]:
    """Measure successively longer windows; return name and artificial detuning of the one to fit, as attributes."""
    windows = limit_windows(FIRST_WINDOWS_US, limits, context.target, points=POINTS)
    last = yield from _find_first_estimate(windows, context)
    if last is None:
        return {_FITTED: f"window_{len(windows)}", _ARTIFICIAL: choose_fringe_mhz(_make_delays(windows[-1]))}
    last = yield from _improve_estimate(
        last, min(_get_longest_us(context), get_longest_delay_us(limits)), context
    )
    return {_FITTED: last.name, _ARTIFICIAL: last.artificial_mhz}


def _find_first_estimate(
    windows_us: Sequence[float], context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], _Estimate | None]:
    """Measure windows one after the other until one shows a ZZ."""
    for number, window in enumerate(windows_us, start=1):
        found = yield from _estimate(
            f"window_{number}", window, choose_fringe_mhz(_make_delays(window)), context
        )
        if found is not None:
            return found
    return None


def _improve_estimate(
    last: _Estimate, longest_us: float, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], _Estimate]:
    """Measure longer windows until the error is small enough or grows."""
    for number in range(_ROUNDS):
        if last.error_mhz <= last.wanted_mhz or (window := _choose_longer_window(last, longest_us)) is None:
            break
        artificial = max(choose_fringe_mhz(_make_delays(window)), _CLEAR * last.fastest_mhz)
        further = yield from _estimate(f"longer_{number + 1}", window, artificial, context)
        if further is None or further.error_mhz >= last.error_mhz:
            break
        last = further
    return last


def _choose_longer_window(last: _Estimate, longest_us: float) -> float | None:
    """Return the window that should make the error small enough, or None if no longer one helps."""
    low, high = _STRETCH
    wanted = last.window_us * min(max(1.3 * last.error_mhz / last.wanted_mhz, low), high)
    # With the artificial detuning that is needed, fringes must stay below a quarter of the sampling rate.
    fastest = max(_CLEAR * last.fastest_mhz, 1e-9)
    window = min(wanted, longest_us, (POINTS - 1) / (4 * fastest))
    return window if window > 1.2 * last.window_us else None


def _get_longest_us(context: RunContext) -> float:
    """Return the longest window in which the fringes last, in µs, given the coherence time."""
    coherence = context.inputs.get("target_t2_star") or context.inputs.get("target_t2_echo")
    return _LONGEST_US if coherence is None else min(_DECAYS * coherence.value, _LONGEST_US)


def _estimate(
    name: str, window_us: float, artificial_mhz: float, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], _Estimate | None]:
    """Measure and fit both fringes of a window; return None if they show no ZZ."""
    recording = yield from _measure_fringes(name, _make_delays(window_us), artificial_mhz, context)
    conditions = {**make_pair_attributes(context), _FITTED: name, _ARTIFICIAL: artificial_mhz}
    try:
        _, fit = _fit_fringes(recording.make_raw_data(conditions))
    except AnalysisError:
        return None
    return _Estimate(name, artificial_mhz, window_us, fit)


def _measure_fringes(
    name: str, delays_us: Floats, artificial_mhz: float, context: RunContext
) -> Generator[MeasurementCall, Mapping[str, Answer], AnswerArrays]:
    """Measure the fringes with both control states."""
    asked = {
        f"{name}_control_{state}": ConditionalRamsey(
            context.control, context.target, delays_us, state, artificial_mhz
        )
        for state in _STATES
    }
    found = yield from measure_traces(asked, context.parameters["shots"])
    recording = AnswerArrays()
    for called, request in asked.items():
        recording.add(called, request, found[called])
    return recording


def _make_delays(window_us: float) -> Floats:
    return np.linspace(0.0, window_us, POINTS)


def _predict_fringe(fit: FitResult, state: int, delays_us: Floats) -> Floats:
    return np.asarray(fit.predict(delays_us)[state], dtype=np.float64)


def _read_signals(raw: RawData) -> tuple[Signal, ...]:
    name = str(raw.attributes[_FITTED])
    return project_signals(raw, tuple(f"{name}_control_{state}" for state in _STATES), x_name="delay")


def _fit_fringes(raw: RawData) -> tuple[tuple[Signal, ...], FitResult]:
    """Return the selected fringes and their fit, repeated with the noise of the first; raise `AnalysisError` if it fails."""
    found = _read_signals(raw)
    x, y = found[0].x, np.stack([signal.y for signal in found])
    conditions: dict[str, Any] = {
        "artificial_mhz": float(raw.attributes[_ARTIFICIAL]),
        "control_t1_us": raw.attributes.get("control_t1_us"),
    }
    first = require_success(fit_zz(x, y, sigma=np.stack([signal.sigma for signal in found]), **conditions))
    again = fit_zz(x, y, sigma=found[0].noise.sigma(first.predict(x)), **conditions)
    return found, again if again.success else first
