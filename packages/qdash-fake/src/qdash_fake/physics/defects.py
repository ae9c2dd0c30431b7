"""Two-level-system defects that drift through a qubit's frequency, as functions of seed, qubit and time.

A defect of half width w that a qubit couples to with g opens a channel of relaxation, and pushes the qubit's
frequency away (both in the limit g < w, in which no avoided crossing is seen; d is defect minus qubit)::

    1/T1 grows by 2 g^2 w / (w^2 + d^2)        f moves by -g^2 d / (w^2 + d^2) / 2 pi

Klimov et al., PRL 121, 090502 (2018), saw T1 fall by up to tenfold for hours, as defects came by spectral
diffusion of a few MHz within an hour and by telegraph jumps; Carroll et al., npj Quantum Information 8, 132
(2022), the same on fixed-frequency transmons within +-10 MHz, for months. Drawn for every defect (Lisenfeld
et al., npj Quantum Information 5, 105 (2019), for the widths):

- the number of them about a qubit: Poisson, with the mean that is asked for;
- half width 0.5 to 2 MHz; on resonance T1 falls to between a half and a tenth. With T1 = 100 us and 1 MHz that is
  g/2pi = 28 to 85 kHz, and moves the frequency by 0.4 to 3.6 kHz at most;
- the middle of its course within +-10 MHz of the qubit; about it the defect wanders by 5 MHz (standard deviation; 2 MHz
  within an hour) and jumps by 2 to 8 MHz, ten hours apart on average.

So a defect lies within its half width of the qubit for a tenth of the time (mean over defects), for an hour
or two each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from qdash_fake.physics.noise import Telegraph, Wander
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_fake.physics.chip import QubitTruth

WINDOW_MHZ = 10.0
WANDER_MHZ = 5.0
DEEPEST = 10.0
JUMP_DWELL_S = 36_000.0

_SHALLOWEST = 2.0
_SLOWER = 4.0
"""Periods of a defect's drift relative to those of the qubit's drift: from eight hours to six weeks."""

_HALF_WIDTH_MHZ = (0.5, 2.0)
_HALF_JUMP_MHZ = (1.0, 4.0)
_WORTH_A_REMARK = 1.1
"""Reduction of T1 above which a defect is reported."""


class DefectEffect(NamedTuple):
    """Effect of a defect at one time: relaxation in 1/us, shift of the qubit's frequency in MHz."""

    rate: float
    shift_mhz: float


@dataclass(frozen=True)
class Defect:
    """Defect near a qubit.

    `centre_mhz` is the mean, relative to the qubit; `half_width_mhz` is that of the Lorentzian, and `peak_rate` (1/us)
    the relaxation on resonance. `half_jump_mhz` is half the distance of its telegraph jumps.
    """

    centre_mhz: float
    half_width_mhz: float
    peak_rate: float
    half_jump_mhz: float
    wander: Wander
    jumps: Telegraph

    def detuning_mhz(self, clock_s: float) -> float:
        """Return defect minus qubit frequency."""
        wandered = WANDER_MHZ * float(self.wander.at(clock_s)[0])
        return self.centre_mhz + wandered + self.half_jump_mhz * self.jumps.at(clock_s)

    def effect(self, clock_s: float) -> DefectEffect:
        """Return the effect of the defect on the qubit."""
        offset = self.detuning_mhz(clock_s) / self.half_width_mhz
        share = 1 / (1 + offset**2)
        return DefectEffect(self.peak_rate * share, -self.peak_rate * offset * share / (4 * math.pi))


class Defects:
    """All defects near one qubit."""

    def __init__(self, near: Sequence[Defect], *, t1_us: float) -> None:
        self.near = tuple(near)
        self._t1_us = t1_us

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the effect of the defects at that time."""
        effects = [defect.effect(clock_s) for defect in self.near]
        coherence = qubit.coherence.with_faster_relaxation(sum(effect.rate for effect in effects))
        return replace(
            qubit,
            frequency_ghz=qubit.frequency_ghz + sum(effect.shift_mhz for effect in effects) * 1e-3,
            coherence=coherence,
            readout=qubit.readout.with_t1(coherence.t1_us),
        )

    def remarks(self, clock_s: float) -> list[str]:
        """Return remarks on the defects that lower T1 by a tenth or more."""
        found = []
        for defect in self.near:
            fall = 1 + defect.effect(clock_s).rate * self._t1_us
            if fall >= _WORTH_A_REMARK:
                away = defect.detuning_mhz(clock_s)
                where = f"{abs(away):.2g}\N{NO-BREAK SPACE}MHz {'above' if away > 0 else 'below'} the qubit"
                found.append(f"a two-level system {where} reduces T1 by a factor of {fall:.2g}")
        return found


def draw_defects(qubit: QubitTruth, seed: int, density: float) -> Defects:
    """Return the defects near a qubit, `density` on average; a higher density keeps the defects of a lower one."""
    t1_us = qubit.coherence.t1_us
    count = _compute_poisson_quantile(float(stream(seed, qubit.qid, "defects").random()), density)
    return Defects([_draw_defect(qubit.qid, seed, index, t1_us) for index in range(count)], t1_us=t1_us)


def _compute_poisson_quantile(share: float, mean: float) -> int:
    """Return a quantile of a Poisson distribution, one number per qubit, increasing with the mean."""
    count, chance = 0, math.exp(-mean)
    below = chance
    while share >= below and chance > 0.0:
        count += 1
        chance *= mean / count
        below += chance
    return count


def _draw_defect(qid: str, seed: int, index: int, t1_us: float) -> Defect:
    def share(purpose: str) -> float:
        return float(stream(seed, qid, "defect", index, purpose).random())

    def between(purpose: str, low: float, high: float) -> float:
        return low * math.exp(share(purpose) * math.log(high / low))

    fall = between("depth", _SHALLOWEST, DEEPEST)
    return Defect(
        centre_mhz=WINDOW_MHZ * (2 * share("centre") - 1),
        half_width_mhz=between("width", *_HALF_WIDTH_MHZ),
        peak_rate=(fall - 1) / t1_us,
        half_jump_mhz=between("jump", *_HALF_JUMP_MHZ),
        wander=Wander([stream(seed, qid, "defect", index, "wander")], slower=_SLOWER),
        jumps=Telegraph(seed, qid, "defect", index, "jumps", dwell_s=JUMP_DWELL_S),
    )
