"""Recipe for the length of gaps, with a generator detuned from the qubit as the clock.

The fringe of two pulses has its maximum at the phase ``2 pi (f - f_q) tau``. The mean of generators above and below the
qubit does not depend on the exact qubit frequency, and the pulses cancel against a gap of zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.phase_sign import PHASE_SIGN
from qdash_tasks.laboratory.recipes.populations import measure_populations
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR
from qdash_tasks.laboratory.recipes.two_pulses import make_two_pulses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]

_GAPS_NS = (0.0, 20.0, 44.0, 100.0, 200.0)
_MOST_MHZ = 25.0
_TURNS_OF_A_PULSE = 0.6
"""Largest phase in turns from the detuning during one pulse: a longer pulse hardly rotates the qubit."""
_SHARP_NS = 0.8
"""Largest deviation that is tolerated."""
_VAGUE_NS = 3.0
"""Deviation that must be detectable; otherwise more shots are needed."""
_SIGMAS = 4.0
_LARGE_CHI2 = 8.0
"""Limit for three degrees of freedom: exceeded by chance in one of 40,000."""


@dataclass(frozen=True, slots=True, eq=False)
class _Delays:
    """Excess of played gaps over requested ones, relative to a gap of zero, shape (gaps,); covariance in ns²."""

    gap_ns: Floats
    extra_ns: Floats
    covariance: Floats

    def average(self) -> tuple[float, float, float]:
        """Return the mean, its standard error, and the reduced chi² of the gaps about it."""
        inverse = np.linalg.inv(self.covariance)
        variance = 1 / inverse.sum()
        mean = float(variance * (inverse @ self.extra_ns).sum())
        off = self.extra_ns - mean
        return mean, float(np.sqrt(variance)), float(off @ inverse @ off) / (len(off) - 1)


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    length_ns = laboratory.settings[qid].x90.length_ns
    off_mhz = min(_MOST_MHZ, 1e3 * _TURNS_OF_A_PULSE / length_ns)
    asked = [
        make_two_pulses(laboratory, qid, side * off_mhz, gap_ns, phase_rad)
        for side in (1, -1)
        for gap_ns in _GAPS_NS
        for phase_rad in PHASES_RAD
    ]
    fringes = Fringes(measure_populations(laboratory, qid, [one.program for one in asked], shots))
    if (fringes.depth < CLEAR * fringes.error).any():
        raise NotClear(
            f"the fringe is {fringes.depth.min():.2g} deep, with an error of {fringes.error.max():.2g}: take more shots, or "
            "see phase_against_frequency"
        )
    gap_ns = np.array([one.gap_ns for one in asked[: len(_GAPS_NS) * len(PHASES_RAD) : len(PHASES_RAD)]])
    return _assess(_estimate_delays(fringes, gap_ns, off_mhz))


def _estimate_delays(fringes: Fringes, gap_ns: Floats, off_mhz: float) -> _Delays:
    side, per_ns = np.array([[1.0], [-1.0]]), 2e-3 * np.pi * off_mhz
    angle = side * fringes.angle.reshape(2, -1) - per_ns * gap_ns
    extra_ns = wrap_angle(angle - angle[:, :1]).mean(axis=0) / per_ns
    variance = (fringes.angle_error.reshape(2, -1) ** 2).sum(axis=0) / (2 * per_ns) ** 2
    covariance = np.diag(variance[1:]) + variance[0]
    return _Delays(gap_ns[1:], extra_ns[1:], covariance)


def _assess(found: _Delays) -> Judgement:
    mean_ns, error_ns, chi2 = found.average()
    values = (
        Value("gaps too long by", mean_ns, error_ns, 0.0, "ns"),
        *(
            Value(f"gap of {gap_ns:g} ns", gap_ns + extra_ns, float(np.sqrt(variance)), gap_ns, "ns")
            for gap_ns, extra_ns, variance in zip(
                found.gap_ns.tolist(), found.extra_ns.tolist(), np.diag(found.covariance), strict=True
            )
        ),
    )
    sure_ns = max(_SHARP_NS, _SIGMAS * error_ns)
    if _SIGMAS * error_ns > _VAGUE_NS:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    if chi2 > _LARGE_CHI2 and np.ptp(found.extra_ns) > 2 * _SHARP_NS:
        return Judgement(
            Outcome.NOT_MET,
            values,
            "gaps of different length have different errors: the adapter or its library may round them (state the grid in `LineLimits.start_ns` and `shortest_gap_ns`), or phases are wrong (see phase_against_frequency)",
        )
    if abs(mean_ns) > sure_ns:
        word = "long" if mean_ns > 0 else "short"
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"each gap is {abs(mean_ns):.1f}\N{NO-BREAK SPACE}ns too {word}: send gaps {abs(mean_ns):.1f}\N{NO-BREAK SPACE}ns "
            f"{'shorter' if mean_ns > 0 else 'longer'}",
        )
    return Judgement(
        Outcome.MET, values, f"gaps have the requested length within {sure_ns:.1f}\N{NO-BREAK SPACE}ns"
    )


CLOCK = Recipe(
    name="clock", question="does a gap have the requested length?", judge=_judge, after=PHASE_SIGN.name
)
