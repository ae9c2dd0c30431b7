"""Which of two ways round something works: one of two programs flips the qubit, and which of them tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.finding import Judgement, Outcome, Value

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Play
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.recipes.populations import Populations

CLEAR = 5.0
"""Standard errors from zero for a sense to be known."""
LEAST_CONTRAST = 0.4
"""Of two programs that a right laboratory tells apart: pulses that turn 20 % too far or too little leave 0.9."""


def mirrored_phase(laboratory: PulseLaboratory, play: Play) -> str:
    """Return what to do where the phase of such a play is mirrored, given what `signs` returns for it now."""
    return _mirrored("phase", laboratory.signs(play).phase, play.line)


def mirrored_envelope(laboratory: PulseLaboratory, play: Play) -> str:
    """Return what to do where the envelope of such a play is mirrored, given what `signs` returns for it now."""
    return _mirrored("envelope", laboratory.signs(play).envelope, play.line)


def _mirrored(name: str, sign: int, qid: str) -> str:
    """Name one field of `Signs` alone, so that what two recipes say can be done together."""
    return f"{name} mirrored: for the line of qubit {qid} let `signs` return {name}={-sign}, where it returns {name}={sign} now"


def sense_of(found: Populations, *, right: str, mirrored: str) -> Judgement:
    """Judge two programs, the first of which flips the qubit where the sense is right, and the second where it is mirrored.

    Parameters
    ----------
    right, mirrored
        What to say of each.
    """
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
            Outcome.NOT_CLEAR, values, f"{contrast:.2f} with an error of {error:.2f}: more shots"
        )
    return Judgement(
        Outcome.NOT_CLEAR,
        values,
        "neither of both programs flips the qubit alone: are its frequency known within 1 MHz and its pulses "
        "within 20 %?",
    )
