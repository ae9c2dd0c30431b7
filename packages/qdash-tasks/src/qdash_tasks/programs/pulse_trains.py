"""Trains of pulses: how they are chosen, measured and fitted, for all tasks that calibrate or check a pulse."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_tasks.figures.plots import Drawn, points, scatter
from qdash_tasks.laboratory.requests import PulseTrain
from qdash_tasks.programs.cached_fits import fit_pulse_train
from qdash_tasks.programs.estimates import require
from qdash_tasks.programs.projection import Signal, fit_signal, signals
from qdash_tasks.programs.rounds import Recording
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.trace import Trace

AXIS = ("pulses", "")
Start = Literal["ground", "superposition"]
Turn = Literal["half pi", "pi"]

ANGLES: Mapping[Turn, float] = {"half pi": math.pi / 2, "pi": math.pi}
SHORT = 8
LONG: Mapping[Turn, int] = {"half pi": 40, "pi": 24}
"""Pulses of the longest train: a further one would gain less than decay takes at an error of 1e-2 a pulse."""

_HEAD = 5
_TAIL = 12
_FAR = 0.7
"""Angle in rad at the end of a train up to which a correction is taken as final."""
_MOST_ROUNDS = 8
_MORE_SHOTS = 4
_FEWEST_TURNS = 1.6
_FEWEST_ALIVE, _ALIKE, _CLEARLY = 4, 0.07, 5.0
_SYSTEMATIC_RAD = 2e-5
"""What leakage and level shifts make of the angle that a train shows, found numerically; 1e-5 is typical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSweep(Sweep):
    """A train that a program wants measured."""

    pulse: Pulse
    start: Start = "ground"

    def request(self) -> Request:
        """Return it as a request."""
        return PulseTrain(self.x, self.pulse, self.start)


def train(pulse: Pulse, turn: Turn, longest: int, shots: int) -> Generator[Sweep, Trace, FitResult | None]:
    """Measure trains of up to so many pulses and fit them; None: the data do not hold the effect."""
    recording = Recording()
    for start, counts in _counts(turn, longest).items():
        sweep = TrainSweep(start, counts, shots, pulse=pulse, start=start)
        trace = yield sweep
        recording.keep(sweep.name, sweep.request(), trace)
    try:
        joined, fit = _joined(recording.raw({}), turn)
    except AnalysisError:
        return None
    found = fit(joined.x, joined.y, sigma=joined.sigma)
    return found if found.success else None


def trained(pulse: Pulse, turn: Turn, shots: int, *, known: bool) -> Generator[Sweep, Trace, Pulse]:
    """Correct the amplitude with trains of growing length, until the longest is corrected by little.

    Returns the pulse of the last train. One that is `known` starts with the longest train. Where a long train tells
    nothing, one of half its length is the longest; where a short one does not, there are four times as many shots.
    """
    angle, longest = ANGLES[turn], LONG[turn]
    length, most_shots = longest if known else SHORT, _MORE_SHOTS * shots
    for _ in range(_MOST_ROUNDS):
        fit = yield from train(pulse, turn, length, shots)
        if fit is None and length <= SHORT and shots >= most_shots:
            break
        if fit is None:
            longest = max(longest // 2, SHORT) if length > SHORT else longest
            length, shots = SHORT, shots if length > SHORT else most_shots
            continue
        error = fit.parameters["angle_error"].value
        best = pulse.amplitude * angle / (angle + error)
        final = length >= longest and abs(error) * length < _FAR
        if final or best > 1 or _turns_until_decay(fit, turn) < _FEWEST_TURNS:
            break
        length, pulse = longest, replace(pulse, amplitude=best)
    return pulse


def fit_train(raw: RawData, turn: Turn) -> tuple[Signal, FitResult]:
    """Fit the last train that was measured.

    Raises
    ------
    AnalysisError
        If it tells nothing.
    """
    joined, fit = _joined(raw, turn)
    found = fit_signal(fit, joined)
    if not found.success and _dies_at_once(joined):
        raise AnalysisError("the train dies within its first pulses: the drive is not stable")
    return joined, require(found)


def angle_error(raw: RawData, turn: Turn) -> tuple[Parameter, FitResult]:
    """Return by how much the pulse of the last train turns too far, with the fit.

    Raises
    ------
    AnalysisError
        As `fit_train`, and when the train dies within so few turns that the drive cannot be stable.
    """
    _, fit = fit_train(raw, turn)
    turns = _turns_until_decay(fit, turn)
    if turns < _FEWEST_TURNS:
        raise AnalysisError(f"the train dies within {turns:.2g} turns: the drive is not stable")
    found = fit.parameters["angle_error"]
    error = None if found.error is None else math.hypot(found.error, _SYSTEMATIC_RAD)
    return Parameter(found.value, error, "rad"), fit


def right_amplitude(raw: RawData, turn: Turn) -> tuple[Parameter, FitResult]:
    """Return the amplitude at which the pulse of the last train would turn by the right angle, with the fit.

    Raises
    ------
    AnalysisError
        As `angle_error`, and where full scale is not enough.
    """
    found, fit = angle_error(raw, turn)
    right = float(raw.attributes["amplitude"]) * ANGLES[turn] / (ANGLES[turn] + found.value)
    if right > 1:
        raise AnalysisError(
            f"the pulse would need {right:.3g} of full scale: play a longer one or remove attenuation"
        )
    error = None if found.error is None else right * found.error / ANGLES[turn]
    return Parameter(right, error, "a.u."), fit


def plain_pulse(settings: Settings, turn: Turn) -> Pulse:
    """Return the pulse without DRAG: with the amplitude in use, or what the Rabi frequency implies."""
    return settings.plain_x90 if turn == "half pi" else settings.plain_x180


def pulse_in_use(settings: Settings, turn: Turn) -> Pulse:
    """Return the pulse that is played: with DRAG once that is calibrated."""
    return settings.x90 if turn == "half pi" else settings.x180


def attributes(pulse: Pulse) -> dict[str, Any]:
    """Return what was played as attributes of raw data."""
    return {"amplitude": pulse.amplitude, "length_ns": pulse.length_ns, "beta_ns": pulse.beta_ns}


def drawn_train(raw: RawData, turn: Turn) -> list[Drawn]:
    """Draw the last train and its fit. Pulses come in whole numbers, so the fit is drawn at these only."""
    joined, fit = fit_train(raw, turn)
    fitted = fit.predict(joined.x)
    size = raw[f"ground_{AXIS[0]}"].size
    parts = {"from |0>": slice(0, size), "after an X90": slice(size, None)}
    data: list[Drawn] = []
    for name, part in parts.items():
        if joined.x[part].size:
            signal = Signal(joined.x[part], joined.y[part], joined.noise)
            line = {**scatter("fit", signal.x, fitted[part]), "mode": "lines"}
            data += [points(name, signal), line]
    return data


def _joined(raw: RawData, turn: Turn) -> tuple[Signal, Callable[..., FitResult]]:
    """Return the trains of all starts as one signal, and what fits it."""
    starts: tuple[Start, ...] = ("ground",) if turn == "half pi" else ("ground", "superposition")
    found = signals(raw, starts, x_name=AXIS[0])
    counts, y = (np.concatenate([getattr(one, name) for one in found]) for name in ("x", "y"))
    turned = np.repeat([0.0, math.pi / 2][: len(found)], [one.x.size for one in found])
    return Signal(counts, y, found[0].noise), partial(fit_pulse_train, angle=ANGLES[turn], start=turned)


def _counts(turn: Turn, longest: int) -> dict[Start, NDArray[np.float64]]:
    """Numbers of pulses: a few, which leave no ambiguity, and the longest ones, which show small errors."""
    head = np.arange(_HEAD)
    tail = np.arange(max(_HEAD, longest - _TAIL + 1), longest + 1)
    telling = np.concatenate([head, tail]).astype(np.float64)
    if turn == "half pi":
        return {"ground": telling}
    # From |0>, pi pulses end at the poles: they tell the contrast, and how it decays.
    poles = np.unique(np.concatenate([np.arange(4), np.arange(longest - 3, longest + 1)])).astype(np.float64)
    return {"ground": poles, "superposition": telling}


def _dies_at_once(joined: Signal) -> bool:
    """Whether a qubit that no pulse has touched differs from all trains, and these hardly from each other."""
    untouched, later = joined.y[joined.x == 0][0], joined.y[joined.x >= _FEWEST_ALIVE]
    step = abs(untouched - later.mean())
    return bool(step > _CLEARLY * joined.sigma.max() and later.std() < _ALIKE * step)


def _turns_until_decay(fit: FitResult, turn: Turn) -> float:
    decay = fit.parameters.get("decay")
    return math.inf if decay is None else decay.value * ANGLES[turn] / (2 * math.pi)
