"""Refinement of the best trial gate: rotary tone, angle, axis and length."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.coupling.zx90.drive_search import (
    STEEPNESS,
    find_best_amplitude,
    lengthen_gate,
    measure_pure_tone,
    scale_drive,
)
from qdash_tasks.coupling.zx90.rotary_refocusing import find_best_turns, refocus_gate
from qdash_tasks.coupling.zx90.trial_benchmark import Trial, measure_trials
from qdash_tasks.programs.gate_trains import STATES, fit_trains, measure_trains
from qdash_tasks.programs.tone_tomography import compute_conditional_rate, scale_tone

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_tasks.coupling.zx90.drive_search import Rung
    from qdash_tasks.coupling.zx90.rotary_refocusing import RefinedGate
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters

_NEIGHBOURS = (-1.0, -0.67, -0.42, -0.25, -0.17, -0.08, 0.08, 0.17, 0.25, 0.42, 0.67, 1.0)
_FEWER = (-1.0, -0.67, -0.33, -0.17, 0.17, 0.33, 0.67, 1.0)
"""Extra lengths that are tried, with correspondingly weaker tones, in units of half an interference fringe;
fewer for a refocused gate.
"""
_CORRECTIONS = 3
_CLOSE_RAD = 0.02
_QUARTER = math.pi / 2
_AS_GOOD, _ATTEMPTS = 1.1, 3
_MORE = 2


def refine_gate(
    rungs: list[Rung], pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[RefinedGate | None, list[str]]]:
    """Refine the most promising trial gates until one is good enough; return the best and the names of all tried."""
    starts = _list_starts(rungs, pair)
    best: RefinedGate | None = None
    tried: list[str] = []
    least = min(rung.loss.error for rung, _ in starts)
    for number, (near, amplitude) in enumerate(starts[:_ATTEMPTS]):
        name = f"refined_{number}"
        found = yield from _refine_amplitude(name, amplitude / near.tone.amplitude, near, pair)
        tried.append(name)
        if found is not None and (best is None or found.loss.error < best.loss.error):
            best = found
        if best is not None and best.loss.error < _AS_GOOD * least:
            break
    return best, tried


def _list_starts(rungs: list[Rung], pair: PairParameters) -> list[tuple[Rung, float]]:
    """List the trial gates to refine, each with its tone amplitude, the most promising first.

    If the control beats slowly, interference makes a gate good, and gates between two good ones may be poor. So the
    good gate itself is refined at its own drive, which is weaker than that of its rung.
    """
    usable = sorted(
        ((rung, rung.gate) for rung in rungs if rung.gate is not None), key=lambda one: one[0].loss.error
    )
    if pair.beats_slowly:
        return [(rung, gate.tone.amplitude) for rung, gate in usable]
    # The parabola through the last rungs may have its minimum beyond full scale.
    lowest = min(find_best_amplitude(rungs), pair.largest)
    near = min((rung for rung, _ in usable), key=lambda rung: abs(math.log(rung.tone.amplitude / lowest)))
    return [(near, lowest), *((rung, rung.tone.amplitude) for rung, _ in usable[1:])]


def measure_angle_error(
    name: str, gate: ZX90, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], float | None]:
    """Measure trains with both control states; return the over-rotation in rad, or None if it is unknown."""
    found, line = yield from measure_trains(name, gate, pair.qids, pair.shots)
    fits = [fit_trains({"ground": found[state, "ground"]}, line, state=state).fit for state in STATES]
    if not all(fit.success for fit in fits):
        return None
    return float(np.mean([fit.parameters["angle_error"].value for fit in fits]))


def correct_angle(gate: ZX90, error_rad: float, turns: float, pair: PairParameters) -> ZX90:
    """Rescale the gate to remove its over-rotation; lengthen it if the lines cannot reach the amplitude."""
    factor = (_QUARTER / (_QUARTER + error_rad)) ** (1 / STEEPNESS)
    tone = scale_tone(gate.tone, factor, pair)
    if pair.can_play(tone):
        return replace(gate, tone=tone)
    return _lengthen_gate(gate, error_rad, turns, pair)


def _lengthen_gate(gate: ZX90, error_rad: float, turns: float, pair: PairParameters) -> ZX90:
    """Return the gate with a playable length that removes the over-rotation; the amplitude corrects the remainder.

    It gets longer rather than shorter, because full scale may already be in use.
    """
    right = pair.rise_ns + (gate.tone_ns - pair.rise_ns) * _QUARTER / (_QUARTER + error_rad)
    exactly = replace(gate, tone_ns=right)
    return lengthen_gate(exactly, pair.round_up(right), turns, pair)


def _refine_amplitude(
    name: str, ratio: float, near: Rung, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], RefinedGate | None]:
    found = yield from measure_pure_tone(
        f"{name}_tone", scale_drive(near.tone, ratio, pair), near.zx_mhz * ratio, pair
    )
    if found is None:
        return None
    tone, zx = found[0], abs(compute_conditional_rate(found[1]))
    start = yield from find_best_turns(name, tone, zx, near.loss.error, pair)
    if start is None:
        return None
    gate = yield from _correct_angle(name, start.gate, start.turns, pair)
    start = replace(start, gate=gate)
    if start.sensitive:
        start = yield from refocus_gate(name, start, pair)
    return (yield from _find_best_neighbour(name, start, pair))


def _correct_angle(
    name: str, gate: ZX90, turns: float, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], ZX90]:
    """Correct the angle by grid steps of the length and by the amplitude, until gate trains confirm it."""
    for number in range(_CORRECTIONS):
        error = yield from measure_angle_error(f"{name}_train_{number}", gate, pair)
        if error is None or abs(error) < _CLOSE_RAD:
            break
        gate = _lengthen_gate(gate, error, turns, pair)
    return gate


def _find_best_neighbour(
    name: str, start: RefinedGate, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], RefinedGate]:
    """Try gates of nearly the same length and the same angle; return the one of least loss."""
    expected = start.loss.error
    near = _list_neighbours(start, pair)
    wanted = [
        Trial(f"{name}_step_{step}", one.played, expected, more=1 if step else _MORE)
        for step, one in near.items()
    ]
    losses = yield from measure_trials(wanted, pair)
    tried = [replace(one, loss=loss) for one, loss in zip(near.values(), losses, strict=True)]
    best = min(tried, key=lambda one: one.loss.error)
    if best is not tried[0]:
        # The smallest of several scattered losses is biased low.
        (again,) = yield from measure_trials(
            [Trial(f"{name}_again", best.played, expected, more=_MORE)], pair
        )
        best = replace(best, loss=again)
    return min(best, tried[0], key=lambda one: one.loss.error)


def _list_neighbours(start: RefinedGate, pair: PairParameters) -> dict[int, RefinedGate]:
    """Return the gate and its neighbours of nearly equal length and equal angle, by number of grid steps."""
    found = {0: start}
    shares = _FEWER if start.sensitive else _NEIGHBOURS
    for step in sorted({round(share * pair.half_fringe_ns / pair.grid_ns) for share in shares} - {0}):
        tone_ns = start.gate.tone_ns + step * pair.grid_ns
        if tone_ns >= pair.shortest_ns:
            gate = lengthen_gate(start.gate, tone_ns, start.turns, pair)
            if gate.tone.amplitude <= pair.control_limit:
                found[step] = replace(start, gate=gate)
    return found
