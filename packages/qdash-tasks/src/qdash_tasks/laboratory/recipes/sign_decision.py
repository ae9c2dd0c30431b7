"""Decision between two signs: one of two programs flips the qubit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, Outcome, Value

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Play
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.recipes.populations import Populations

CLEAR = 5.0
"""Standard errors from zero at which a sign is known."""
LEAST_CONTRAST = 0.4
"""Contrast of two programs on a correct laboratory: pulses that are 20 % off in angle leave 0.9."""


def describe_mirrored_phase(laboratory: PulseLaboratory, play: Play) -> str:
    """Return advice for a mirrored phase of such a play, given the current result of `signs`."""
    return _describe_mirrored("phase", laboratory.signs(play).phase, play.line)


def describe_mirrored_envelope(laboratory: PulseLaboratory, play: Play) -> str:
    """Return advice for a mirrored envelope of such a play, given the current result of `signs`."""
    return _describe_mirrored("envelope", laboratory.signs(play).envelope, play.line)


def _describe_mirrored(name: str, sign: int, qid: str) -> str:
    """Return advice on a single field of `Signs`, so that the advice of two recipes can be combined."""
    return f"{name} mirrored: for the line of qubit {qid} `signs` must return {name}={-sign} instead of {name}={sign}"


def judge_sign(found: Populations, *, right: str, mirrored: str) -> Judgement:
    """Judge a sign from two programs: the first flips the qubit if it is right, the second if mirrored."""
    values = tuple(
        Value(name, float(value), float(error), expected)
        for name, value, error, expected in zip(
            ("P(right)", "P(mirrored)"), found.value, found.error, (1.0, 0.0), strict=True
        )
    )
    contrast = float(found.value[0] - found.value[1])
    error = float(np.hypot(*found.error))
    if abs(contrast) >= max(LEAST_CONTRAST, CLEAR * error):
        met = contrast > 0
        return Judgement(Outcome.MET if met else Outcome.NOT_MET, values, right if met else mirrored)
    if CLEAR * error > LEAST_CONTRAST:
        return Judgement(
            Outcome.NOT_CLEAR, values, f"{contrast:.2f} with an error of {error:.2f}: take more shots"
        )
    return Judgement(
        Outcome.NOT_CLEAR,
        values,
        "neither or both programs flip the qubit: its frequency must be known within 1\N{NO-BREAK SPACE}MHz and its pulses within 20\N{NO-BREAK SPACE}%",
    )
