"""Ramsey fringes: how far the drive is from the qubit, on which side, and how long a phase lasts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_ramsey
from qdash_core.errors import AnalysisError
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_core.tasks.parameters import Parameter
from qdash_fake.tasks.estimates import require
from qdash_fake.tasks.plots import curve, figure, points
from qdash_fake.tasks.projection import Signal, fit_signal, signal_of, signals
from qdash_fake.tasks.rounds import RoundsTask, Sweep, Waiting, require_complete
from qdash_fake.tasks.signed_detuning import SignedDetuning, resolve_sign
from qdash_fake.tasks.waited import reference_t1, require_long_wait

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_fake.session import TwinSession
    from qdash_fake.tasks.rounds import Program
    from qdash_fake.trace import Trace

_POINTS = 81
_FIRST_WINDOWS_US = (4.0, 0.8, 0.16)
_LONGEST_US = 2000.0
_STRETCH = 5.0
_PERIODS = 10.0
_WINDOW = 2.5


class CheckRamsey(RoundsTask, standard.CheckRamsey):
    """X90, delay, X90 whose phase advances at an artificial detuning, readout.

    One trace holds the magnitude of a detuning; two, with artificial detunings of opposite sign, hold its sign too. A
    short window finds a large offset without aliasing; each further window is longer and starts from what the last one
    found, until the fringes are seen to decay. Coupled qubits do not belong in one group: they shift each other.

    T2* is delivered where the fringes are seen to decay; where they are not, the note says so. With passive reset a T1
    trace comes first, and an interval of less than five T1 is refused: it bends the fringes.
    """

    def program(self, session: TwinSession) -> Program:
        """Stretch the window until it shows the decay, then measure with both signs."""
        shots, asked = self.context.parameters["shots"], self.context.parameters["time_range"]
        drive = session.settings[self.context.qid].drive_frequency_ghz
        yield from reference_t1(Waiting.of(self), shots)
        if asked is not None:
            delays = np.unique(np.asarray(asked, dtype=np.float64)) * 1e-3
            fringe = _fringe_mhz(delays)
            yield from _both_signs(delays, fringe, 0.0, shots)
            return _attributes(drive, fringe, 0.0)
        found = None
        for window in _FIRST_WINDOWS_US:
            found = yield from _look_with_both_signs(window, shots)
            if found is not None:
                break
        if found is None:
            return _attributes(drive, _fringe_mhz(np.linspace(0.0, window, _POINTS)), 0.0)
        known, decay_us = found
        while decay_us is None and window < _LONGEST_US:
            window = min(window * _STRETCH, _LONGEST_US)
            found = yield from _look_on(window, known, shots)
            if found is None:
                # The fringes died before the first few points: their time lies near the last window.
                decay_us = window / _STRETCH
                break
            known, decay_us = found
        window = _LONGEST_US if decay_us is None else _WINDOW * decay_us
        delays = np.linspace(0.0, window, _POINTS)
        fringe = _fringe_mhz(delays)
        yield from _both_signs(delays, fringe, known, shots)
        return _attributes(drive, fringe, known)

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one Ramsey trace of each qubit, each at its own artificial detuning."""
        return session.ramsey(
            {qid: sweep.x for qid, sweep in sweeps.items()},
            detuning_mhz={qid: sweep.knob for qid, sweep in sweeps.items()},
            shots=shots,
            interval_us=waiting.interval_us,
            reset=waiting.reset,
        )

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit both traces; the sign is the one on which they agree."""
        _, fits = _fitted(require_complete(result))
        signed = _signed(result, fits)
        if not signed.consistent:
            raise AnalysisError(
                f"the two artificial detunings contradict each other by {signed.tension:.1f} sigma"
            )
        drive = float(result.attributes["drive_frequency_ghz"])
        error = None if signed.error_mhz is None else signed.error_mhz * 1e-3
        parameters = {"qubit_frequency": Parameter(drive + signed.value_mhz * 1e-3, error, "GHz")}
        note: dict[str, float | str] = {"detuning_mhz": signed.value_mhz}
        t2_star = _mean_t2_star(fits)
        if t2_star is not None:
            parameters["t2_star"] = t2_star
        else:
            note["t2_star"] = f"no decay is seen within {float(np.ptp(result['plus_delay'])):.4g} us"
        chi2 = [fit.reduced_chi2 for fit in fits if fit.reduced_chi2 is not None]
        return TaskOutput(
            parameters,
            r2=min(fit.r2 for fit in fits if fit.r2 is not None),
            quality={"reduced_chi2": max(chi2)} if chi2 else {},
            note=note,
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Both traces against delay."""
        found, fits = _fitted(raw)
        frequency = output.parameters["qubit_frequency"]
        error_khz = 1e6 * (frequency.error or float("nan"))
        data = []
        for name, signal, fit in zip(("+", "-"), found, fits, strict=True):
            data += [points(f"detuning {name}", signal), curve(f"fit {name}", fit.predict, signal.x)]
        title = f"qubit frequency {frequency.value:.8g} GHz ± {error_khz:.2g} kHz"
        return figure(title, "delay (us)", "signal (a.u.)", data)


def _look_with_both_signs(
    window_us: float, shots: int
) -> Generator[Sweep, Trace, tuple[float, float | None] | None]:
    """Measure a first window; return the signed detuning and, where it is seen, T2*."""
    delays = np.linspace(0.0, window_us, _POINTS)
    fringe = _fringe_mhz(delays)
    traces = yield from _both_signs(delays, fringe, 0.0, shots)
    try:
        fits = _fit(signal_of(traces[0])), _fit(signal_of(traces[1]))
    except AnalysisError:
        return None
    signed = resolve_sign(*fits, artificial_mhz=(fringe, -fringe))
    return (signed.value_mhz, _t2_star_of(*fits)) if signed.consistent else None


def _look_on(
    window_us: float, known_mhz: float, shots: int
) -> Generator[Sweep, Trace, tuple[float, float | None] | None]:
    """Measure a longer window; what is known of the detuning is far better than the fringe, so its sign is clear."""
    delays = np.linspace(0.0, window_us, _POINTS)
    fringe = _fringe_mhz(delays)
    trace = yield Sweep("longer", delays, shots, knob=fringe - known_mhz)
    try:
        fit = _fit(signal_of(trace))
    except AnalysisError:
        return None
    return known_mhz + fit.parameters["detuning"].value - fringe, _t2_star_of(fit)


def _both_signs(
    delays_us: np.ndarray[Any, np.dtype[np.float64]], fringe_mhz: float, known_mhz: float, shots: int
) -> Generator[Sweep, Trace, tuple[Trace, Trace]]:
    """Ask for fringes at +fringe and -fringe, as seen from the offset that is known already."""
    plus = yield Sweep("plus", delays_us, shots, knob=fringe_mhz - known_mhz)
    minus = yield Sweep("minus", delays_us, shots, knob=-fringe_mhz - known_mhz)
    return plus, minus


def _fringe_mhz(delays_us: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Artificial detuning that shows some ten periods, and at most a quarter of the sampling rate."""
    span = float(np.ptp(delays_us))
    return min(_PERIODS, (delays_us.size - 1) / 4) / span


def _attributes(drive_ghz: float, fringe_mhz: float, known_mhz: float) -> dict[str, Any]:
    return {
        "drive_frequency_ghz": drive_ghz,
        "artificial_plus_mhz": fringe_mhz - known_mhz,
        "artificial_minus_mhz": -fringe_mhz - known_mhz,
    }


def _fit(signal: Signal) -> FitResult:
    return require(fit_ramsey(signal.x, signal.y, sigma=signal.sigma))


def _fitted(raw: RawData) -> tuple[tuple[Signal, ...], tuple[FitResult, FitResult]]:
    require_long_wait(raw)
    found = signals(raw, ("plus", "minus"), x_name="delay")
    plus, minus = (require(fit_signal(fit_ramsey, signal)) for signal in found)
    return found, (plus, minus)


def _signed(raw: RawData, fits: tuple[FitResult, FitResult]) -> SignedDetuning:
    artificial = (float(raw.attributes["artificial_plus_mhz"]), float(raw.attributes["artificial_minus_mhz"]))
    return resolve_sign(*fits, artificial_mhz=artificial)


def _t2_star_of(*fits: FitResult) -> float | None:
    found = _mean_t2_star(fits)
    return None if found is None else found.value


def _mean_t2_star(fits: tuple[FitResult, ...]) -> Parameter | None:
    """Weighted mean of both traces, whose noise is independent."""
    found = [fit.parameters["t2_star"] for fit in fits if "t2_star" in fit.parameters]
    known = [(estimate.value, estimate.error) for estimate in found if estimate.error is not None]
    if not known:
        return None
    weights = [1 / error**2 for _, error in known]
    mean = sum(weight * value for weight, (value, _) in zip(weights, known, strict=True)) / sum(weights)
    return Parameter(mean, 1 / math.sqrt(sum(weights)), "us")
