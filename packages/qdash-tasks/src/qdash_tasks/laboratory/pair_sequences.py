"""What the programs of two coupled qubits are made of: commanded states, turns for reading, layers of Cliffords."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.cliffords import AFTER, BEFORE, COUNT, PULSES
from qdash_tasks.laboratory.two_qubit_cliffords import core_layers

if TYPE_CHECKING:
    from qdash_tasks.laboratory.compiling import Setup
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.timeline import Timeline
    from qdash_tasks.laboratory.two_qubit_cliffords import PairSequences


def commanded(line: Timeline, control: str, target: str, states: tuple[int, int]) -> Timeline:
    """Play X180 where a state is 1, both qubits at the same time, and return the timeline."""
    for qid, state in zip((control, target), states, strict=True):
        if state:
            line.pulse(qid, line.settings[qid].x180)
    line.align(control, target)
    return line


def turned_for_reading(line: Timeline, qid: str, component: str) -> None:
    """Turn X, Y or Z of a qubit to where the readout sees it: +1 is read as |0>."""
    if component != "Z":
        line.pulse(qid, line.settings[qid].x90, phase_rad=-np.pi / 2 if component == "X" else 0.0)


def drawn_programs(
    drawn: PairSequences, at: Setup, control: str, target: str, gate: ZX90
) -> tuple[Program, ...]:
    """Return random sequences of two-qubit Cliffords: of each the layers of its core with a gate after each, then its layer."""
    programs = []
    for end, count in zip(np.cumsum(drawn.counts).tolist(), drawn.counts.tolist(), strict=True):
        line, cliffords = at.timeline(), slice(end - count, end)
        cores, layers = core_layers()[drawn.cores[cliffords]].tolist(), drawn.layers[cliffords].tolist()
        for place, (core, layer) in enumerate(zip(cores, layers, strict=True)):
            for before in core:
                if before >= 0:
                    _play_layer(line, control, target, before)
                    line.gate(control, target, gate)
            _play_layer(line, control, target, layer)
            if drawn.interleaved and place < count - 1:
                line.gate(control, target, gate)
        programs.append(line.read(control, target))
    return tuple(programs)


def _play_layer(line: Timeline, control: str, target: str, layer: int) -> None:
    """Play a pair of one-qubit Cliffords at the same time; who is done waits."""
    for qid, clifford in zip((control, target), divmod(layer, COUNT), strict=True):
        line.turn(qid, np.pi / 2 * int(BEFORE[clifford]))
        for _ in range(int(PULSES[clifford])):
            line.pulse(qid, line.settings[qid].x90)
        line.turn(qid, np.pi / 2 * int(AFTER[clifford]))
    line.align(control, target)
