"""Checks of programs against the limits of the instruments: grids, line ranges, overlaps."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import is_within
from qdash_tasks.laboratory.program import Program

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Play, Readout
    from qdash_tasks.laboratory.shots import Shots

_SLACK = 1e-6
_SLACK_NS = 1e-6


def require_call(programs: Sequence[Program], shots: Shots, limits: Limits) -> None:
    """Raise `InvalidInputError` if these programs and shots are impossible in one call."""
    most = limits.most_programs(shots.keep)
    if most is not None and len(programs) > most:
        raise InvalidInputError(f"{len(programs)} programs in one call: this laboratory takes at most {most}")
    if shots.keep not in limits.keeps:
        raise InvalidInputError(
            f"keep {shots.keep!r}: this laboratory keeps {', '.join(sorted(limits.keeps))}"
        )
    if shots.reset not in limits.resets:
        raise InvalidInputError(
            f"reset {shots.reset!r}: this laboratory has {', '.join(sorted(limits.resets))}"
        )
    if limits.shots_a_call is not None and shots.count > limits.shots_a_call:
        raise InvalidInputError(
            f"{shots.count} shots in one call: this laboratory takes at most {limits.shots_a_call}"
        )
    if shots.reset == "passive" and shots.interval_us < limits.shortest_interval_us:
        raise InvalidInputError(
            f"a shot interval of {shots.interval_us:g}\N{NO-BREAK SPACE}µs: this laboratory takes at least "
            f"{limits.shortest_interval_us:g}\N{NO-BREAK SPACE}µs"
        )
    if not limits.frequencies_change:
        _require_one_frequency(programs)


def find_unplayable(program: Program, limits: Limits, chip: ChipTruth) -> dict[str, str]:
    """Return the qubits whose part of a program cannot be played without rounding, with the reasons.

    Raises `InvalidInputError` if the program has no readout or names an unknown qubit.
    """
    if not program.readouts:
        raise InvalidInputError("the program has no readout")
    for name in (*(play.line for play in program.plays), *(one.qid for one in program.readouts)):
        if name not in chip.qubits:
            raise InvalidInputError(f"the chip has no qubit or line {name!r}")
    found: dict[str, str] = {}
    by_line: dict[str, list[Play]] = {}
    sound: set[tuple[object, ...]] = set()
    for play in program.plays:
        by_line.setdefault(play.line, []).append(play)
        # Pulses that differ only in start and phase are checked once, except for the start.
        alike = play.line, play.toward, id(play.waveform), play.amplitude, play.frequency_ghz
        if alike in sound and _is_on_grid(play.start_ns, limits.line(play.line).start_ns):
            continue
        # A tone toward a coupled qubit affects both.
        both = (play.line, *(one for one in chip.neighbours[play.line] if one == play.toward))
        with _note_refusals(found, *both):
            _require_play(play, limits, chip)
            sound.add(alike)
    for line, plays in by_line.items():
        with _note_refusals(found, line):
            _require_gaps(plays, limits)
    for qid in {readout.qid for readout in program.readouts}:
        with _note_refusals(found, qid):
            mine = [one for one in program.readouts if one.qid == qid]
            _require_readouts(mine, limits)
            for readout in mine:
                program.require_guard(readout, limits.readout.guard_ns)
    return found


def remove_qubits(program: Program, qids: Collection[str]) -> Program:
    """Return a program without the lines and readouts of some qubits."""
    return Program(
        tuple(play for play in program.plays if not {play.line, play.toward} & set(qids)),
        tuple(readout for readout in program.readouts if readout.qid not in qids),
    )


@contextmanager
def _note_refusals(found: dict[str, str], *qids: str) -> Iterator[None]:
    """Record the first rejection of each qubit."""
    try:
        yield
    except InvalidInputError as reason:
        for qid in qids:
            found.setdefault(qid, str(reason))


def _require_one_frequency(programs: Sequence[Program]) -> None:
    """Reject programs that use a generator at different frequencies."""
    found: dict[tuple[str, ...], float] = {}
    for program in programs:
        played = [((one.line, one.toward or "", one.transition), one.frequency_ghz) for one in program.plays]
        read = [((one.qid,), one.frequency_ghz) for one in program.readouts]
        for generator, frequency_ghz in (*played, *read):
            first_ghz = found.setdefault(generator, frequency_ghz)
            if frequency_ghz != first_ghz:
                raise InvalidInputError(
                    f"{first_ghz:.6g} and {frequency_ghz:.6g} GHz of one generator of {generator[0]} in one call"
                )


def _require_play(play: Play, limits: Limits, chip: ChipTruth) -> None:
    where = f"a pulse on line {play.line} at {play.start_ns:g} ns"
    if play.toward is not None and play.toward not in chip.neighbours[play.line]:
        raise InvalidInputError(f"{where}: no generator toward {play.toward}, which is not coupled to it")
    line, length_ns = limits.line(play.line), play.waveform.length_ns
    _require_on_grid(where, "start", play.start_ns, line.start_ns)
    _require_on_grid(where, "length", length_ns, line.start_ns)
    if not line.shortest_ns - _SLACK_NS <= length_ns <= line.longest_pulse_ns + _SLACK_NS or length_ns <= 0:
        raise InvalidInputError(
            f"{where}: a length of {length_ns:g} ns: the line plays pulses of {line.shortest_ns:g} to "
            f"{line.longest_pulse_ns:g} ns"
        )
    if abs(play.amplitude) > line.largest_amplitude * (1 + _SLACK):
        raise InvalidInputError(
            f"{where}: an amplitude of {play.amplitude:.4g}: the line plays at most {line.largest_amplitude:g}"
        )
    if line.amplitude_step:
        steps = play.amplitude / line.amplitude_step
        if abs(steps - round(steps)) > _SLACK:
            raise InvalidInputError(
                f"{where}: an amplitude of {play.amplitude!r} is not a multiple of {line.amplitude_step:g}"
            )
    _require_within(where, play.frequency_ghz, line.frequencies_ghz)


def _require_readouts(readouts: Sequence[Readout], limits: Limits) -> None:
    """Reject readouts of one qubit that are impossible, too many, or overlapping."""
    qid, most = readouts[0].qid, limits.readout.readouts_a_program
    if most is not None and len(readouts) > most:
        raise InvalidInputError(
            f"{len(readouts)} readouts of qubit {qid} in one program: this laboratory takes at most {most}"
        )
    for readout in readouts:
        where = f"a readout of {qid} at {readout.start_ns:g} ns"
        if readout.length_ns <= 0 or readout.amplitude < 0:
            raise InvalidInputError(f"{where}: the length must be positive and the amplitude not negative")
        _require_on_grid(where, "start", readout.start_ns, limits.readout.start_ns)
        _require_within(where, readout.frequency_ghz, limits.readout.frequencies_ghz)
    for one, other in pairwise(readouts):
        if other.start_ns < one.end_ns - _SLACK_NS:
            raise InvalidInputError(
                f"readouts of qubit {qid} overlap, or are not in time order, at {other.start_ns:g} ns"
            )


def _require_gaps(plays: Sequence[Play], limits: Limits) -> None:
    """Reject overlapping pulses of one generator of a line, and gaps between them that are too short."""
    by_generator: dict[tuple[str | None, str], list[Play]] = {}
    for play in plays:
        by_generator.setdefault((play.toward, play.transition), []).append(play)
    shortest_ns = limits.line(plays[0].line).shortest_gap_ns
    for mine in by_generator.values():
        for one, other in pairwise(sorted(mine, key=attrgetter("start_ns"))):
            gap_ns = other.start_ns - one.end_ns
            if gap_ns < -_SLACK_NS or _SLACK_NS < gap_ns < shortest_ns - _SLACK_NS:
                raise InvalidInputError(
                    f"pulses on line {one.line} at {one.start_ns:g} and {other.start_ns:g} ns: a gap of {gap_ns:g} ns, "
                    f"which is neither 0 nor at least {shortest_ns:g} ns"
                )


def _is_on_grid(time_ns: float, grid_ns: float) -> bool:
    steps = time_ns / grid_ns
    return time_ns >= 0 and abs(steps - round(steps)) <= _SLACK


def _require_on_grid(where: str, what: str, time_ns: float, grid_ns: float) -> None:
    if not _is_on_grid(time_ns, grid_ns):
        raise InvalidInputError(f"{where}: a {what} of {time_ns!r} ns is not on the grid of {grid_ns:g} ns")


def _require_within(where: str, frequency_ghz: float, ranges_ghz: tuple[tuple[float, float], ...]) -> None:
    if not is_within(ranges_ghz, frequency_ghz):
        possible = ", ".join(f"{low:g} to {high:g}" for low, high in ranges_ghz)
        raise InvalidInputError(
            f"{where}: a frequency of {frequency_ghz:.6g} GHz: the line plays {possible} GHz"
        )
