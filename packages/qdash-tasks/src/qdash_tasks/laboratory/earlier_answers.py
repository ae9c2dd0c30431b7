"""Detection of stale answers: noise never repeats, so equal answers come from an old buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError
from qdash_tasks.laboratory.program import ProgramAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.program import IQ, Program

_FEWEST_SHOTS = 16
"""Fewest shots that are compared; fewer from a digitizer with few bits may repeat by chance."""
_FEWEST_MEANS = 4
"""Fewest distinct means of a call that are compared; fewer may repeat by chance if they have few bits."""
_MOST_REPEATED = 0.25
"""Share of shots equal to the previous one that is allowed; a digitizer with 30 steps across the noise of I
and of Q repeats one of 1,000.
"""


class EarlierAnswers:
    """Answers of the last call of a laboratory. Safe for threads.

    Shots are rejected if they equal those of another program in this call or the last one, or the previous
    shot. Means are rejected if all of a call equal those of the last one although its programs differ. Data
    without noise, such as states assigned by the instrument, may repeat.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[Program, ...], frozenset[tuple[str, bytes]], tuple[object, ...]] = (
            (),
            frozenset(),
            (),
        )

    def require_new(self, programs: Sequence[Program], answers: Sequence[object], *, who: str) -> None:
        """Store the answers of a call; raise `BackendError` if they repeat those of an earlier call, program or shot."""
        found = [one for one in answers if isinstance(one, ProgramAnswer)]
        shots = [key for one in found for key in _fingerprint_shots(one)]
        means = tuple(mean for one in found for mean in _fingerprint_means(one))
        played, seen, last = self._last
        self._last = tuple(programs), frozenset(shots), means
        if any(_is_repeated(one.each) for answer in found for _, one in _read(answer)):
            raise BackendError(f"{who}.play returned the same shots several times: {_READ_ANEW}")
        if len({*shots}) < len(shots):
            raise BackendError(f"{who}.play returned the same shots for two programs of a call: {_READ_ANEW}")
        if seen.intersection(shots) or (
            len({*means}) >= _FEWEST_MEANS and means == last and tuple(programs) != played
        ):
            raise BackendError(
                f"{who}.play returned an answer identical to that of an earlier call: {_READ_ANEW}"
            )


_READ_ANEW = "noise never repeats exactly, so wait for the acquisition before reading its buffer"


def _is_repeated(each: object) -> bool:
    """Return whether too many noisy shots equal the one before."""
    if not isinstance(each, np.ndarray) or len(each) < _FEWEST_SHOTS:
        return False
    repeated = (each[1:] == each[:-1]).all(axis=-1).mean()
    return bool(repeated > _MOST_REPEATED) and len(np.unique(each)) > _FEWEST_SHOTS


def _fingerprint_shots(answer: ProgramAnswer) -> list[tuple[str, bytes]]:
    """Return a fingerprint of the shots of each qubit that has noise."""
    every = [(qid, one.each) for qid, one in _read(answer) if isinstance(one.each, np.ndarray)]
    return [
        (qid, each[:_FEWEST_SHOTS].tobytes() + each[-_FEWEST_SHOTS:].tobytes())
        for qid, each in every
        if len(each) >= _FEWEST_SHOTS and len(np.unique(each[:_FEWEST_SHOTS])) >= _FEWEST_MEANS
    ]


def _fingerprint_means(answer: ProgramAnswer) -> list[tuple[str, bytes]]:
    return [(qid, np.asarray(one.mean).tobytes()) for qid, one in _read(answer) if one.each is None]


def _read(answer: ProgramAnswer) -> list[tuple[str, IQ]]:
    return [(qid, one) for qid, one in answer.iq.items() if hasattr(one, "mean")]
