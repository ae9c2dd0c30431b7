"""Compilation of the requests of one call: assignment of lines, and failures per target.

A request may drive qubits other than its own (`Setup.reserve`). It yields those lines only to targets that play on them
in the same programs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.batch import CompiledEntry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


@dataclass(frozen=True, slots=True)
class CompilationRequest:
    """Request of one target at its `place` among those of the target.

    Requests at the same place with equal shots share programs.
    """

    target: str
    place: int
    request: Request
    shots: Shots


def compile_requests(
    requests: Sequence[CompilationRequest], setup: Setup
) -> dict[str, list[CompiledEntry] | Exception]:
    """Compile requests; return those of each target by place, or its exception. No target has the lines of `setup`."""
    failed: dict[str, Exception] = {}
    while True:
        found = _compile_once([one for one in requests if one.target not in failed], setup)
        failing = {target: one for target, one in found.items() if isinstance(one, Exception)}
        if not failing:
            return found | failed
        # Lines were left to these targets, and nothing would be played there: all others are compiled again.
        failed.update(failing)


def _compile_once(
    requests: Sequence[CompilationRequest], setup: Setup
) -> dict[str, list[CompiledEntry] | Exception]:
    lines: dict[tuple[int, Shots], set[str]] = defaultdict(lambda: set(setup.lines))
    for one in requests:
        lines[one.place, one.shots].update(one.target.split("-"))
    found: dict[str, list[CompiledEntry] | Exception] = {one.target: [] for one in requests}
    for one in sorted(requests, key=lambda one: one.place):
        so_far = found[one.target]
        if isinstance(so_far, Exception):
            continue
        try:
            so_far.append(_compile_request(one, replace(setup, lines=lines[one.place, one.shots])))
            _require_one_plane(so_far, setup.limits)
        except Exception as error:  # noqa: BLE001  isolates the targets of one call
            found[one.target] = error
    return found


def _compile_request(request: CompilationRequest, setup: Setup) -> CompiledEntry:
    played = request.request.on_grid(setup.limits, request.target)
    return CompiledEntry(request.target, request.place, played, played.compiled(request.target, setup))


def _require_one_plane(asked: Sequence[CompiledEntry], limits: Limits) -> None:
    """Reject programs that read one qubit at several frequencies if the IQ plane rotates between calls."""
    if limits.frequencies_change or not limits.plane_turns:
        return
    readouts = [
        (one, readout) for one in asked for program in one.compiled.programs for readout in program.readouts
    ]
    found: dict[str, float] = {}
    for one, readout in readouts:
        if found.setdefault(readout.qid, readout.frequency_ghz) != readout.frequency_ghz:
            raise InvalidInputError(
                f"{one.target}: {type(one.request).__name__} reads qubit {readout.qid} at several frequencies: this laboratory needs a call for each, and its IQ plane rotates between calls, so their points have no common axis"
            )
