"""Recipe for the shot interval: it must relax the qubit like an equal wait within the program.

|0> and X180 are played with a short interval and a wait at the beginning, and with an interval longer by that wait: both
must be the same, for any T1 and order of the programs. If shots follow each other without the interval, each starts
where the last one ended. An active reset must also leave as much contrast as with the wait.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.alignment import align_programs
from qdash_tasks.laboratory.recipes.plane import PLANE
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_points
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, NotPossible, Outcome, Value

if TYPE_CHECKING:
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import ResetMode, Shots

_WAIT_US, _LEAST_US = 140.0, 20.0
_SHORT_US = 10.0
"""Interval of shots whose programs contain the wait; a laboratory may need a longer one."""
_COPIES = 6
"""Programs per state."""
_TOLERANCE = 0.03
_TOLERANCE_OF_ACTIVE = 0.08
"""Tolerance for an active reset, which leaves some of |1> and a state other than the thermal one."""
_SIGMAS = 4.0
_VAGUE = 0.15
"""Loss that must be detectable; otherwise more shots are needed."""


@dataclass(frozen=True, slots=True)
class _Distance:
    """Distance of |0> and X180 in the IQ plane, and its standard error, a.u."""

    value: float
    error: float


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    longest_us = 1e-3 * laboratory.limits.longest_program_ns
    if longest_us < _LEAST_US:
        raise NotPossible(
            f"this recipe needs a wait of {_LEAST_US:g}\N{NO-BREAK SPACE}µs, but programs last at most {longest_us:.3g}\N{NO-BREAK SPACE}µs"
        )
    wait_us = min(_WAIT_US, longest_us)
    judged = [
        _check_reset(reset, laboratory, qid, shots, wait_us) for reset in sorted(laboratory.limits.resets)
    ]
    values = tuple(value for one in judged for value in one.values)
    for outcome in (Outcome.NOT_MET, Outcome.NOT_CLEAR):
        said = [one.reading for one in judged if one.outcome is outcome]
        if said:
            return Judgement(outcome, values, "; ".join(said))
    return Judgement(Outcome.MET, values, "shots start as they do after an equal wait in the program")


def _check_reset(
    reset: ResetMode, laboratory: PulseLaboratory, qid: str, shots: Shots, wait_us: float
) -> Judgement:
    """Compare a wait between shots with a wait within the program, for one kind of reset."""
    active = reset == "active"
    short_us = max(_SHORT_US, laboratory.limits.shortest_interval_us)
    brief = replace(shots, reset=reset, interval_us=short_us)
    waited = _measure_distance(laboratory, qid, brief, wait_us)
    plain = _measure_distance(
        laboratory, qid, brief if active else replace(brief, interval_us=short_us + wait_us), 0.0
    )
    if waited.value < _SIGMAS * waited.error:
        raise NotClear(
            f"|0> and X180 of qubit {qid} are {waited.value:.3g} apart with an error of {waited.error:.2g}: take more shots"
        )
    ratio = plain.value / waited.value
    error = ratio * float(np.hypot(plain.error / plain.value, waited.error / waited.value)) if ratio else 0.0
    tolerance = _TOLERANCE_OF_ACTIVE if active else _TOLERANCE
    name = "|0> to X180 with active reset" if active else "|0> to X180 with the interval"
    values = (Value(name, ratio, error, 1.0, "of that with a wait", tolerance),)
    if ratio - 1 < -max(tolerance, _SIGMAS * error):
        return Judgement(Outcome.NOT_MET, values, _describe_loss(active=active, wait_us=wait_us))
    if not active and ratio - 1 > max(tolerance, _SIGMAS * error):
        return Judgement(
            Outcome.NOT_CLEAR,
            values,
            f"a wait of {wait_us:g}\N{NO-BREAK SPACE}µs before the pulse has no effect, while the same time between shots has: start programs at their "
            "time zero instead of their first pulse, or see long_delays",
        )
    if _SIGMAS * error > _VAGUE:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    return Judgement(Outcome.MET, values, "")


def _describe_loss(*, active: bool, wait_us: float) -> str:
    if active:
        return "with active reset shots do not start in |0>: check that the reset is played and that its threshold is right, or remove `active` from `Limits.resets`"
    return (
        f"an interval {wait_us:g}\N{NO-BREAK SPACE}µs longer does not act like a wait of {wait_us:g}\N{NO-BREAK SPACE}µs before the "
        "pulses: wait for `shots.interval_us` after the last readout of each shot, or state the shortest possible one in `Limits.shortest_interval_us`; or the wait in the program is much longer than requested"
    )


def _measure_distance(laboratory: PulseLaboratory, qid: str, shots: Shots, wait_us: float) -> _Distance:
    """Return the distance of both states; the wait comes before the pulse. Touches hardware."""
    programs = []
    for flipped in (False, True):
        made = make_timeline(laboratory)
        made.wait(qid, 1e3 * wait_us)
        if flipped:
            made.pulse(qid, laboratory.settings[qid].x180)
        programs.append(made.read(qid))
    found = measure_points(laboratory, qid, align_programs(programs * _COPIES, laboratory.limits), shots)
    between = found.iq[1::2].mean() - found.iq[::2].mean()
    if not between:
        return _Distance(0.0, np.inf)
    variance = found.compute_variance(between / abs(between)).sum() / _COPIES**2
    return _Distance(float(abs(between)), float(np.sqrt(variance)))


SHOT_INTERVAL = Recipe(
    name="shot_interval",
    question="does a shot start with the qubit at rest?",
    judge=_judge,
    after=PLANE.name,
)
