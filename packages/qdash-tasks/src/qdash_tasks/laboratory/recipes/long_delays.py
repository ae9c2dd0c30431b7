"""Recipe for gaps of 1 to 140 µs, as in T1, T2* and echo: played and requested times must agree.

Half the difference of the fringes of generators above and below the frequency in use is ``2 pi off tau``, for any exact
qubit frequency; ``off = 1 / (5 tau)`` makes it a fifth of a turn. At delays beyond the coherence |1> must continue to
decay, by a part of what the rate between shorter delays predicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.clock import CLOCK
from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_populations
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotPossible, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR
from qdash_tasks.laboratory.recipes.two_pulses import make_two_pulses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]

_GAPS_US = (1.0, 10.0, 50.0, 100.0)
_TURNS = 0.2
"""Turns of each fringe, relative to a generator at the frequency in use."""
_DELAYS_US = (12.5, 25.0, 50.0, 70.0, 100.0, 140.0)
_REPEATS = 4
"""Programs per delay: little of |1> remains after the longest delays."""
_OFF = 0.05
"""Tolerated relative error of a gap: smaller ones do not matter here, and `clock` is more sensitive."""
_OFF_PULSES = 0.3
"""Uncertainty of the time between two X90 pulses, in pulse lengths."""
_KNOWN = 0.25
"""Relative uncertainty of a gap that counts as measured."""
_SIGMAS = 4.0
_NEAR = 2.1
"""Largest ratio of two delays for which a loss between them shows that the decay continues to the second."""
_LEFT = 0.1
"""Remaining |1> below which its decay cannot be followed."""
_LEAST_LOSS = 0.4
"""Smallest accepted loss, as a share of what the decay rate so far predicts."""
_NO_LOSS = 2.5
"""Loss, in standard errors, below which a decay may have stopped."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ratios:
    """Ratio of played to requested gaps, for gaps with a clear fringe; each shape (gaps,)."""

    gap_us: Floats
    ratio: Floats
    error: Floats
    tolerance: Floats

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return np.asarray(np.abs(self.ratio - 1) > np.maximum(self.tolerance, _SIGMAS * self.error))

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.error * _SIGMAS < _KNOWN)

    def average(self) -> tuple[float, float, float]:
        """Return the mean ratio, its standard error, and the largest deviation of a gap in standard errors."""
        weights = self.error**-2
        mean = float((weights * self.ratio).sum() / weights.sum())
        return mean, float(weights.sum() ** -0.5), float(np.abs((self.ratio - mean) / self.error).max())


@dataclass(frozen=True, slots=True, eq=False)
class _Decay:
    """Remaining |1> after delays, and its standard error; each shape (delays,)."""

    delay_us: Floats
    remaining: Floats
    error: Floats

    def find_stop(self) -> tuple[int, int] | None:
        """Find two delays between which |1> surely stops decaying; return None if there are none."""
        for i, j in self._list_pairs():
            for k in range(i):
                lost, error = self._compute_loss(i, j)
                expected, uncertain = self._predict_loss(k, i, j)
                if lost > _NO_LOSS * error:
                    continue
                if lost + _SIGMAS * np.hypot(error, _LEAST_LOSS * uncertain) < _LEAST_LOSS * expected:
                    return i, j
        return None

    def find_last_decay_us(self) -> float:
        """Return the delay up to which |1> surely decays; infinity if it decays completely."""
        if (self.remaining + self.error < _LEFT).any():
            return np.inf
        seen = [0.0]
        for i, j in self._list_pairs():
            lost, error = self._compute_loss(i, j)
            left = min(max(float(self.remaining[i]), 0.0), 1.0)
            expected = left * (1 - left ** (self.delay_us[j] / self.delay_us[i] - 1))
            near = self.delay_us[j] <= _NEAR * self.delay_us[i]
            if near and lost > max(_SIGMAS * error, _LEAST_LOSS * expected):
                seen.append(float(self.delay_us[j]))
        return max(seen)

    def _compute_loss(self, i: int, j: int) -> tuple[float, float]:
        """Return the loss of |1> between two delays, and its error."""
        return float(self.remaining[i] - self.remaining[j]), float(np.hypot(self.error[i], self.error[j]))

    def _predict_loss(self, k: int, i: int, j: int) -> tuple[float, float]:
        """Predict the loss between delays i and j, with its error, from the rate between k and i."""
        before_us, after_us = self.delay_us[i] - self.delay_us[k], self.delay_us[j] - self.delay_us[i]
        rate = float(np.log(self.remaining[k] / self.remaining[i]) / before_us)
        error = float(
            np.hypot(self.error[k] / self.remaining[k], self.error[i] / self.remaining[i]) / before_us
        )
        stays = np.exp(-rate * after_us)
        return float(self.remaining[i] * (1 - stays)), float(self.remaining[i] * stays * after_us * error)

    def _list_pairs(self) -> list[tuple[int, int]]:
        """Return pairs of delays with enough |1> left at the first one."""
        count = len(self.remaining)
        return [
            (i, j) for i in range(count) for j in range(i + 1, count) if self.remaining[: i + 1].min() > _LEFT
        ]


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    longest_us = laboratory.limits.longest_program_ns * 1e-3
    gaps_us = [one for one in _GAPS_US if one <= longest_us]
    if not gaps_us:
        raise NotPossible(f"programs last at most {longest_us:.3g}\N{NO-BREAK SPACE}µs")
    ratios = _measure_ratios(laboratory, qid, gaps_us, shots)
    decay = _measure_decay(laboratory, qid, [one for one in _DELAYS_US if one <= longest_us], shots)
    return _assess(ratios, decay, gaps_us[-1])


def _measure_ratios(laboratory: PulseLaboratory, qid: str, gaps_us: Sequence[float], shots: Shots) -> _Ratios:
    asked = [
        make_two_pulses(laboratory, qid, side * _TURNS / gap_us, 1e3 * gap_us, phase_rad)
        for side in (1, -1)
        for gap_us in gaps_us
        for phase_rad in PHASES_RAD
    ]
    fringes = Fringes(measure_populations(laboratory, qid, [one.program for one in asked], shots))
    played_us = 1e-3 * np.array(
        [one.gap_ns for one in asked[: len(gaps_us) * len(PHASES_RAD) : len(PHASES_RAD)]]
    )
    length_us = 1e-3 * laboratory.settings[qid].x90.length_ns
    above, below = fringes.angle.reshape(2, -1)
    turns = _TURNS + wrap_angle(above - below - 4 * np.pi * _TURNS) / (4 * np.pi)
    errors = np.hypot(*fringes.angle_error.reshape(2, -1)) / (4 * np.pi)
    # With finite pulses the phase runs for 1.2 of their length longer, 4 / pi if they are square.
    time_us = turns / _TURNS * np.array(gaps_us) - 1.2 * length_us
    clear = (fringes.depth > CLEAR * fringes.error).reshape(2, -1).all(axis=0)
    return _Ratios(
        played_us[clear],
        (time_us / played_us)[clear],
        (errors / _TURNS * np.array(gaps_us) / played_us)[clear],
        (_OFF + _OFF_PULSES * length_us / played_us)[clear],
    )


def _measure_decay(laboratory: PulseLaboratory, qid: str, delays_us: Sequence[float], shots: Shots) -> _Decay:
    if not delays_us:
        return _Decay(np.empty(0), np.empty(0), np.empty(0))
    programs, played_us = [], []
    for delay_us in delays_us:
        made = make_timeline(laboratory)
        made.pulse(qid, laboratory.settings[qid].x180)
        played_us.append(1e-3 * made.wait(qid, 1e3 * delay_us))
        programs.append(made.read(qid))
    found = measure_populations(laboratory, qid, programs * _REPEATS, shots)
    left = found.value.reshape(_REPEATS, -1).mean(axis=0)
    # All errors contain that of the shared references: differences are more accurate than that.
    error = np.sqrt((found.error.reshape(_REPEATS, -1) ** 2).mean(axis=0) / _REPEATS)
    return _Decay(np.array(played_us), left, error)


def _assess(ratios: _Ratios, decay: _Decay, longest_us: float) -> Judgement:
    values = (
        *(
            Value(f"gap of {gap_us:g} µs", ratio * gap_us, error * gap_us, gap_us, "us", tolerance * gap_us)
            for gap_us, ratio, error, tolerance in zip(
                ratios.gap_us.tolist(),
                ratios.ratio.tolist(),
                ratios.error.tolist(),
                ratios.tolerance.tolist(),
                strict=True,
            )
        ),
        *(
            Value(f"|1> after {delay_us:g} µs", left, error)
            for delay_us, left, error in zip(
                decay.delay_us.tolist(), decay.remaining.tolist(), decay.error.tolist(), strict=True
            )
        ),
    )
    wrong = _describe_fault(ratios, decay)
    if wrong is not None:
        return Judgement(Outcome.NOT_MET, values, wrong)
    seen_us = max([*ratios.gap_us[ratios.known].tolist(), decay.find_last_decay_us()], default=0.0)
    timed_us = max(ratios.gap_us[ratios.known].tolist(), default=0.0)
    if not timed_us:
        return Judgement(
            Outcome.NOT_CLEAR, values, "no fringe of 1\N{NO-BREAK SPACE}µs or more is clear: take more shots"
        )
    if seen_us < longest_us:
        return Judgement(
            Outcome.NOT_CLEAR,
            values,
            f"only gaps of up to {seen_us:g}\N{NO-BREAK SPACE}µs are confirmed, although |1> has not decayed yet: take more shots",
        )
    beyond = "" if timed_us >= longest_us else "; beyond that, without coherence, |1> continues to decay"
    return Judgement(
        Outcome.MET,
        values,
        f"gaps of up to {timed_us:g}\N{NO-BREAK SPACE}µs have the requested length{beyond}",
    )


def _describe_fault(ratios: _Ratios, decay: _Decay) -> str | None:
    """Describe the fault of long gaps, or return None if there is none."""
    if ratios.wrong.any():
        mean, error, apart = ratios.average()
        where = int(np.flatnonzero(ratios.wrong)[0])
        gap_us, ratio = float(ratios.gap_us[where]), float(ratios.ratio[where])
        if abs(mean - 1) > max(_OFF, _SIGMAS * error) and apart < _SIGMAS:
            return (
                f"each µs of waiting takes {mean:.3g}\N{NO-BREAK SPACE}µs: the clock of waits and that of samples have different rates, or a "
                "step of the grid is taken for another time"
            )
        return (
            f"a gap of {gap_us:g}\N{NO-BREAK SPACE}µs takes {ratio * gap_us:.3g}\N{NO-BREAK SPACE}µs: a wait has a maximum, or a counter overflows: "
            "send a longer wait as several, or state `Limits.longest_program_ns`. If shorter gaps are right, a generator that rounds its "
            f"frequency to a grid has the same effect: this one should be {1e6 * _TURNS / gap_us:.4g}\N{NO-BREAK SPACE}Hz off the qubit"
        )
    stop = decay.find_stop()
    if stop is None:
        return None
    i, j = stop
    return (
        f"|1> stops decaying during a wait: {decay.remaining[i]:.3f} remain after {decay.delay_us[i]:g}\N{NO-BREAK SPACE}µs, and {decay.remaining[j]:.3f} "
        f"after {decay.delay_us[j]:g}\N{NO-BREAK SPACE}µs: a wait has a maximum, or a counter overflows: send a longer wait as several, or "
        "state `Limits.longest_program_ns`"
    )


LONG_DELAYS = Recipe(
    name="long_delays",
    question="does a gap of many µs have the requested length?",
    judge=_judge,
    after=CLOCK.name,
)
