"""What Ramsey tasks share: fringes at two artificial detunings of opposite sign, and what both say together."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks.figures.plots import curve, figure, points
from qdash_tasks.laboratory.requests import Ramsey
from qdash_tasks.programs.cached_fits import fit_ramsey
from qdash_tasks.programs.estimates import lowest_r2, quality, require
from qdash_tasks.programs.passive_reset import require_long_interval, t1_reference
from qdash_tasks.programs.projection import Signal, fit_signal, signal_of, signals
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.signed_detuning import SignedDetuning, resolve_sign
from qdash_tasks.programs.sweep_rounds import RoundsTask, Sweep

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program

    Floats = NDArray[np.float64]

POINTS = 81
FIRST_WINDOWS_US = (4.0, 0.8, 0.16)
"""Windows in which an offset is looked for: 81 points tell up to 7.5, 37 and 187 MHz from their aliases."""

_PERIODS = 10.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a pair of traces tells.

    Attributes
    ----------
    offset_mhz, error_mhz
        Qubit minus drive frequency; the error is None where a fit knows none.
    t2_star_us
        Where a decay is seen.
    """

    offset_mhz: float
    error_mhz: float | None
    t2_star_us: float | None


class FringesTask(RoundsTask):
    """X90, delay, X90 whose phase advances at an artificial detuning, readout.

    One trace holds the magnitude of a detuning; two, with artificial detunings of opposite sign, hold its sign too.
    Coupled qubits do not belong in one group: they shift each other. With passive reset a T1 trace comes first, and an
    interval of less than five T1 is refused: it bends the fringes.
    """

    fewest_points = MappingProxyType({"time_range": 8})

    def sweeps(self, session: Session) -> Program:
        """Measure the sweep that was asked for, or those that `search` chooses."""
        shots, asked = self.context.parameters["shots"], self.asked("time_range")
        drive = session.settings[self.context.qid].drive_frequency_ghz
        yield from t1_reference(self.repetition, shots)
        if asked is not None:
            delays, known = asked * 1e-3, 0.0
            yield from both_signs(delays, known, shots)
        else:
            delays, known = yield from self.search(shots)
        fringe = fringe_mhz(delays)
        return {
            "drive_frequency_ghz": drive,
            "artificial_plus_mhz": fringe - known,
            "artificial_minus_mhz": -fringe - known,
        }

    @abstractmethod
    def search(self, shots: int) -> Generator[Sweep, Trace, tuple[Floats, float]]:
        """Choose windows; return the delays of the last pair, and the offset in MHz from which it was seen."""

    def request_of(self, laboratory: Laboratory, sweep: Sweep) -> Request:  # noqa: ARG002  the settings in use do
        """Return the measurement of one sweep."""
        return Ramsey(sweep.x, sweep.knob)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces; the sign is the one on which they agree."""
        _, fits = _fitted(require_complete(result))
        return self.combined(result, fits)

    def combined(self, raw: RawData, fits: tuple[FitResult, FitResult]) -> TaskOutput:
        """Return what both fits say together, or raise `AnalysisError` where they contradict each other."""
        artificial = (
            float(raw.attributes["artificial_plus_mhz"]),
            float(raw.attributes["artificial_minus_mhz"]),
        )
        signed = resolve_sign(*fits, artificial_mhz=artificial)
        if not signed.consistent:
            raise AnalysisError(
                f"the two artificial detunings contradict each other by {signed.tension:.1f} sigma"
            )
        return TaskOutput(
            {"qubit_frequency": _frequency(float(raw.attributes["drive_frequency_ghz"]), signed)},
            r2=lowest_r2(*fits),
            quality=quality(*fits),
            note={"detuning_mhz": signed.value_mhz},
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Both traces against delay."""
        found, fits = _fitted(raw)
        frequency = output.parameters["qubit_frequency"]
        data = []
        for name, signal, fit in zip(("+", "-"), found, fits, strict=True):
            data += [points(f"detuning {name}", signal), curve(f"fit {name}", fit.predict, signal.x)]
        title = f"qubit frequency {frequency.value:.8g} GHz"
        return figure(title, "delay (us)", "signal (a.u.)", data)


def look_with_both_signs(
    delays_us: Floats, known_mhz: float, shots: int
) -> Generator[Sweep, Trace, Look | None]:
    """Measure a pair, and read it; None where it shows no fringes, or two that contradict each other."""
    plus, minus = yield from both_signs(delays_us, known_mhz, shots)
    fringe = fringe_mhz(delays_us)
    try:
        fits = fit_trace(plus), fit_trace(minus)
    except AnalysisError:
        return None
    signed = resolve_sign(*fits, artificial_mhz=(fringe - known_mhz, -fringe - known_mhz))
    return Look(signed.value_mhz, signed.error_mhz, t2_star_of(*fits)) if signed.consistent else None


def both_signs(
    delays_us: Floats, known_mhz: float, shots: int
) -> Generator[Sweep, Trace, tuple[Trace, Trace]]:
    """Ask for fringes at plus and minus the artificial detuning, as seen from the offset that is known already."""
    fringe = fringe_mhz(delays_us)
    plus = yield Sweep("plus", delays_us, shots, knob=fringe - known_mhz)
    minus = yield Sweep("minus", delays_us, shots, knob=-fringe - known_mhz)
    return plus, minus


def fringe_mhz(delays_us: Floats) -> float:
    """Artificial detuning that shows some ten periods, and at most a quarter of the sampling rate."""
    span = float(np.ptp(delays_us))
    return min(_PERIODS, (delays_us.size - 1) / 4) / span


def fit_trace(trace: Trace) -> FitResult:
    """Fit one trace as measured, or raise `AnalysisError`."""
    signal = signal_of(trace)
    return require(fit_ramsey(signal.x, signal.y, sigma=signal.sigma))


def t2_star_of(*fits: FitResult) -> float | None:
    """Return T2* in us where a decay is seen."""
    found = mean_t2_star(fits)
    return None if found is None else found.value


def mean_t2_star(fits: tuple[FitResult, ...]) -> Parameter | None:
    """Weighted mean of both traces, whose noise is independent."""
    found = [fit.parameters["t2_star"] for fit in fits if "t2_star" in fit.parameters]
    known = [(estimate.value, estimate.error) for estimate in found if estimate.error is not None]
    if not known:
        return None
    weights = [1 / error**2 for _, error in known]
    mean = sum(weight * value for weight, (value, _) in zip(weights, known, strict=True)) / sum(weights)
    return Parameter(mean, 1 / math.sqrt(sum(weights)), "us")


def _fitted(raw: RawData) -> tuple[tuple[Signal, ...], tuple[FitResult, FitResult]]:
    require_long_interval(raw)
    found = signals(raw, ("plus", "minus"), x_name="delay")
    plus, minus = (require(fit_signal(fit_ramsey, signal)) for signal in found)
    return found, (plus, minus)


def _frequency(drive_ghz: float, signed: SignedDetuning) -> Parameter:
    error = None if signed.error_mhz is None else signed.error_mhz * 1e-3
    return Parameter(drive_ghz + signed.value_mhz * 1e-3, error, "GHz")
