"""Choice of the rotary tone of a gate: the number of turns and the axis of least loss.

Static ZZ detunes the target while the control is in |1>, at half strength during the π pulses of the control. A rotary
tone of whole turns refocuses only the tones; about 0.7 turns cancel both. IZ and ZY depend on the rotation axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.coupling.zx90.drive_search import make_gate
from qdash_tasks.coupling.zx90.trial_benchmark import GATES_OF_A_STEP, Trial, measure_trials
from qdash_tasks.programs.tone_tomography import rotate_tone

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from qdash_tasks.coupling.zx90.trial_benchmark import Loss
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters

_VALLEY = (0.6, 0.8, 1.0, 1.2)
TURNS = (*_VALLEY, 2.0)
"""Rotary turns that are compared: some along a valley, and twice as many, which a frequency collision may
require.
"""
_USUAL_TURNS = 1.0
_ALIKE_CHI2 = 12.0
"""Chi² below which, with three degrees of freedom, the losses along the valley count as equal (one false
alarm in 140).
"""
_TURNED_RAD, _MORE_TURNS = 0.15, 0.15
"""Steps to either side in axis and rotary turns, for finding the least loss."""


@dataclass(frozen=True, slots=True)
class RefinedGate:
    """Gate along X with its loss; `sensitive` if that depends significantly on the turns of the rotary tone.

    `zx_mhz` is from tomography; everything that the gate plays is rotated about z by `axis_rad`.
    """

    gate: ZX90
    loss: Loss
    turns: float
    zx_mhz: float
    axis_rad: float = 0.0
    sensitive: bool = False

    @property
    def played(self) -> ZX90:
        """Gate with its tone rotated to the axis."""
        return replace(self.gate, tone=rotate_tone(self.gate.tone, self.axis_rad))


def find_best_turns(
    name: str, tone: CrossResonanceTone, zx_mhz: float, expected: float, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], RefinedGate | None]:
    """Compare rotary tones; return the best gate, with its turns at the minimum of a parabola in the valley of low losses."""
    gates: dict[float, ZX90] = {}
    for turns in TURNS:
        gate = make_gate(tone, zx_mhz, turns, pair)
        if gate is None:
            return None
        if gates and not gate.tone.rotary_amplitude:
            break  # beyond full scale, like all further turns
        gates[turns] = gate
    wanted = [Trial(f"{name}_turns_{turns}", gate, expected) for turns, gate in gates.items()]
    losses = yield from measure_trials(wanted, pair)
    tried = [
        RefinedGate(gate, loss, turns if gate.tone.rotary_amplitude else 0.0, zx_mhz)
        for (turns, gate), loss in zip(gates.items(), losses, strict=True)
    ]
    best = min(tried, key=lambda one: one.loss.error)
    if len(tried) < len(_VALLEY) or best.turns not in _VALLEY:
        return best
    right, least, sensitive = _find_valley([one.loss for one in tried[: len(_VALLEY)]])
    return replace(_set_turns(best, right, pair), loss=replace(best.loss, error=least), sensitive=sensitive)


def refocus_gate(
    name: str, start: RefinedGate, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], RefinedGate]:
    """Find the axis and then the rotary turns of least loss, from gates far to either side."""
    # A rotation of everything by x is an error of x in IZ and in ZY.
    expected = start.loss.error + 2 * GATES_OF_A_STEP * _TURNED_RAD**2 / 5
    sides = {sign: replace(start, axis_rad=sign * _TURNED_RAD) for sign in (-1, 1)}
    wanted = [Trial(f"{name}_axis_{sign}", one.played, expected) for sign, one in sides.items()]
    before, after = yield from measure_trials(wanted, pair)
    start = replace(start, axis_rad=_TURNED_RAD * _fit_minimum(before, start.loss, after))
    sides = {sign: _set_turns(start, start.turns + sign * _MORE_TURNS, pair) for sign in (-1, 1)}
    wanted = [Trial(f"{name}_rotary_{sign}", one.played, start.loss.error) for sign, one in sides.items()]
    before, after = yield from measure_trials(wanted, pair)
    return _set_turns(start, start.turns + _MORE_TURNS * _fit_minimum(before, start.loss, after), pair)


def _find_valley(losses: Sequence[Loss]) -> tuple[float, float, bool]:
    """Return the rotary turns of least loss, that loss, and whether it depends significantly on the turns."""
    errors, sigmas = (np.array([getattr(loss, name) for loss in losses]) for name in ("error", "sigma"))
    mean = float(np.average(errors, weights=sigmas**-2))
    if np.sum(((errors - mean) / sigmas) ** 2) < _ALIKE_CHI2:
        return _USUAL_TURNS, mean, False
    fine = np.linspace(_VALLEY[0], _VALLEY[-1], 61)
    curve = np.polyval(np.polyfit(_VALLEY, errors, 2, w=1 / sigmas), fine)
    lowest = int(np.argmin(curve))
    return float(fine[lowest]), float(curve[lowest]), True


def _fit_minimum(before: Loss, at: Loss, after: Loss) -> float:
    """Return the minimum of a parabola through losses at -1, 0 and 1, limited to that range; noise shifts it towards 0."""
    curvature = max(before.error + after.error - 2 * at.error, 0.0) + math.hypot(before.sigma, after.sigma)
    return float(np.clip((before.error - after.error) / (2 * curvature), -1, 1))


def _set_turns(start: RefinedGate, turns: float, pair: PairParameters) -> RefinedGate:
    """Return the gate with a rotary tone of that many turns, limited by the target's line."""
    gate = start.gate
    of_full_scale = 1e-3 * (gate.tone_ns - pair.rise_ns) * pair.target_rabi_mhz
    most = pair.target_limit - gate.tone.cancel_amplitude
    turns = min(turns, most * of_full_scale)
    tone = replace(gate.tone, rotary_amplitude=min(turns / of_full_scale, most))
    return replace(start, gate=replace(gate, tone=tone), turns=turns)
