"""Control amplitude: the drive amplitude for the Rabi frequency in use, from an oscillation against amplitude."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_rabi
from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.laboratory.requests import RabiAmplitude
from qdash_tasks.laboratory.settings import USUAL_RABI_MHZ
from qdash_tasks.programs.estimates import quality, require
from qdash_tasks.programs.projection import Signal, fit_signal, found_in, signals
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep
from qdash_tasks.programs.third_level import SLOWER_AT_F01, ThirdLevel

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import ArrayLike

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program

_SEARCH_NS, _SEARCH_TO = 100.0, 0.25
"""One and a half to seven and a half turns on drive lines of 60 to 300 MHz at full scale."""
_WEAKER_NS = 400.0
_LENGTH_NS = 250.0
_STRONGEST = 1.6
"""Largest amplitude over the one for the usual Rabi frequency: five turns, and little light shift."""
_POINTS = 51
_FARTHEST = 0.2
_FEWEST_PERIODS = 1.5


class CheckControlAmplitude(RoundsTask, declarations.CheckControlAmplitude):
    """One pulse of fixed length and growing amplitude, readout.

    First a short pulse over a wide range, unless amplitude and Rabi frequency are known; then five turns of a longer one
    around the amplitude in question, weak enough for |2> to stay empty.
    """

    expected_s = 0.53
    x_name, x_unit = "amplitude", "a.u."
    fewest_points = MappingProxyType({"amplitude_range": 8})

    def sweeps(self, session: Session) -> Program:
        """Search, then measure over the range that was found."""
        shots, asked = self.context.parameters["shots"], self.asked("amplitude_range")
        wanted = session.settings[self.context.qid].rabi_frequency_mhz
        used = {
            "length_ns": _LENGTH_NS,
            "wanted_mhz": wanted,
            **ThirdLevel.of(self, session).attributes(),
        }
        if asked is not None:
            yield Sweep("rabi", asked, shots, knob=_LENGTH_NS)
            return used
        inputs = self.context.inputs
        if "control_amplitude" in inputs and "rabi_frequency" in inputs:
            known = inputs["rabi_frequency"].value / inputs["control_amplitude"].value
            found = _rate_of((yield _fine(known, shots)), _LENGTH_NS)
            if found is not None and abs(found / known - 1) < _FARTHEST:
                return used
        rate = yield from _searched(shots)
        if rate is not None:
            yield _fine(rate, shots)
        return used

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return RabiAmplitude(sweep.x, duration_ns=sweep.knob)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the oscillation: its frequency over the pulse length is the Rabi frequency at full scale."""
        signal, fit = _fitted(require_complete(result))
        found, length_us = fit.parameters["frequency"], float(result.attributes["length_ns"]) * 1e-3
        decay = fit.parameters.get("decay")
        if decay is not None and decay.value * found.value < _FEWEST_PERIODS:
            turns = decay.value * found.value
            raise AnalysisError(f"the oscillation dies within {turns:.2g} periods: the drive is not stable")
        # The last tenth of the slowing goes into the phase at amplitude zero, which the fit leaves free.
        found = ThirdLevel.recorded_in(result).of_two_levels(
            found, 0.9 * SLOWER_AT_F01, strongest_mhz=found.value / length_us * float(signal.x[-1])
        )
        rate = found.value / length_us
        error = None if found.error is None else found.error / length_us
        amplitude = float(result.attributes["wanted_mhz"]) / rate
        if amplitude > 1:
            raise AnalysisError(
                f"the usual Rabi frequency would take an amplitude of {amplitude:.3g}: more than full scale"
            )
        return TaskOutput(
            {
                # It is set, not measured: it has no error of its own.
                "control_amplitude": Parameter(amplitude, None, "a.u."),
                "maximum_rabi_frequency": Parameter(rate, error, "MHz/a.u."),
            },
            r2=fit.r2,
            quality=quality(fit),
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against amplitude."""
        signal, fit = _fitted(raw)
        found = output.parameters["control_amplitude"].value
        title = f"amplitude {found:.4g} for {raw.attributes['wanted_mhz']:.4g} MHz"
        drawn = [points("measured", signal), curve("fit", fit.predict, signal.x)]
        return figure(title, "pulse amplitude (a.u.)", "signal (a.u.)", drawn)


def _searched(shots: int) -> Generator[Sweep, Trace, float | None]:
    """Return the Rabi frequency at full scale (MHz), from short pulses, then from longer ones on a weak line."""
    for length_ns in (_SEARCH_NS, _WEAKER_NS):
        trace = yield Sweep("search", np.linspace(0.0, _SEARCH_TO, _POINTS), shots, knob=length_ns)
        rate = _rate_of(trace, length_ns)
        if rate is not None:
            return rate
    return None


def _fine(rate_mhz: float, shots: int) -> Sweep:
    strongest = min(_STRONGEST * USUAL_RABI_MHZ / rate_mhz, 1.0)
    return Sweep("rabi", np.linspace(0.0, strongest, _POINTS), shots, knob=_LENGTH_NS)


def _rate_of(trace: Trace, length_ns: float) -> float | None:
    fit = found_in(trace, _fit)
    return None if fit is None else fit.parameters["frequency"].value / (length_ns * 1e-3)


def _fitted(raw: RawData) -> tuple[Signal, FitResult]:
    (signal,) = signals(raw, ("rabi" if "rabi_iq" in raw.arrays else "search",), x_name="amplitude")
    return signal, require(fit_signal(_fit, signal))


def _fit(x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike) -> FitResult:
    return fit_rabi(x, y, x_unit="a.u.", sigma=sigma)
