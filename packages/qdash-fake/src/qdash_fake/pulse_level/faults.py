"""Faults of instruments that play a program: a delay of the whole program, mirrored envelopes or phases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.program import Program, Signs

if TYPE_CHECKING:
    from qdash_fake.options import TwinOptions
    from qdash_tasks.laboratory.program import Play


def make_signs(options: TwinOptions) -> Signs:
    """Return the sign conventions of a twin's generators."""
    return Signs(envelope=-1 if options.envelope_mirrored else 1, phase=-1 if options.phase_mirrored else 1)


def apply_faults(program: Program, options: TwinOptions) -> Program:
    """Return a program as it reaches the chip; a delay does not change the phases of the generators."""
    signs = make_signs(options)
    if not options.left_pad and signs == Signs():
        return program
    pad_ns = options.left_pad
    return Program(
        tuple(_apply_to_play(play, signs, pad_ns) for play in program.plays),
        tuple(replace(readout, start_ns=readout.start_ns + pad_ns) for readout in program.readouts),
    )


def _apply_to_play(play: Play, signs: Signs, pad_ns: float) -> Play:
    return replace(
        play,
        start_ns=play.start_ns + pad_ns,
        waveform=play.waveform if signs.envelope == 1 else play.waveform.mirrored(),
        phase_rad=signs.phase * play.phase_rad,
    )
