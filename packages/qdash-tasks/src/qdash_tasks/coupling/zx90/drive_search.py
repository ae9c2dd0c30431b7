"""Search for the drive amplitude: trial gates at higher and lower drive until the best lies between worse ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.coupling.zx90.trial_benchmark import HOPELESS, Loss, Trial, measure_trials
from qdash_tasks.laboratory.pulses import ZX90
from qdash_tasks.programs.convergence import has_converged
from qdash_tasks.programs.later_start import ToneError, measure_checked_fit
from qdash_tasks.programs.tone_search import choose_window_ns, compute_impurities, is_poorly_described
from qdash_tasks.programs.tone_tomography import (
    compute_conditional_rate,
    compute_unconditional_rate,
    measure_fit,
    purify_tone,
    scale_tone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from qdash_analysis.result import FitResult
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import CrossResonanceTone
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters

FACTOR = 1.28
_MOST_RUNGS = 12
_LEAST_STEP = 0.04
_ALIKE = 1.5
_USUAL_LOSS = 0.04
_CLEARLY, _WORSE, _WORSE_RUNGS = 2.0, 1.15, 2
"""Criteria for ending the search: the last two gates are clearly worse, since the leakage of one may be a
chance interference.
"""
_FRINGES = 0.2
"""Relative spread of losses between lengths above which an interference is present."""
_USUAL = ((0.0, 1.0), (0.5, 0.75))
_COLLIDING = ((0.0, 1.0), (0.5, 1.0), (0.0, 2.0), (0.5, 2.0))
"""Extra length (in units of a fringe) and rotary turns of the gates that are tried at each drive."""
_POINTS = 27
STEEPNESS = 0.8
"""Exponent of the ZX rate as a power of the amplitude."""
_FAR_MHZ, _FAR_RAD = 0.15, 0.12
_LEAST_FLAT_NS, _LONGEST_NS = 4.0, 2000.0
"""Limits of the tone of a trial gate: shortest flat top, and longest total length."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Trial gate at one drive amplitude, with its tone, ZX rate and loss; no gate if none was made there."""

    name: str
    tone: CrossResonanceTone
    zx_mhz: float = math.nan
    gate: ZX90 | None = None
    loss: Loss = field(default_factory=lambda: Loss(HOPELESS, HOPELESS))


def make_gate(tone: CrossResonanceTone, zx_mhz: float, turns: float, pair: PairParameters) -> ZX90 | None:
    """Return the gate of a pure tone at a playable length, or None if it is too short or too long.

    Its rotary tone makes `turns` turns; it has none if the target's line has no amplitude left.
    """
    tone_ns = pair.round_to_grid(pair.rise_ns + 125 / zx_mhz)
    if not max(2 * pair.rise_ns + _LEAST_FLAT_NS, pair.shortest_ns) <= tone_ns <= _LONGEST_NS:
        return None
    rotary = _compute_rotary_amplitude(turns, tone_ns, pair)
    if abs(rotary) + tone.cancel_amplitude > pair.target_limit:
        rotary = 0.0
    return ZX90(replace(tone, rotary_amplitude=rotary), tone_ns)


def scale_drive(tone: CrossResonanceTone, factor: float, pair: PairParameters) -> CrossResonanceTone:
    """Return the tone scaled by a factor, limited to the largest amplitude of the control's line."""
    stronger = scale_tone(tone, factor, pair)
    return replace(stronger, amplitude=min(stronger.amplitude, pair.control_limit))


def lengthen_gate(gate: ZX90, tone_ns: float, turns: float, pair: PairParameters) -> ZX90:
    """Return the gate with a longer, weaker tone of the same angle and an adapted rotary tone."""
    factor = ((gate.tone_ns - pair.rise_ns) / (tone_ns - pair.rise_ns)) ** (1 / STEEPNESS)
    rotary = _compute_rotary_amplitude(turns, tone_ns, pair) if gate.tone.rotary_amplitude else 0.0
    return ZX90(replace(scale_tone(gate.tone, factor, pair), rotary_amplitude=rotary), tone_ns)


def _compute_rotary_amplitude(turns: float, tone_ns: float, pair: PairParameters) -> float:
    return 1e3 * turns / (tone_ns - pair.rise_ns) / pair.target_rabi_mhz


def measure_pure_tone(
    name: str,
    tone: CrossResonanceTone,
    expected_mhz: float,
    pair: PairParameters,
    fitted: Callable[..., Generator[MeasurementCall, Mapping[str, Answer], FitResult]] = measure_fit,
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[CrossResonanceTone, FitResult] | None]:
    """Measure a tone, corrected if far off; return it and its fit, or None if the trajectory is no rotation."""
    x_ns = pair.list_durations(min(1250 / expected_mhz, 3000.0), _POINTS)
    for sweep in _list_sweeps(name):
        fit = yield from fitted(sweep, tone, x_ns, pair)
        if not fit.success:
            return None
        try:
            better = purify_tone(tone, fit, pair.target_rabi_mhz, limit=pair.target_limit)
        except AnalysisError:
            return None
        if not _is_far(fit):
            break
        tone, x_ns = better, pair.list_durations(choose_window_ns(fit), _POINTS)
    return better, fit


def search_amplitudes(
    tone: CrossResonanceTone, zx_mhz: float, pair: PairParameters, *, wait_ns: float | None
) -> Generator[MeasurementCall, Mapping[str, Answer], list[Rung]]:
    """Try gates at the drive of `tone`, then at higher and lower drive until the best has worse neighbours.

    The first tone is repeated `wait_ns` later, unless that is None.

    Raises `ToneError` if its phase depends on the start time, or corrections do not make the tone pure.
    """
    if tone.amplitude > pair.largest:
        zx_mhz *= pair.largest / tone.amplitude
        tone = scale_drive(tone, pair.largest / tone.amplitude, pair)
    checked = partial(measure_checked_fit, wait_ns=wait_ns)
    rungs = [(yield from _measure_rung(0, tone, zx_mhz, pair, _USUAL_LOSS, checked))]
    for upwards in (True, False):
        while len(rungs) < _MOST_RUNGS:
            rungs.sort(key=lambda rung: rung.tone.amplitude)
            best = min(range(len(rungs)), key=lambda place: rungs[place].loss.error)
            edges = (rungs[::-1] if upwards else rungs)[:_WORSE_RUNGS]
            if all(edge is not rungs[best] and _is_clearly_worse(edge, rungs[best]) for edge in edges):
                break
            edge = edges[0]
            factor = FACTOR if upwards else 1 / FACTOR
            amplitude = min(edge.tone.amplitude * factor, pair.largest)
            factor = amplitude / edge.tone.amplitude
            if amplitude < pair.smallest or abs(math.log(factor)) < _LEAST_STEP:
                break
            zx = edge.zx_mhz * factor if math.isfinite(edge.zx_mhz) else zx_mhz
            expected = min(edge.loss.error, 2 * rungs[best].loss.error)
            rungs.append(
                (
                    yield from _measure_rung(
                        len(rungs), scale_drive(edge.tone, factor, pair), zx, pair, expected
                    )
                )
            )
    return sorted(rungs, key=lambda rung: rung.tone.amplitude)


def find_best_amplitude(rungs: list[Rung]) -> float:
    """Return the amplitude of least loss, from a parabola in log amplitude through the best few gates."""
    tried = [rung for rung in rungs if rung.gate is not None and rung.loss.error < HOPELESS]
    best = min(tried, key=lambda rung: rung.loss.error)
    place = tried.index(best)
    near = tried[max(place - 2, 0) : place + 3]
    if len(near) < 3 or best in (tried[0], tried[-1]):
        return best.tone.amplitude
    x = np.log([rung.tone.amplitude / best.tone.amplitude for rung in near])
    y = np.array([rung.loss.error for rung in near])
    sigma = np.array(
        [math.hypot(rung.loss.sigma, 0.3 * (rung.loss.error - best.loss.error)) for rung in near]
    )
    curvature, slope, _ = np.polyfit(x, y, 2, w=1 / sigma)
    if curvature <= 0:
        return best.tone.amplitude
    half = math.log(FACTOR)
    return best.tone.amplitude * math.exp(float(np.clip(-slope / (2 * curvature), -half, half)))


def _list_sweeps(name: str) -> tuple[str, ...]:
    """Return the names of the tomographies that correct a tone."""
    return tuple(f"{name}_{letter}" for letter in "abc")


def _is_far(fit: FitResult) -> bool:
    """Return whether a tone needs a large correction."""
    tilt = abs(math.atan2(compute_conditional_rate(fit).imag, compute_conditional_rate(fit).real))
    return abs(compute_unconditional_rate(fit)) >= _FAR_MHZ or tilt >= _FAR_RAD


def _measure_rung(
    number: int,
    tone: CrossResonanceTone,
    zx_mhz: float,
    pair: PairParameters,
    expected: float,
    fitted: Callable[..., Generator[MeasurementCall, Mapping[str, Answer], FitResult]] = measure_fit,
) -> Generator[MeasurementCall, Mapping[str, Answer], Rung]:
    name = f"rung_{number}"
    found = yield from measure_pure_tone(f"{name}_tone", tone, zx_mhz, pair, fitted)
    if found is None or is_poorly_described(found[1]):
        return Rung(name, tone)
    pure, fit = found
    if number == 0 and _is_far(fit) and not has_converged(compute_impurities(fit)):
        raise ToneError(_list_sweeps(f"{name}_tone")[-1])
    size = abs(compute_conditional_rate(fit))
    gate = make_gate(pure, size, 1, pair)
    if gate is None:
        return Rung(name, pure, size)
    tried = yield from _try_lengths(Rung(name, pure, size), gate, pair, expected)
    best = min(tried, key=lambda rung: rung.loss.error)
    if pair.beats_slowly:
        return best
    return replace(best, loss=_average_similar_losses([rung.loss for rung in tried], best.loss))


def _average_similar_losses(losses: list[Loss], least: Loss) -> Loss:
    """Return the mean of the losses that agree with the smallest within errors; the smallest alone is biased low."""
    alike = [
        loss for loss in losses if loss.error - least.error <= _ALIKE * math.hypot(loss.sigma, least.sigma)
    ]
    weights = np.array([loss.sigma**-2 for loss in alike])
    mean = np.average([loss.error for loss in alike], weights=weights)
    return Loss(float(mean), float(np.sum(weights) ** -0.5))


def _try_lengths(
    rung: Rung, gate: ZX90, pair: PairParameters, expected: float
) -> Generator[MeasurementCall, Mapping[str, Answer], list[Rung]]:
    """Measure the loss of the gate at several lengths, up to one fringe longer.

    Usually these are its own length and half a fringe more; if the control leaks, also quarters of a fringe and the
    best predicted length. A longer gate has fewer rotary turns, which static ZZ requires. If the two-photon transition
    is as near as the rotary Rabi frequency of the target, two turns are tried too.
    """

    def measure_gates(
        lengths_and_turns: Mapping[str, tuple[float, float]],
    ) -> Generator[MeasurementCall, Mapping[str, Answer], list[Rung]]:
        gates = {
            f"{rung.name}_{name}": lengthen_gate(
                gate, gate.tone_ns + pair.round_to_grid(share * 2 * pair.half_fringe_ns), turns, pair
            )
            for name, (share, turns) in lengths_and_turns.items()
        }
        losses = yield from measure_trials([Trial(name, one, expected) for name, one in gates.items()], pair)
        return [
            replace(rung, name=name, gate=one, loss=loss)
            for (name, one), loss in zip(gates.items(), losses, strict=True)
        ]

    if pair.beats_slowly and not pair.collides:
        return (yield from _try_quarters(measure_gates))
    changes = _COLLIDING if pair.collides else _USUAL
    return (
        yield from measure_gates(
            {f"longer_{share}_turns_{turns}": (share, turns) for share, turns in changes}
        )
    )


def _try_quarters(
    measure_gates: Callable[
        [Mapping[str, tuple[float, float]]], Generator[MeasurementCall, Mapping[str, Answer], list[Rung]]
    ],
) -> Generator[MeasurementCall, Mapping[str, Answer], list[Rung]]:
    """Measure the loss in quarters of a fringe and, if the losses differ, at the best predicted length."""
    found = yield from measure_gates({f"quarter_{quarter}": (quarter / 4, 1.0) for quarter in range(4)})
    losses = [one.loss.error for one in found]
    if max(losses) > (1 + _FRINGES) * min(losses):
        least = math.atan2(losses[3] - losses[1], losses[2] - losses[0]) / math.tau
        found += yield from measure_gates({"least": (least % 1.0, 1.0)})
    return found


def _is_clearly_worse(one: Rung, best: Rung) -> bool:
    if one.gate is None:
        return True
    difference = one.loss.error - best.loss.error
    return (
        difference > _CLEARLY * math.hypot(one.loss.sigma, best.loss.sigma)
        and one.loss.error > _WORSE * best.loss.error
    )
