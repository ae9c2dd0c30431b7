"""DRAG coefficients of the half pi and the pi pulse, from pairs of opposite pulses, and the amplitudes that go with them."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks import standard
from qdash_core.tasks.base import RawData, TaskOutput
from qdash_fake.tasks.estimates import parameter, require
from qdash_fake.tasks.plots import curve, figure, points
from qdash_fake.tasks.projection import signals
from qdash_fake.tasks.pulse_trains import (
    ANGLES,
    SHORT,
    TrainSweep,
    Turn,
    attributes,
    measure_trains,
    right_amplitude,
    train,
    trained,
)
from qdash_fake.tasks.pulse_trains import AXIS as TRAIN_AXIS
from qdash_fake.tasks.remembered import fit_drag
from qdash_fake.tasks.resonance import require_resonance, resonance_trace
from qdash_fake.tasks.rounds import Recording, RoundsTask, Sweep, Waiting, require_complete
from qdash_fake.tasks.waited import reference_t1, require_long_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_fake.pulses import Pulse
    from qdash_fake.session import TwinSession
    from qdash_fake.settings import Settings
    from qdash_fake.tasks.projection import Signal
    from qdash_fake.tasks.rounds import Program
    from qdash_fake.trace import Trace

_AXIS = ("beta", "ns")
_NAMES = ("fewer", "more")
_COARSE_POINTS, _FINE_POINTS = 25, 21
_WIDEST = 4.0
"""Half of the first window, in units of what the design's anharmonicity lets expect: the sign is not known."""
_COARSE_PHASE, _FINE_PHASE = 2.5, 2.2
"""Phase in rad between the middle and the end of a window, of the longer sequence."""
_MOST_PAIRS: Mapping[Turn, int] = {"half pi": 36, "pi": 18}
_FEWEST_PAIRS = 2
_FEWER = 0.6
_CENTRED = 0.6
"""How far from the middle, in units of half the window, an optimum may lie."""
_MOST_ROUNDS = 8
_MORE_SHOTS = 4
_OFF_MHZ = 0.15
"""How far off resonance nothing is said: a detuning turns the qubit as a wrong coefficient does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaSweep(Sweep):
    """A sweep of the DRAG coefficient that a program wants measured."""

    pulse: Pulse
    pairs: int


@dataclass(frozen=True, slots=True)
class _Window:
    """Where the optimum is looked for, with how many pairs of pulses."""

    centre_ns: float
    half_ns: float
    pairs: int


class _CreateDragTask(RoundsTask):
    """Pairs of opposite pulses against the DRAG coefficient, then trains at the one that was found.

    The first window is wide and holds either sign; the next one holds the optimum alone, with as many pairs as still show
    it. Two numbers of pairs tell the optimum from the other extrema. A short Ramsey trace comes first: off resonance the
    pairs have an optimum too, another one, and the task refuses it. With passive reset a T1 trace comes first, and an
    interval of less than five T1 is refused.
    """

    x_name, x_unit = _AXIS
    turn: ClassVar[Turn]
    pulse_name: ClassVar[str]
    """What outputs are called after."""

    @staticmethod
    @abstractmethod
    def start(settings: Settings) -> Pulse:
        """Return the pulse to start from."""

    def program(self, session: TwinSession) -> Program:
        """Search the optimum, look closer, and correct the amplitude there."""
        qid, shots = self.context.qid, self.context.parameters["shots"]
        yield from reference_t1(Waiting.of(self), shots)
        yield from resonance_trace(shots)
        pulse = self.start(session.settings[qid])
        known = f"drag_{self.pulse_name}_beta" in self.context.inputs
        expected_ns = -1 / (4 * math.pi * session.design[qid].anharmonicity_ghz)
        wide = _window(pulse, self.turn, 0.0, _WIDEST * expected_ns, _COARSE_PHASE)
        window, found = yield from _search(pulse, self.turn, wide, shots, known=known)
        noted = {"pairs": list(_pairs(window))}
        if found is None:
            # A train says whether the drive is to blame.
            yield from train(pulse, self.turn, SHORT, shots)
            return {**attributes(pulse), **noted}
        pulse = replace(pulse, beta_ns=found.value)
        last = yield from trained(pulse, self.turn, shots, known=True)
        return {**attributes(last), **noted}

    @classmethod
    def measure(
        cls, session: TwinSession, sweeps: Mapping[str, Sweep], *, shots: int, waiting: Waiting
    ) -> Mapping[str, Trace]:
        """Measure one sweep of each qubit: coefficients in one call, trains in another."""
        betas = {qid: sweep for qid, sweep in sweeps.items() if isinstance(sweep, BetaSweep)}
        trains = {qid: sweep for qid, sweep in sweeps.items() if isinstance(sweep, TrainSweep)}
        found = measure_trains(session, trains, shots=shots, waiting=waiting)
        if betas:
            found |= session.drag(
                {qid: sweep.x for qid, sweep in betas.items()},
                pulses={qid: sweep.pulse for qid, sweep in betas.items()},
                repetitions={qid: sweep.pairs for qid, sweep in betas.items()},
                shots=shots,
                interval_us=waiting.interval_us,
                reset=waiting.reset,
            )
        return found

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last sweep of the coefficient and the last train."""
        require_long_wait(require_complete(result))
        require_resonance(result, within_mhz=_OFF_MHZ)
        amplitude, trained_fit = right_amplitude(result, self.turn)
        _, sweep = _fitted(result)
        _require_return(result, sweep.parameters["beta"].value, self.turn)
        fits = (sweep, trained_fit)
        chi2 = [fit.reduced_chi2 for fit in fits if fit.reduced_chi2 is not None]
        return TaskOutput(
            {
                f"drag_{self.pulse_name}_amplitude": amplitude,
                f"drag_{self.pulse_name}_beta": parameter(sweep.parameters["beta"]),
            },
            r2=min(fit.r2 for fit in fits if fit.r2 is not None),
            quality={"reduced_chi2": max(chi2)} if chi2 else {},
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against the DRAG coefficient, for both numbers of pairs."""
        found, fit = _fitted(raw)
        data = []
        for row, (pairs, signal) in enumerate(zip(raw.attributes["pairs"], found, strict=True)):
            data += [points(f"{pairs} pairs", signal), curve("fit", _row_of(fit, row), signal.x)]
        beta = output.parameters[f"drag_{cls.pulse_name}_beta"]
        title = f"DRAG coefficient {beta.value:.4g} ns"
        return figure(title, "DRAG coefficient (ns)", "signal (a.u.)", data)


class CreateDRAGHPIPulse(_CreateDragTask, standard.CreateDRAGHPIPulse):
    """DRAG coefficient and amplitude of the half pi pulse."""

    turn, pulse_name = "half pi", "hpi"

    @staticmethod
    def start(settings: Settings) -> Pulse:
        """Return the half pi pulse in use: without DRAG where that is not calibrated."""
        return settings.x90


class CreateDRAGPIPulse(_CreateDragTask, standard.CreateDRAGPIPulse):
    """DRAG coefficient and amplitude of the pi pulse."""

    turn, pulse_name = "pi", "pi"

    @staticmethod
    def start(settings: Settings) -> Pulse:
        """Return the pi pulse in use: without DRAG where that is not calibrated."""
        return settings.x180


def _search(
    pulse: Pulse, turn: Turn, wide: _Window, shots: int, *, known: bool
) -> Generator[Sweep, Trace, tuple[_Window, Estimate | None]]:
    """Look closer and closer; a `known` optimum needs no wide window.

    Where many pairs show nothing, there are fewer; where the wide window shows nothing, four times as many shots.

    Returns the window of the last sweep and the optimum there, None: it was not found.
    """
    most, most_shots = _MOST_PAIRS[turn], _MORE_SHOTS * shots
    window = _closer(pulse, turn, pulse.beta_ns, most) if known else wide
    for _ in range(_MOST_ROUNDS):
        found = yield from _look(pulse, window, shots)
        if found is None and window == wide:
            if shots >= most_shots:
                break
            shots = most_shots
        elif found is None:
            most = max(most // 2, _FEWEST_PAIRS)
            window = wide
        elif abs(found.value - window.centre_ns) <= _CENTRED * window.half_ns and window.pairs >= most:
            break
        else:
            # Seen too far from the middle, or with fewer pairs than would show it.
            window = _closer(pulse, turn, found.value, max(most, window.pairs))
    return window, found


def _look(pulse: Pulse, window: _Window, shots: int) -> Generator[Sweep, Trace, Estimate | None]:
    size = _COARSE_POINTS if window.centre_ns == 0.0 else _FINE_POINTS
    betas = window.centre_ns + window.half_ns * np.linspace(-1, 1, size)
    recording = Recording(*_AXIS)
    for name, pairs in zip(_NAMES, _pairs(window), strict=True):
        sweep = BetaSweep(name, betas, shots, pulse=pulse, pairs=pairs)
        trace = yield sweep
        recording.keep(sweep, trace)
    try:
        return _fitted(recording.raw({"pairs": list(_pairs(window))}))[1].parameters["beta"]
    except AnalysisError:
        return None


def _row_of(fit: FitResult, row: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the curve of one of the traces."""
    return lambda x: np.asarray(fit.predict(x)[row])


def _require_return(raw: RawData, beta_ns: float, turn: Turn) -> None:
    """Raise `AnalysisError` unless pairs at the optimum bring the qubit back to |0> better than those elsewhere.

    The train knows in which direction of the IQ plane |1> lies. Far off resonance the pairs of all coefficients turn the
    qubit, and what looks like an optimum is where they excite it most.
    """
    counts, iq = raw[f"ground_{TRAIN_AXIS[0]}"], raw["ground_iq"]
    excited = 2 if turn == "half pi" else 1
    up = complex(iq[counts == excited][0] - iq[counts == 0][0])
    near = np.abs(raw[f"more_{_AXIS[0]}"] - beta_ns) < np.ptp(raw[f"more_{_AXIS[0]}"]) / 4
    away = complex(raw["more_iq"][~near].mean() - raw["more_iq"][near].mean())
    if (away * up.conjugate()).real <= 0:
        raise AnalysisError(
            f"pairs of pulses excite the qubit most at {beta_ns:.3g} ns instead of bringing it back: the drive is not "
            "on resonance. Calibrate the frequency first"
        )


def _window(pulse: Pulse, turn: Turn, centre_ns: float, half_ns: float, phase: float) -> _Window:
    pairs = max(round(phase / (_turn_per_pair(pulse, turn) * half_ns)), _FEWEST_PAIRS)
    return _Window(centre_ns, half_ns, pairs)


def _closer(pulse: Pulse, turn: Turn, centre_ns: float, pairs: int) -> _Window:
    return _Window(centre_ns, _FINE_PHASE / (_turn_per_pair(pulse, turn) * pairs), pairs)


def _turn_per_pair(pulse: Pulse, turn: Turn) -> float:
    """Angle in rad by which a pair turns the qubit for each ns that the coefficient is off, to some ten percent.

    The phase of one pulse is half the integral of its squared rate, 3 angle^2 / (2 length) for a raised cosine; the
    axis of that turn moves with the pulse, which leaves two thirds of it.
    """
    return 2 * ANGLES[turn] ** 2 / pulse.length_ns


def _pairs(window: _Window) -> tuple[int, int]:
    """Return both numbers of pairs that are measured: without a common divisor.

    A pair that turns the qubit by a whole part of 2 pi, as one off resonance does, brings it back after some numbers of
    pairs, but not after both.
    """
    fewer = max(round(_FEWER * window.pairs), 1)
    while math.gcd(fewer, window.pairs) > 1:
        fewer += 1
    return fewer, window.pairs


def _fitted(raw: RawData) -> tuple[tuple[Signal, ...], FitResult]:
    """Fit both traces. They are smooth, so the noise at the mean of a few neighbours is that of a point."""
    found = signals(raw, _NAMES, x_name=_AXIS[0])
    y, sigma = (np.stack([getattr(one, name) for one in found]) for name in ("y", "sigma"))
    return found, require(fit_drag(found[0].x, y, repetitions=raw.attributes["pairs"], sigma=sigma))
