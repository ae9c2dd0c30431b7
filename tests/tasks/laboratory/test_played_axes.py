"""Axes of answers: for every request and any limits, the axis of a trace matches its pulse programs."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import (
    PAIR_REQUESTS,
    ConditionalRamsey,
    CrossResonance,
    DetunedConditionalRamsey,
    GateTrain,
    JointShots,
    LaterCrossResonance,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
from qdash_tasks.laboratory.requests import (
    QUBIT_REQUESTS,
    Chevron,
    DetunedRamsey,
    DragScan,
    Echo,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    RandomSequences,
    ReadoutScan,
    Relaxation,
    SimultaneousSequences,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import Trace

from . import player
from .player import Player

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.request import Request

SHOTS = Shots(count=10)
TONE = CrossResonanceTone(0.3, rotary_amplitude=0.05)
DETUNING_MHZ = 5.0


# --- what a program plays ----------------------------------------------------------------------------------------------


def plays_of(program: Program, line: str, *, toward: str | None = None) -> list[Play]:
    """Return the plays of one generator, in order of time."""
    found = [play for play in program.plays if (play.line, play.toward) == (line, toward)]
    return sorted(found, key=lambda play: play.start_ns)


def gaps_ns(program: Program, line: str) -> list[float]:
    """Return the times between the pulses on a line."""
    return [after.start_ns - before.end_ns for before, after in pairwise(plays_of(program, line))]


def read_ns(program: Program, qid: str) -> float:
    """Return the start of the readout of a qubit."""
    return next(one.start_ns for one in program.readouts if one.qid == qid)


def length_ns(program: Program, line: str, toward: str | None = None) -> float:
    """Return the length of a pulse, which may be played in adjacent parts."""
    plays = plays_of(program, line, toward=toward)
    assert [after.start_ns - before.end_ns for before, after in pairwise(plays)] == pytest.approx(
        [0.0] * (len(plays) - 1), abs=1e-6
    )
    return sum(play.waveform.length_ns for play in plays)


def fringe_us(program: Program, line: str) -> float:
    """Return the delay of a Ramsey sequence, whose artificial detuning belongs to the same delay."""
    (gap_ns,) = gaps_ns(program, line)
    first, second = plays_of(program, line)
    assert second.phase_rad - first.phase_rad == pytest.approx(2e-3 * np.pi * DETUNING_MHZ * gap_ns)
    return 1e-3 * gap_ns


def echo_us(program: Program) -> float:
    """Return the total delay of an echo, with two equal halves."""
    first_ns, second_ns = gaps_ns(program, "0")
    assert first_ns == pytest.approx(second_ns, abs=1e-6)
    return 1e-3 * (first_ns + second_ns)


PLAYED: dict[type[Request], Callable[[Program], float]] = {
    Relaxation: lambda one: 1e-3 * (read_ns(one, "0") - plays_of(one, "0")[-1].end_ns),
    Ramsey: lambda one: fringe_us(one, "0"),
    DetunedRamsey: lambda one: fringe_us(one, "0"),
    Echo: echo_us,
    Rabi: lambda one: length_ns(one, "0"),
    Chevron: lambda one: length_ns(one, "0"),
    RabiAmplitude: lambda one: plays_of(one, "0")[0].amplitude,
    QubitScan: lambda one: plays_of(one, "0")[0].frequency_ghz,
    ReadoutScan: lambda one: one.readouts[0].frequency_ghz,
    PulseTrain: lambda one: len(plays_of(one, "0")),
    DragScan: lambda one: plays_of(one, "0")[0].waveform.beta_ns,
    CrossResonance: lambda one: length_ns(one, "0", "1"),
    LaterCrossResonance: lambda one: length_ns(one, "0", "1"),
    ConditionalRamsey: lambda one: fringe_us(one, "1"),
    DetunedConditionalRamsey: lambda one: fringe_us(one, "1"),
    GateTrain: lambda one: len(plays_of(one, "0", toward="1")) / 2,
}
"""Value of a request's axis, from one of its programs."""
WITHOUT_A_PLAYED_AXIS = {
    SingleShots,
    JointShots,
    ReadoutReferences,
    RandomSequences,
    SimultaneousSequences,
    RandomPairSequences,
}
"""Requests without a sweep, or with the number of Cliffords, which have no fixed number of pulses."""


# --- limits and requests -----------------------------------------------------------------------------------------------

GRIDS_NS = st.sampled_from([0.4, 1.0, 2.0, 3.0, 4.0, 8.0])
TIMES_NS = st.lists(st.sampled_from([0.0, 1.0, 20.0]) | st.floats(0.0, 400.0), min_size=1, max_size=4)


def limits_of(
    line: LineLimits, *, readout_ns: float, guard_ns: float = 0.0, other: LineLimits | None = None
) -> Limits:
    """Return limits of three lines, with those of qubit 1 given separately."""
    return Limits(
        usual_line=line,
        lines={"1": line if other is None else other},
        readout=ReadoutLimits(start_ns=readout_ns, guard_ns=guard_ns),
        covariances=True,
    )


LINES = st.builds(
    LineLimits,
    start_ns=GRIDS_NS,
    shortest_ns=st.sampled_from([0.0, 16.0]),
    shortest_gap_ns=st.sampled_from([0.0, 16.0]),
    longest_pulse_ns=st.sampled_from([512.0, np.inf]),
    amplitude_step=st.sampled_from([0.0, 2**-6]),
)
LIMITS = st.builds(
    limits_of,
    LINES,
    other=st.none() | LINES,
    readout_ns=st.sampled_from([0.8, 1.0, 2.0, 8.0, 128.0]),
    guard_ns=st.sampled_from([0.0, 16.0, 128.0]) | st.floats(0.0, 200.0),
)


def requests_of(times_ns: Sequence[float], laboratory: Player) -> list[Request]:
    """Return a request of every kind with a played axis."""
    times, limits, in_use = np.array(times_ns), laboratory.limits, laboratory.settings["0"]
    gate = ZX90(TONE, limits.pulse_on_grid(100.0, "0", "1"))
    return [
        Relaxation(1e-3 * times),
        Ramsey(1e-3 * times, DETUNING_MHZ),
        DetunedRamsey(1e-3 * times, DETUNING_MHZ, 5.001),
        Echo(1e-3 * times),
        Rabi(times),
        Chevron(times, np.array([4.99, 5.0])),
        RabiAmplitude(1e-3 * times, 41.0),
        QubitScan(5.0 + 1e-3 * times, 0.01),
        ReadoutScan(7.0 + 1e-3 * times, state=1),
        PulseTrain(np.round(times / 40), in_use.x90),
        DragScan(1e-2 * times - 1.0, in_use.x180, pairs=2),
        CrossResonance("0", "1", times, TONE),
        LaterCrossResonance("0", "1", times, TONE, wait_ns=50.0),
        ConditionalRamsey("0", "1", 1e-3 * times, 1, DETUNING_MHZ),
        DetunedConditionalRamsey("0", "1", 1e-3 * times, 0, DETUNING_MHZ, 5.001),
        GateTrain("0", "1", np.round(times / 100), gate, control_state=1),
    ]


def played(laboratory: Player, request: Request) -> tuple[Trace, list[Program]]:
    """Measure a request beside a pulse on qubit 2; return its trace and the programs, which the player has
    checked.
    """
    target = "0-1" if type(request) in PAIR_REQUESTS else "0"
    beside = Rabi(np.full(request.points, 33.0))
    found = measure_targets(laboratory, {target: [request], "2": [beside]}, SHOTS)[target]
    if isinstance(found, Exception):
        raise found
    assert isinstance(found[0], Trace)
    return found[0], laboratory.calls[-1][0]


def test_every_request_that_is_swept_has_its_axis_measured() -> None:
    assert PLAYED.keys() | WITHOUT_A_PLAYED_AXIS == QUBIT_REQUESTS | PAIR_REQUESTS


@settings(max_examples=settings().max_examples // 12)
@example([0.0], limits_of(LineLimits(start_ns=2.0), readout_ns=8.0, guard_ns=128.0), 40.0)
@example([200.0], limits_of(LineLimits(start_ns=2.0), readout_ns=8.0, guard_ns=128.0), 40.0)
@example([0.0], limits_of(LineLimits(start_ns=3.0), readout_ns=2.0), 39.0)
@example([0.0], limits_of(LineLimits(shortest_gap_ns=16.0), readout_ns=0.8, guard_ns=1.0), 40.0)
@given(TIMES_NS, LIMITS, st.floats(30.0, 50.0))
def test_the_axis_of_an_answer_is_what_was_played(
    times_ns: list[float], limits: Limits, pulse_ns: float
) -> None:
    pulses = player.resonant(pi_length_ns=pulse_ns, hpi_length_ns=pulse_ns)
    laboratory = Player(limits, qubits=dict.fromkeys("012", pulses))
    for request in requests_of(times_ns, laboratory):
        trace, programs = played(laboratory, request)
        axis = [PLAYED[type(request)](one) for one in programs]
        rows = len(programs) // trace.x.size
        assert axis == pytest.approx(np.tile(trace.x, rows), abs=1e-8), type(request).__name__
        if request.axis[1] in ("us", "ns") and not request.signed:
            assert (trace.x > request.x - 1e-5).all(), f"{type(request).__name__} is shorter than requested"
