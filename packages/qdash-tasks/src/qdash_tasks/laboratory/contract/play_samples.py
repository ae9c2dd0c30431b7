"""Sample programs for the contract of `play`: off the grid, read twice, longer readout, equal pulse area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.grids import round_up
from qdash_tasks.laboratory.program import Program, Waveform
from qdash_tasks.laboratory.recipes.populations import make_timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory

_OFF_GRID = 0.4
"""Offset in units of a grid step."""


def make_off_grid_programs(laboratory: PulseLaboratory, qid: str) -> Iterator[tuple[str, Program]]:
    """Yield programs with pulses or readouts off the grid or within the readout's guard time, after the name of the fault."""
    made = make_timeline(laboratory)
    made.wait(qid, 10 * laboratory.limits.line(qid).start_ns)
    made.pulse(qid, laboratory.settings[qid].x180)
    program = made.read(qid)
    (play,), (readout,) = program.plays, program.readouts
    off_ns = _OFF_GRID * laboratory.limits.line(qid).start_ns
    early = replace(play, start_ns=play.start_ns - off_ns)
    yield f"a pulse at {early.start_ns:g}\N{NO-BREAK SPACE}ns", replace(program, plays=(early,))
    short = replace(play.waveform, length_ns=play.waveform.length_ns - off_ns)
    yield (
        f"a pulse of {short.length_ns:g}\N{NO-BREAK SPACE}ns",
        replace(program, plays=(replace(play, waveform=short),)),
    )
    late_ns = readout.start_ns + _OFF_GRID * laboratory.limits.readout.start_ns
    yield (
        f"a readout at {late_ns:g}\N{NO-BREAK SPACE}ns",
        replace(program, readouts=(replace(readout, start_ns=late_ns),)),
    )
    early_ns = readout.start_ns - laboratory.limits.readout.start_ns
    if early_ns < play.end_ns + laboratory.limits.readout.guard_ns and laboratory.limits.readout.guard_ns:
        what = f"a readout {early_ns - play.end_ns:g}\N{NO-BREAK SPACE}ns after a pulse"
        yield what, replace(program, readouts=(replace(readout, start_ns=early_ns),))


def read_before_and_after(laboratory: PulseLaboratory, qid: str) -> Program:
    """Return a readout, X180, and another readout."""
    made, settings = make_timeline(laboratory), laboratory.settings[qid]
    (first,) = made.read(qid).readouts
    made.wait(qid, first.end_ns)
    made.pulse(qid, settings.x180)
    after = made.read(qid)
    return Program(after.plays, (first, *after.readouts))


def make_longer_readouts(laboratory: PulseLaboratory, qid: str) -> list[Program]:
    """Return a readout of the length in use, and one of twice that."""
    usual = make_timeline(laboratory).read(qid)
    (readout,) = usual.readouts
    return [usual, replace(usual, readouts=(replace(readout, length_ns=2 * readout.length_ns),))]


def make_equal_area_pulses(laboratory: PulseLaboratory, qid: str) -> list[tuple[str, Program, str, Program]]:
    """Return pairs of pulse sequences with their names; both of a pair have equal amplitude times length."""
    pulse = laboratory.settings[qid].plain_x90
    line = laboratory.limits.line(qid)
    half_ns = round_up(max(pulse.length_ns / 2, line.shortest_ns), line.start_ns)
    x90 = Waveform("cosine", pulse.length_ns), pulse.amplitude
    x180 = Waveform("cosine", pulse.length_ns), 2 * pulse.amplitude
    longer = Waveform("cosine", 2 * pulse.length_ns), pulse.amplitude / 2
    rectangle = Waveform("square", half_ns), pulse.amplitude * pulse.length_ns / (2 * half_ns)

    def played(*pulses: tuple[Waveform, float]) -> Program:
        made = make_timeline(laboratory)
        for waveform, amplitude in pulses:
            made.play(qid, waveform, amplitude)
        return made.read(qid)

    return [
        ("a pulse of half the amplitude of X90", played(longer), "X90", played(x90)),
        ("a rectangle", played(rectangle), "X90", played(x90)),
        ("X90 of twice the amplitude", played(x180), "X90 X90", played(x90, x90)),
    ]
