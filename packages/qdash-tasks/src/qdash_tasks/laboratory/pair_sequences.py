"""Building blocks of two-qubit programs: prepared states, basis rotations, layers of Cliffords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.cliffords.one_qubit import AFTER, BEFORE, PULSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.cliffords import PairSequences
    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import ZX90, Pulse
    from qdash_tasks.laboratory.timeline import Timeline


def prepare_states(line: Timeline, control: str, target: str, states: tuple[int, int]) -> Timeline:
    """Prepare each qubit by X180 or an equal wait, so that the readout starts at the same time for all states."""
    for qid, state in zip((control, target), states, strict=True):
        x180 = line.settings[qid].x180
        if state:
            line.pulse(qid, x180)
        else:
            line.idle(qid, x180)
    line.align(control, target)
    return line


def rotate_for_reading(line: Timeline, qid: str, component: str) -> None:
    """Rotate X, Y or Z of a qubit onto the readout axis: +1 is read as |0>."""
    if component != "Z":
        line.pulse(qid, line.settings[qid].x90, phase_rad=-np.pi / 2 if component == "X" else 0.0)


def compile_sequences(
    drawn: PairSequences, at: Setup, control: str, target: str, gate: ZX90
) -> tuple[Program, ...]:
    """Return the programs of random two-qubit Clifford sequences: layers of the cores with gates, then the final layer."""
    programs = []
    x90 = {qid: at.settings[qid].x90 for qid in (control, target)}
    for steps in drawn.programs():
        line = at.timeline()
        for step in steps:
            if step is None:
                line.gate(control, target, gate)
            else:
                _play_layer(line, x90, step)
        programs.append(line.read(control, target))
    return tuple(programs)


def _play_layer(line: Timeline, x90: Mapping[str, Pulse], layer: tuple[int, int]) -> None:
    """Play a pair of one-qubit Cliffords, of the X90 of each qubit, at the same time; the shorter one waits."""
    for (qid, pulse), clifford in zip(x90.items(), layer, strict=True):
        line.turn(qid, np.pi / 2 * int(BEFORE[clifford]))
        for _ in range(int(PULSES[clifford])):
            line.pulse(qid, pulse)
        line.turn(qid, np.pi / 2 * int(AFTER[clifford]))
    line.align(*x90)
