"""Static ZZ: what the state of the control does to the fringes of the target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.programs.cached_fits import fit_zz
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.fringes import FIRST_WINDOWS_US, POINTS, fringe_mhz
from qdash_tasks.programs.pair_rounds import PairRoundsTask
from qdash_tasks.programs.pair_sweeps import ConditionalRamsey
from qdash_tasks.programs.projection import signals
from qdash_tasks.programs.rounds import Recording, require_complete

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.projection import Signal
    from qdash_tasks.programs.sweep_rounds import Program, Sweep

    Floats = NDArray[np.float64]

_FITTED, _ARTIFICIAL = "fitted", "artificial_mhz"
_STATES: tuple[Literal[0, 1], ...] = (0, 1)
_WANTED_MHZ, _WANTED_SHARE = 0.7e-3, 0.01
"""Error that is good enough, absolute and in units of the ZZ, whichever is larger."""
_ROUNDS = 3
_STRETCH = (2.0, 8.0)
_LONGEST_US, _DECAYS = 60.0, 1.5
_CLEAR = 2.0
"""How much faster than either detuning the artificial one must be."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Where a pair of traces is kept, and what it shows."""

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
        """The larger detuning of the target from its drive."""
        return max(abs(self.fit.parameters[f"detuning_control_{state}"].value) for state in _STATES)


class CheckZZInteraction(PairRoundsTask, declarations.CheckZZInteraction):
    """Ramsey fringes of the target, the control prepared in |0>, then in |1>, left alone in between.

    A short window tells a large ZZ from its aliases; longer ones follow until the error is 0.7 kHz or 1 %, as long as the
    fringes last. Before it relaxes, and after, the control shifts the target differently: the fit knows its T1.
    """

    expected_s = 2.5
    fewest_points = MappingProxyType({"time_range": 8})

    def sweeps(self, session: Session) -> Program:  # noqa: ARG002  nothing in use decides the windows
        """Measure the sweep that was asked for, or ever longer ones."""
        asked = self.asked("time_range")
        if asked is not None:
            delays = asked * 1e-3
            yield from self._fringes("asked", delays, fringe_mhz(delays))
            return {_FITTED: "asked", _ARTIFICIAL: fringe_mhz(delays)}
        last = yield from self._first()
        if last is None:
            shortest = len(FIRST_WINDOWS_US)
            return {_FITTED: f"window_{shortest}", _ARTIFICIAL: fringe_mhz(_delays(FIRST_WINDOWS_US[-1]))}
        for number in range(_ROUNDS):
            if last.error_mhz <= last.wanted_mhz or (window := self._longer(last)) is None:
                break
            artificial = max(fringe_mhz(_delays(window)), _CLEAR * last.fastest_mhz)
            further = yield from self._look(f"longer_{number + 1}", window, artificial)
            if further is None or further.error_mhz >= last.error_mhz:
                break
            last = further
        return {_FITTED: last.name, _ARTIFICIAL: last.artificial_mhz}

    def _first(self) -> Generator[Sweep, Trace, _Look | None]:
        """Look in short windows, the longest first."""
        for number, window in enumerate(FIRST_WINDOWS_US, start=1):
            found = yield from self._look(f"window_{number}", window, fringe_mhz(_delays(window)))
            if found is not None:
                return found
        return None

    def _longer(self, last: _Look) -> float | None:
        """Return the window that should make the error small enough; None: no longer one helps."""
        low, high = _STRETCH
        wanted = last.window_us * min(max(1.3 * last.error_mhz / last.wanted_mhz, low), high)
        # With the artificial detuning that is needed, a quarter of the sampling rate must not be exceeded.
        fastest = max(_CLEAR * last.fastest_mhz, 1e-9)
        window = min(wanted, self._longest_us(), (POINTS - 1) / (4 * fastest))
        return window if window > 1.2 * last.window_us else None

    def _longest_us(self) -> float:
        inputs = self.context.inputs
        known = inputs.get("target_t2_star") or inputs.get("target_t2_echo")
        return _LONGEST_US if known is None else min(_DECAYS * known.value, _LONGEST_US)

    def _look(
        self, name: str, window_us: float, artificial_mhz: float
    ) -> Generator[Sweep, Trace, _Look | None]:
        """Measure a pair of traces, and read it; None where it shows no ZZ that could be told."""
        traces = yield from self._fringes(name, _delays(window_us), artificial_mhz)
        recording = Recording()
        for sweep, trace in traces:
            recording.keep(sweep.name, sweep.request(), trace)
        raw = recording.raw({**self.conditions(), _FITTED: name, _ARTIFICIAL: artificial_mhz})
        try:
            _, fit = _fitted(raw)
        except AnalysisError:
            return None
        return _Look(name, artificial_mhz, window_us, fit)

    def _fringes(
        self, name: str, delays_us: Floats, artificial_mhz: float
    ) -> Generator[Sweep, Trace, list[tuple[Sweep, Trace]]]:
        found: list[tuple[Sweep, Trace]] = []
        for state in _STATES:
            sweep = ConditionalRamsey(
                f"{name}_control_{state}",
                delays_us,
                self.context.parameters["shots"],
                knob=artificial_mhz,
                direction=self.direction,
                control_state=state,
            )
            found.append((sweep, (yield sweep)))
        return found

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both fringes together."""
        _, fit = _fitted(require_complete(result))
        note = {
            f"{name}_mhz": fit.parameters[name].value for name in ("detuning_control_0", "detuning_control_1")
        }
        return TaskOutput(
            {"static_zz_interaction": parameter(fit.parameters["static_zz_interaction"])},
            r2=fit.r2,
            quality=quality(fit),
            note=note,
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Both fringes against delay."""
        found, fit = _fitted(raw)
        data = []
        for state, signal in zip(_STATES, found, strict=True):
            data += [
                points(f"control {state}", signal),
                curve(f"fit {state}", partial(_predicted, fit, state), signal.x),
            ]
        zz = output.parameters["static_zz_interaction"]
        return figure(
            f"static ZZ {1e3 * zz.value:.4g} kHz", "delay (us)", "signal of the target (a.u.)", data
        )


def _delays(window_us: float) -> Floats:
    return np.linspace(0.0, window_us, POINTS)


def _predicted(fit: FitResult, state: int, delays_us: Floats) -> Floats:
    return np.asarray(fit.predict(delays_us)[state], dtype=np.float64)


def _fitted(raw: RawData) -> tuple[tuple[Signal, ...], FitResult]:
    """Return the fringes that count and their fit, made again with the noise of the first one, or raise `AnalysisError`."""
    name = str(raw.attributes[_FITTED])
    found = signals(raw, tuple(f"{name}_control_{state}" for state in _STATES), x_name="delay")
    x, y = found[0].x, np.stack([signal.y for signal in found])
    known: dict[str, Any] = {
        "artificial_mhz": float(raw.attributes[_ARTIFICIAL]),
        "control_t1_us": raw.attributes.get("control_t1_us"),
    }
    first = require(fit_zz(x, y, sigma=np.stack([signal.sigma for signal in found]), **known))
    again = fit_zz(x, y, sigma=found[0].noise.sigma(first.predict(x)), **known)
    return found, again if again.success else first
