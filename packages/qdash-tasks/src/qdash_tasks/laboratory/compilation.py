"""The requests of one call as programs: who of them plays on which line, and who fails alone.

A request may play on qubits beside its own (`Setup.take`). It leaves those lines to other targets only that play on them in
the same programs: not to one that cannot be compiled, is answered otherwise, or is played with shots kept in another way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.batch import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.compiling import Setup
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request that is to be compiled.

    Attributes
    ----------
    place
        Of the request among those of its target.
    shots
        How they are taken and kept: what is taken alike in the same place is played in the same programs.
    """

    target: str
    place: int
    request: Request
    shots: Shots


def compiled(wanted: Sequence[Wanted], setup: Setup) -> dict[str, list[Asked] | Exception]:
    """Return of every target its requests as programs, in the order of their places, or why that is not possible.

    Parameters
    ----------
    setup
        What all are compiled for; its lines are those that nobody plays on.
    """
    failed: dict[str, Exception] = {}
    while True:
        found = _compiled([one for one in wanted if one.target not in failed], setup)
        failing = {target: one for target, one in found.items() if isinstance(one, Exception)}
        if not failing:
            return found | failed
        # Lines were left to these, and nothing would be played there: all others are compiled anew.
        failed.update(failing)


def _compiled(wanted: Sequence[Wanted], setup: Setup) -> dict[str, list[Asked] | Exception]:
    lines: dict[tuple[int, Shots], set[str]] = defaultdict(lambda: set(setup.lines))
    for one in wanted:
        lines[one.place, one.shots].update(one.target.split("-"))
    found: dict[str, list[Asked] | Exception] = {one.target: [] for one in wanted}
    for one in sorted(wanted, key=lambda one: one.place):
        so_far = found[one.target]
        if isinstance(so_far, Exception):
            continue
        try:
            so_far.append(_asked(one, replace(setup, lines=lines[one.place, one.shots])))
            _require_one_plane(so_far, setup.limits)
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its call
            found[one.target] = error
    return found


def _asked(wanted: Wanted, setup: Setup) -> Asked:
    played = wanted.request.on_grid(setup.limits, wanted.target)
    return Asked(wanted.target, wanted.place, played, played.compiled(wanted.target, setup))


def _require_one_plane(asked: Sequence[Asked], limits: Limits) -> None:
    """Refuse what reads a qubit at several frequencies where each is a call of its own, in a plane of its own."""
    if limits.frequencies_change or not limits.plane_turns:
        return
    readouts = [
        (one, readout) for one in asked for program in one.compiled.programs for readout in program.readouts
    ]
    found: dict[str, float] = {}
    for one, readout in readouts:
        if found.setdefault(readout.qid, readout.frequency_ghz) != readout.frequency_ghz:
            raise InvalidInputError(
                f"{one.target}: {type(one.request).__name__} reads qubit {readout.qid} at several frequencies: here each is a call "
                "of its own, and the IQ plane turns between calls, so that their points have no axis in common"
            )
