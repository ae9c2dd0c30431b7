"""Recipe for cross-resonance tones: they must follow the target's generator and its sign convention.

The tone rotates the target about an axis at its phase. After an X90 at another phase the population depends on the
difference of both phases; on their sum if the tone is mirrored; on the start time if another generator plays it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.models.targets import split_coupling
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_populations, read_together
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Complexes = NDArray[np.complex128]

_USUAL_AMPLITUDE = 0.3
_LENGTHS_NS = (120.0, 200.0, 320.0)
"""Tone lengths: one of them rotates the target by about a quarter turn, for any usual coupling."""
_WAITS_NS = ((12.0, 44.0), (52.0, 0.0), (100.0, 20.0), (236.0, 8.0))
"""Waits before and after the tone, to detect a generator at another frequency and one that restarts."""
_LEAST_DEPTH = 0.1
_TOLERANCE_TURNS = 0.1
_LEAST_RATIO = 3.0


def _judge(laboratory: PulseLaboratory, coupling_id: str, shots: Shots) -> Judgement:
    control, target = _order_qubits(laboratory, coupling_id)
    scans = [
        _make_program(laboratory, control, target, length_ns, tone_rad=tone_rad, probe_rad=probe_rad)
        for length_ns in _LENGTHS_NS
        for probe_rad in (0.0, np.pi / 2)
        for tone_rad in PHASES_RAD
    ]
    waits = [
        _make_program(laboratory, control, target, length_ns, tone_rad=tone_rad, waits_ns=waits_ns)
        for length_ns in _LENGTHS_NS
        for waits_ns in _WAITS_NS
        for tone_rad in PHASES_RAD
    ]
    fringes = Fringes(measure_populations(laboratory, target, read_together([*scans, *waits]), shots))
    count = 2 * len(_LENGTHS_NS)
    scanned, waited = (
        fringes.amplitude[:count].reshape(-1, 2),
        fringes.amplitude[count:].reshape(-1, len(_WAITS_NS)),
    )
    best = int(np.argmax(np.abs(scanned).sum(axis=1)))
    return _assess(control, target, scanned[best], waited[best], float(fringes.error.max()))


def _assess(control: str, target: str, scanned: Complexes, waited: Complexes, error: float) -> Judgement:
    """Judge whether the tone follows the target's generator: phase difference, not sum, and equal angles after waits."""
    difference, total = (abs(scanned[0] + turn * scanned[1]) / 2 for turn in (-1j, 1j))
    turns = wrap_angle(np.angle(waited) - np.angle(waited.mean())) / (2 * np.pi)
    spread = float(np.abs(turns).max())
    spread_error = error / max(float(np.abs(waited).min()), error) / (2 * np.pi)
    values = (
        Value("with the phase", float(difference), error),
        Value("against the phase", float(total), error, 0.0),
        Value("angle scatters by", spread, float(spread_error), 0.0, "turns"),
    )
    depth = max(difference, total, float(np.abs(waited).mean()))
    if depth < max(_LEAST_DEPTH, CLEAR * error):
        raise NotClear(
            f"a tone on the line of {control} hardly rotates {target} (by {depth:.2g}, error {error:.2g}): check that it is played at the frequency of {target} (`Play.toward` selects the generator), that its amplitude is large enough, and that the qubits are coupled"
        )
    if spread > _TOLERANCE_TURNS + CLEAR * spread_error:
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"the phase of the tone depends on its start: it runs in the frame of {control} or restarts with each pulse; "
            f"play it from the generator of {target} (`Play.toward`), at its frequency, from the program's time zero",
        )
    if difference > _LEAST_RATIO * total:
        return Judgement(
            Outcome.MET,
            values,
            f"the tone is coherent with the generator of {target} and has the same sign of phase",
        )
    if total > _LEAST_RATIO * difference:
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"the tone is mirrored relative to the pulses of {target}: `signs` must return the other phase for plays on the line of "
            f"{control} toward {target}",
        )
    return Judgement(Outcome.NOT_CLEAR, values, "more shots")


def _make_program(
    laboratory: PulseLaboratory,
    control: str,
    target: str,
    length_ns: float,
    *,
    tone_rad: float,
    probe_rad: float = 0.0,
    waits_ns: tuple[float, float] = (0.0, 0.0),
) -> Program:
    """Return a program of a wait, the tone, another wait, and an X90 on the target, which is read."""
    made = make_timeline(laboratory)
    for qid in (control, target):
        made.wait(qid, waits_ns[0])
    made.tone(control, target, replace(_get_tone(laboratory, control, target), phase_rad=tone_rad), length_ns)
    made.wait(target, waits_ns[1])
    made.pulse(target, laboratory.settings[target].x90, phase_rad=probe_rad)
    return made.read(target)


def _get_tone(laboratory: PulseLaboratory, control: str, target: str) -> CrossResonanceTone:
    """Return the tone in use without cancellation and rotary tones, or a usual one if none is calibrated."""
    names = (f"{control}-{target}", f"{target}-{control}")
    settings = next(laboratory.couplings[name] for name in names if name in laboratory.couplings)
    amplitude = settings.cr_amplitude or min(
        _USUAL_AMPLITUDE, laboratory.limits.line(control).largest_amplitude
    )
    return CrossResonanceTone(amplitude=amplitude, rise_ns=settings.rise_ns)


def _order_qubits(laboratory: PulseLaboratory, coupling_id: str) -> tuple[str, str]:
    """Return control and target: the qubit of higher frequency is the better control."""
    first, second = split_coupling(coupling_id)
    frequency_ghz = {qid: laboratory.settings[qid].drive_frequency_ghz for qid in (first, second)}
    return (first, second) if frequency_ghz[first] >= frequency_ghz[second] else (second, first)


CROSS_RESONANCE = Recipe(
    name="cross_resonance",
    question="is a tone on the control's line coherent with the target's generator?",
    judge=_judge,
    couplings=True,
    safe=False,
)
