"""Looks closer and closer for the DRAG optimum, with as many pairs of pulses as still show it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.requests import DragScan
from qdash_tasks.programs.cached_fits import fit_drag
from qdash_tasks.programs.estimates import require
from qdash_tasks.programs.projection import signals
from qdash_tasks.programs.pulse_trains import ANGLES, Turn
from qdash_tasks.programs.rounds import Recording
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_analysis.result import Estimate, FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.projection import Signal

AXIS = ("beta", "ns")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BetaSweep(Sweep):
    """A sweep of the DRAG coefficient that a program wants measured."""

    pulse: Pulse
    pairs: int

    def request(self) -> Request:
        """Return it as a request."""
        return DragScan(self.x, self.pulse, self.pairs)


@dataclass(frozen=True, slots=True)
class Window:
    """Where the optimum is looked for, with how many pairs of pulses."""

    centre_ns: float
    half_ns: float
    pairs: int


def wide_window(pulse: Pulse, turn: Turn, expected_ns: float) -> Window:
    """Return the first window: it holds an optimum of either sign, `expected_ns` or a few times that from zero."""
    half_ns = _WIDEST * expected_ns
    pairs = max(round(_COARSE_PHASE / (_turn_per_pair(pulse, turn) * half_ns)), _FEWEST_PAIRS)
    return Window(0.0, half_ns, pairs)


def search(
    pulse: Pulse, turn: Turn, wide: Window, shots: int, *, known: bool
) -> Generator[Sweep, Trace, tuple[Window, Estimate | None]]:
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


def _look(pulse: Pulse, window: Window, shots: int) -> Generator[Sweep, Trace, Estimate | None]:
    size = _COARSE_POINTS if window.centre_ns == 0.0 else _FINE_POINTS
    betas = window.centre_ns + window.half_ns * np.linspace(-1, 1, size)
    recording = Recording()
    for name, pairs in zip(_NAMES, pairs_of(window), strict=True):
        sweep = BetaSweep(name, betas, shots, pulse=pulse, pairs=pairs)
        trace = yield sweep
        recording.keep(sweep.name, sweep.request(), trace)
    try:
        return fit_pairs(recording.raw({"pairs": list(pairs_of(window))}))[1].parameters["beta"]
    except AnalysisError:
        return None


def fit_pairs(raw: RawData) -> tuple[tuple[Signal, ...], FitResult]:
    """Fit both traces. They are smooth, so the noise at the mean of a few neighbours is that of a point."""
    found = signals(raw, _NAMES, x_name=AXIS[0])
    y, sigma = (np.stack([getattr(one, name) for one in found]) for name in ("y", "sigma"))
    return found, require(fit_drag(found[0].x, y, repetitions=raw.attributes["pairs"], sigma=sigma))


def _closer(pulse: Pulse, turn: Turn, centre_ns: float, pairs: int) -> Window:
    return Window(centre_ns, _FINE_PHASE / (_turn_per_pair(pulse, turn) * pairs), pairs)


def _turn_per_pair(pulse: Pulse, turn: Turn) -> float:
    """Angle in rad by which a pair turns the qubit for each ns that the coefficient is off, to some ten percent.

    The phase of one pulse is half the integral of its squared rate, 3 angle^2 / (2 length) for a raised cosine; the
    axis of that turn moves with the pulse, which leaves two thirds of it.
    """
    return 2 * ANGLES[turn] ** 2 / pulse.length_ns


def pairs_of(window: Window) -> tuple[int, int]:
    """Return both numbers of pairs that are measured: without a common divisor.

    A pair that turns the qubit by a whole part of 2 pi, as one off resonance does, brings it back after some numbers of
    pairs, but not after both.
    """
    fewer = max(round(_FEWER * window.pairs), 1)
    while math.gcd(fewer, window.pairs) > 1:
        fewer += 1
    return fewer, window.pairs
