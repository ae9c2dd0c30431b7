"""Requests compiled to pulse programs: right results on an exact qubit, on any grid, and axes as played."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.contract.samples import make_samples
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import (
    PAIR_REQUESTS,
    CrossResonance,
    DetunedConditionalRamsey,
    GateTrain,
    JointShots,
    LaterCrossResonance,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Pulse
from qdash_tasks.laboratory.requests import (
    QUBIT_REQUESTS,
    Chevron,
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
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from ...case_tables import each_case
from . import player
from .ideal_pairs import populations
from .player import DRIVE_GHZ, ONE, QUBIT_GHZ, T1_US, T2_US, ZERO, Player

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.request import Request

    Floats = NDArray[np.float64]

SHOTS = Shots(count=10)
TONE = CrossResonanceTone(0.3)
GATE = ZX90(TONE, 100.0)


def on_grid(
    grid_ns: float, *, readout_ns: float | None = None, guard_ns: float = 0.0, **line: float
) -> Limits:
    """Return limits of lines with coarse grids."""
    return Limits(
        usual_line=LineLimits(start_ns=grid_ns, **line),
        readout=ReadoutLimits(start_ns=grid_ns if readout_ns is None else readout_ns, guard_ns=guard_ns),
        covariances=True,
    )


HARD = [on_grid(grid_ns, shortest_gap_ns=16.0, shortest_ns=16.0) for grid_ns in (2.0, 4.0, 8.0)]
HARD += [
    on_grid(4.0, readout_ns=8.0, shortest_gap_ns=16.0),
    on_grid(0.4, readout_ns=0.8),
    on_grid(8.0, readout_ns=1.0),
    on_grid(2.0, readout_ns=8.0, guard_ns=128.0),
]
EASY = on_grid(1.0)


def answered(laboratory: Player, request: Request, target: str = "0") -> Answer:
    """Return the answer to one request."""
    found = measure_targets(laboratory, {target: [request]}, SHOTS)[target]
    if isinstance(found, Exception):
        raise found
    return found[0]


def excited(laboratory: Player, request: Request) -> Floats:
    """Return the excited population at each point."""
    return np.real((answered(laboratory, request).iq - ZERO) / (ONE - ZERO))


def played(laboratory: Player, request: Request, target: str = "0") -> tuple[Trace, list[Program]]:
    """Return the trace that answers a request, and the played programs."""
    trace = answered(laboratory, request, target)
    assert isinstance(trace, Trace)
    return trace, laboratory.calls[-1][0]


def resonant(limits: Limits = EASY, **changes: float) -> Player:
    """Return a player of qubits driven on resonance."""
    return Player(limits, qubits=dict.fromkeys("012", player.resonant(**changes)))


def gaps_ns(program: Program, line: str = "0") -> list[float]:
    """Return the times between the pulses on a line."""
    plays = sorted((play for play in program.plays if play.line == line), key=lambda play: play.start_ns)
    return [after.start_ns - before.end_ns for before, after in pairwise(plays)]


@pytest.mark.parametrize(
    "limits", [EASY, *(pytest.param(one, marks=pytest.mark.slow) for one in HARD[:-2]), *HARD[-2:]]
)
@pytest.mark.parametrize("target", ["0", "0-1"])
def test_every_request_is_played_on_every_grid(limits: Limits, target: str) -> None:
    # The player refuses what is off its grids.
    laboratory = Player(limits)
    asked = make_samples(laboratory, target)
    assert {type(one) for one in asked} == (QUBIT_REQUESTS if target == "0" else PAIR_REQUESTS)
    found = measure_targets(laboratory, {target: asked}, SHOTS)[target]
    assert not isinstance(found, Exception), found
    for request, answer in zip(asked, found, strict=True):
        again = request.on_grid(limits, target)
        if isinstance(answer, Trace):
            np.testing.assert_array_equal(answer.x, again.x)
            np.testing.assert_array_equal(again.on_grid(limits, target).x, again.x)


def test_the_answer_says_which_amplitudes_were_played() -> None:
    laboratory = resonant(on_grid(4.0, amplitude_step=2**-6))
    trace, programs = played(laboratory, RabiAmplitude(np.linspace(0, 0.3, 8), 41.0))
    assert [one.plays[0].amplitude for one in programs] == pytest.approx(trace.x)
    assert {one.plays[0].waveform.length_ns for one in programs} == {44.0}
    assert np.unique(trace.x * 2**6 % 1).tolist() == [0.0]


@pytest.mark.parametrize("limits", [EASY, HARD[2]])
def test_a_fast_fringe_on_a_coarse_grid_has_no_bias(limits: Limits) -> None:
    # 12.5 MHz have ten points per period at 8 ns; the requested delays are off every grid.
    laboratory = Player(limits)
    trace, _ = played(laboratory, Ramsey(np.linspace(0.0163, 0.7, 73), 12.5))
    (found_mhz, *_), _ = curve_fit(
        lambda x, f, a, b, c: a * np.cos(2 * np.pi * f * x) + b * np.sin(2 * np.pi * f * x) + c,
        trace.x,
        np.real((trace.iq - ZERO) / (ONE - ZERO)),
        p0=(13.4, 0.4, 0.0, 0.5),
    )
    assert abs(found_mhz - (12.5 + 1e3 * (QUBIT_GHZ - DRIVE_GHZ))) < 2e-3


def test_an_artificial_detuning_adds_to_the_real_one() -> None:
    delays_us = np.linspace(0.0, 2.0, 41)
    still = excited(Player(), Ramsey(delays_us, 1e3 * (DRIVE_GHZ - QUBIT_GHZ)))
    assert np.ptp(still / np.exp(-delays_us / T2_US) - 0.5) < 0.2
    twice = excited(Player(), Ramsey(delays_us, 1e3 * (QUBIT_GHZ - DRIVE_GHZ)))
    assert np.argmax(np.abs(np.fft.rfft(twice - twice.mean()))) == 4


def test_delays_show_relaxation_and_dephasing() -> None:
    x = np.linspace(0.0, 40.0, 9)
    assert excited(resonant(), Relaxation(x)) == pytest.approx(np.exp(-x / T1_US))
    assert excited(resonant(), Echo(x)) == pytest.approx((1 - np.exp(-x / T2_US)) / 2)
    fringe = np.cos(2 * np.pi * 0.3 * x) * np.exp(-x / T2_US)
    assert excited(resonant(), Ramsey(x, 0.3)) == pytest.approx((1 + fringe) / 2)


def test_an_echo_undoes_a_detuning() -> None:
    x = np.linspace(0.0, 2.0, 21)
    assert np.ptp(excited(Player(), Echo(x)) - (1 - np.exp(-x / T2_US)) / 2) < 0.02


def test_single_pulses_turn_by_amplitude_and_length() -> None:
    lengths_ns, in_use = np.array([0.0, 20.0, 40.0, 80.0]), np.array([0.0, 0.5, 1.0, 0.0])
    assert excited(resonant(), Rabi(lengths_ns)) == pytest.approx(in_use, abs=1e-9)
    assert excited(resonant(), Rabi(lengths_ns, amplitude=0.05))[2] == pytest.approx(0.5)
    amplitudes = np.array([0.0, 0.1, 0.2])
    assert excited(resonant(), RabiAmplitude(amplitudes, 40.0)) == pytest.approx([0.0, 1.0, 0.0], abs=1e-9)
    chevron = excited(resonant(), Chevron(lengths_ns, np.array([4.9875, 5.0])))
    assert chevron[1] == pytest.approx(in_use, abs=1e-9)
    assert chevron[0].max() < 0.5 + 1e-9


def test_trains_turn_pulse_by_pulse() -> None:
    x90, counts = resonant().settings["0"].x90, np.arange(5.0)
    assert excited(resonant(), PulseTrain(counts, x90)) == pytest.approx([0, 0.5, 1, 0.5, 0], abs=1e-9)
    after = excited(resonant(), PulseTrain(counts, x90, start="superposition"))
    assert after == pytest.approx([0.5, 1, 0.5, 0, 0.5], abs=1e-9)


def test_a_pulse_and_its_opposite_cancel_at_one_coefficient() -> None:
    # With two levels it is zero on resonance; a drive 1 MHz too low needs a correction of known sign.
    betas_ns = np.linspace(-2, 2, 9)
    found = excited(resonant(), DragScan(betas_ns, Pulse(0.2, 40.0), 4))
    assert np.argmin(found) == 4
    assert found[4] < 1e-9
    assert found[::-1] == pytest.approx(found)


def test_spectroscopy_plays_a_long_square_at_each_frequency() -> None:
    laboratory = resonant(on_grid(4.0, longest_pulse_ns=1000.0))
    trace, programs = played(laboratory, QubitScan(np.array([4.95, 5.0]), 0.01))
    assert trace.x.tolist() == [4.95, 5.0]
    for frequency_ghz, program in zip(trace.x, programs, strict=True):
        assert {play.frequency_ghz for play in program.plays} == {frequency_ghz}
        assert [gap for gap in gaps_ns(program) if gap] == []
        assert sum(play.waveform.length_ns for play in program.plays) == 200_000.0


def test_a_shaped_pulse_that_is_too_long_for_the_line_is_refused() -> None:
    laboratory = resonant(on_grid(4.0, longest_pulse_ns=32.0))
    with pytest.raises(
        InvalidInputError,
        match="40\N{NO-BREAK SPACE}ns on the line of qubit 0: it plays at most 32\N{NO-BREAK SPACE}ns",
    ):
        answered(laboratory, SingleShots(1))


def test_a_pulse_in_use_that_is_too_strong_for_the_line_is_refused() -> None:
    laboratory = resonant(on_grid(1.0, largest_amplitude=0.15))
    with pytest.raises(InvalidInputError, match=r"0\.2 on the line of qubit 0: it plays at most 0\.15"):
        answered(laboratory, SingleShots(1))


@each_case(
    ("asked", "target"),
    [
        (PulseTrain(np.array([1.0]), Pulse(0.2, 40.0)), "0"),
        (DragScan(np.array([0.0]), Pulse(0.2, 40.0), pairs=1), "0"),
        (GateTrain("0", "1", np.array([1.0]), ZX90(TONE, 104.0), control_state=0), "0-1"),
        (JointShots("0", "1", prepare="bell", gate=ZX90(TONE, 104.0)), "0-1"),
        (RandomPairSequences("0", "1", np.array([1.0]), gate=ZX90(TONE, 104.0)), "0-1"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_shaped_pulse_off_the_grid_is_refused_and_not_stretched(asked: Request, target: str) -> None:
    limits = Limits(
        usual_line=LineLimits(start_ns=8.0), lines={"0": LineLimits(start_ns=16.0)}, covariances=True
    )
    with pytest.raises(InvalidInputError, match=r"qubit 0.*: the next playable length is (48|112)\xa0ns"):
        answered(resonant(limits), asked, target)


@given(
    start_ns=st.sampled_from([0.4, 1.0, 3.0, 4.0, 16.0]),
    shortest_ns=st.floats(0.0, 40.0),
    more_ns=st.floats(0.0, 100.0),
    length_ns=st.floats(0.1, 2000.0),
)
def test_a_long_square_is_played_in_parts_that_the_line_plays(
    start_ns: float, shortest_ns: float, more_ns: float, length_ns: float
) -> None:
    # Any square pulse can be divided if the longest pulse is twice the shortest one.
    longest_ns = 2 * max(shortest_ns + start_ns, start_ns) + more_ns
    limits = on_grid(start_ns, shortest_ns=shortest_ns, longest_pulse_ns=longest_ns)
    trace, (program,) = played(resonant(limits), Rabi(np.array([length_ns])))
    assert gaps_ns(program) == pytest.approx([0.0] * (len(program.plays) - 1), abs=1e-6)
    assert sum(play.waveform.length_ns for play in program.plays) == pytest.approx(trace.x[0])


def test_a_square_that_no_parts_make_is_refused() -> None:
    limits = on_grid(4.0, shortest_ns=64.0, longest_pulse_ns=64.0)
    with pytest.raises(
        InvalidInputError,
        match="72\N{NO-BREAK SPACE}ns cannot be played as pulses of 64 to 64\N{NO-BREAK SPACE}ns",
    ):
        answered(resonant(limits), Rabi(np.array([72.0])))


def test_an_amplitude_of_full_scale_is_not_rounded_beyond_it() -> None:
    laboratory = resonant(on_grid(1.0, amplitude_step=0.15))
    trace, programs = played(laboratory, RabiAmplitude(np.array([0.4, 1.0]), 40.0))
    assert trace.x == pytest.approx([0.45, 0.9])
    assert [program.plays[0].amplitude for program in programs] == pytest.approx([0.45, 0.9])


BEYOND: list[tuple[dict[str, float], str]] = [
    (
        {"drive_frequency_ghz": 6.0},
        "6\N{NO-BREAK SPACE}GHz on the line of qubit 1: it plays 4.5 to 5.5\N{NO-BREAK SPACE}GHz",
    ),
    (
        {"readout_frequency_ghz": 9.0},
        "9\N{NO-BREAK SPACE}GHz on the readout line of qubit 1: it plays 6 to 8\N{NO-BREAK SPACE}GHz",
    ),
    ({"readout_amplitude": 0.6}, r"a readout of qubit 1 with an amplitude of 0\.6: .* at most 0\.5"),
]


@each_case(("changes", "message"), BEYOND)
def test_what_is_in_use_beyond_the_limits_fails_alone(changes: dict[str, float], message: str) -> None:
    limits = Limits(
        usual_line=LineLimits(frequencies_ghz=((4.5, 5.5),)),
        readout=ReadoutLimits(frequencies_ghz=((6.0, 8.0),), largest_amplitude=0.5),
        covariances=True,
    )
    laboratory = Player(limits, qubits={"0": player.resonant(), "1": player.resonant(**changes)})
    found = measure_targets(laboratory, {qid: [Rabi(np.array([40.0]))] for qid in "01"}, SHOTS)
    assert not isinstance(found["0"], Exception)
    with pytest.raises(InvalidInputError, match=message):
        raise found["1"]  # type: ignore[misc]


def test_a_tone_at_a_frequency_that_the_line_of_the_control_does_not_have_is_refused() -> None:
    limits = Limits(lines={"0": LineLimits(frequencies_ghz=((4.0, 4.6),))}, covariances=True)
    control = player.resonant(drive_frequency_ghz=4.5)
    laboratory = Player(limits, qubits={"0": control, "1": player.resonant(), "2": player.resonant()})
    with pytest.raises(InvalidInputError, match="5\N{NO-BREAK SPACE}GHz on the line of qubit 0"):
        answered(laboratory, CrossResonance("0", "1", np.array([100.0]), TONE), "0-1")


def test_a_readout_without_amplitude_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="with an amplitude of 0: it must be above 0"):
        answered(resonant(), ReadoutScan(np.array([7.0]), amplitude=0.0))


def test_readouts_are_those_that_are_named() -> None:
    laboratory = resonant()
    trace, programs = played(laboratory, ReadoutScan(np.array([6.9, 7.1]), state=1, amplitude=0.4))
    assert [one.readouts[0].frequency_ghz for one in programs] == trace.x.tolist()
    assert {one.readouts[0].amplitude for one in programs} == {0.4}
    assert {len(one.plays) for one in programs} == {1}
    for state in (None, 0):
        _, programs = played(laboratory, ReadoutScan(np.array([6.9]), state=state))
        assert (programs[0].plays, programs[0].readouts[0].amplitude) == ((), 0.1)
    record = answered(laboratory, SingleShots(1))
    assert isinstance(record, ShotRecord)
    assert record.iq == pytest.approx(np.full(10, ONE))


@each_case("limits", [EASY, *HARD])
def test_all_commanded_states_are_read_at_the_same_time(limits: Limits) -> None:
    # An IQ plane may rotate with the start of the readout: clouds with different start times have no common threshold.
    laboratory = resonant(limits)
    at = {state: start_ns(laboratory, SingleShots(state), "0") for state in (0, 1)}  # type: ignore[arg-type]
    assert at[0] == at[1] >= laboratory.settings["0"].x180.length_ns
    scans = {start_ns(laboratory, ReadoutScan(np.array([7.0]), state=state), "0") for state in (0, 1)}  # type: ignore[arg-type]
    assert scans == {at[1]}
    pairs = {start_ns(laboratory, JointShots("0", "1", state), "0-1") for state in ("00", "01", "10", "11")}  # type: ignore[arg-type]
    assert len(pairs) == 1
    _, references = played(laboratory, ReadoutReferences("0", "1"), "0-1")
    assert {one.start_ns for program in references for one in program.readouts} == pairs


def start_ns(laboratory: Player, request: Request, target: str) -> float:
    """Return the start of the readouts of the first program of a request."""
    answered(laboratory, request, target)
    (start,) = {one.start_ns for one in laboratory.calls[-1][0][0].readouts}
    return start


def test_the_state_of_the_control_does_not_change_when_the_target_is_read() -> None:
    laboratory = resonant()
    _, programs = played(laboratory, CrossResonance("0", "1", np.array([100.0]), TONE), "0-1")
    starts = [program.readouts[0].start_ns for program in programs]
    assert starts[:3] == starts[3:]
    trains = {
        start_ns(laboratory, GateTrain("0", "1", np.array([2.0]), GATE, control_state=state), "0-1")  # type: ignore[arg-type]
        for state in (0, 1)
    }
    assert len(trains) == 1


def test_an_echo_turns_about_x_and_back_in_turns() -> None:
    _, programs = played(resonant(), Echo(np.array([1.0, 2.0, 3.0])))
    phases = [[play.phase_rad for play in program.plays] for program in programs]
    assert phases == [[0.0, 0.0, 0.0], [0.0, np.pi, 0.0], [0.0, 0.0, 0.0]]


@each_case("interleaved", [None, "X90", "X180"])
def test_random_sequences_end_as_they_say(interleaved: str | None) -> None:
    laboratory = resonant()
    trace = answered(laboratory, RandomSequences(np.array([1.0, 5, 20, 40]).repeat(4), interleaved))  # type: ignore[arg-type]
    assert isinstance(trace, Trace)
    assert trace.ends is not None
    assert np.real((trace.iq - ZERO) / (ONE - ZERO)) == pytest.approx(trace.ends.astype(float), abs=1e-9)


def test_sequences_are_played_beside_on_each_line_once() -> None:
    laboratory, lengths = resonant(), np.array([3.0, 30.0])
    both = SimultaneousSequences(lengths, simultaneous_with=frozenset("12"))
    other = SimultaneousSequences(lengths, simultaneous_with=frozenset("02"))
    found = measure_targets(laboratory, {"0": [both], "1": [other]}, SHOTS)
    assert not [one for one in found.values() if isinstance(one, Exception)]
    for program in laboratory.calls[0][0]:
        assert {one.qid for one in program.readouts} == {"0", "1"}
        ends_ns = {line: max(play.end_ns for play in program.plays if play.line == line) for line in "012"}
        assert set(ends_ns.values()) == {program.readouts[0].start_ns}


@each_case(
    "beside",
    [
        [PulseTrain(np.array([1.0]), Pulse(0.2, 400.0))],
        [Rabi(np.array([40.0])), PulseTrain(np.array([1.0]), Pulse(0.2, 400.0))],
        [SingleShots(1)],
    ],
    ids=["cannot be played", "something else cannot be played", "is played with shots kept in another way"],
)
def test_a_neighbour_that_does_not_play_itself_is_played_on(beside: list[Request]) -> None:
    laboratory = resonant(
        Limits(
            usual_line=LineLimits(longest_pulse_ns=100.0), covariances=True, keeps=frozenset({"mean", "each"})
        )
    )
    both = SimultaneousSequences(np.array([3.0, 30.0]), simultaneous_with=frozenset("1"))
    found = measure_targets(laboratory, {"1": beside, "0": [both]}, SHOTS)
    assert not isinstance(found["0"], Exception), found["0"]
    programs = [
        one for call, _ in laboratory.calls for one in call if "0" in {each.qid for each in one.readouts}
    ]
    assert [{play.line for play in program.plays} for program in programs] == [{"0", "1"}] * 2


def test_a_qubit_beside_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="9: the laboratory has no such qubit"):
        answered(resonant(), SimultaneousSequences(np.array([1.0]), simultaneous_with=frozenset("19")))


def one_point(request: Request, target: str = "0-1", laboratory: Player | None = None) -> Floats:
    """Return the populations of 00, 01, 10, 11 at the end of the last program of a request."""
    laboratory = laboratory or resonant()
    answered(laboratory, request, target)
    return populations(laboratory.calls[-1][0][-1], "0", "1")


def test_basis_states_are_commanded_and_read_together() -> None:
    for number, state in enumerate(("00", "01", "10", "11")):
        assert one_point(JointShots("0", "1", prepare=state))[number] == pytest.approx(1.0)  # type: ignore[arg-type]
    assert one_point(ReadoutReferences("0", "1"))[3] == pytest.approx(1.0)
    record = answered(resonant(), JointShots("0", "1", prepare="01"), "0-1")
    assert record.iq == pytest.approx(np.tile([ZERO, ONE], (10, 1)))


@each_case(("bases", "correlation"), [("XX", 1), ("YY", -1), ("ZZ", 1), ("XY", 0), ("ZX", 0), ("YZ", 0)])
def test_a_bell_state_has_the_correlations_that_it_should(bases: str, correlation: int) -> None:
    ends = one_point(JointShots("0", "1", prepare="bell", bases=bases, gate=GATE))
    assert ends @ [1, -1, -1, 1] == pytest.approx(correlation, abs=1e-9)


@pytest.mark.parametrize("interleaved", [False, True])
def test_random_sequences_of_pairs_end_as_they_say(interleaved: bool) -> None:
    laboratory = resonant(HARD[1])
    request = RandomPairSequences("0", "1", np.array([1.0, 3, 8]).repeat(4), interleaved, GATE)
    trace, programs = played(laboratory, request, "0-1")
    assert trace.ends is not None
    for program, (control, target) in zip(programs, trace.ends.astype(int), strict=True):
        assert populations(program, "0", "1")[2 * control + target] == pytest.approx(1.0)


def test_gates_turn_the_target_by_the_state_of_the_control() -> None:
    # ZX90 from |0>|0> leaves the target along -Y, from |1>|0> along +Y; an X90 before adds to that or cancels it.
    turned = {
        state: one_point(GateTrain("0", "1", np.array([1.0]), GATE, state, start="superposition"))
        for state in (0, 1)
    }
    assert turned[0][1] == pytest.approx(1.0)
    assert turned[1][2] == pytest.approx(1.0)
    assert one_point(GateTrain("0", "1", np.array([4.0]), GATE, 0))[0] == pytest.approx(1.0)


def test_a_tone_is_seen_along_each_axis_of_the_target() -> None:
    # A tone rotates the target by an eighth of a turn about X: Z keeps cos, Y has -+ sin by the state of the control.
    laboratory = resonant()
    _, programs = played(laboratory, CrossResonance("0", "1", np.array([100.0]), TONE), "0-1")
    ends = np.array([populations(one, "0", "1") for one in programs])
    found = (ends @ [1, -1, 1, -1]).reshape(2, 3)
    half = np.sqrt(0.5)
    assert found == pytest.approx(np.array([[0, -half, half], [0, half, half]]), abs=1e-9)
    assert {one.readouts[0].qid for one in programs} | {one.readouts[1].qid for one in programs} == {"0", "1"}


def test_a_tone_that_is_asked_for_later_has_all_its_pulses_later_and_the_same_phases() -> None:
    lengths = np.array([100.0, 200.0])
    _, first = played(resonant(), CrossResonance("0", "1", lengths, TONE), "0-1")
    _, later = played(resonant(), LaterCrossResonance("0", "1", lengths, TONE, wait_ns=60.0), "0-1")
    for one, other in zip(first, later, strict=True):
        assert other.plays == tuple(play.later(60.0) for play in one.plays)
        assert [read.start_ns for read in other.readouts] == [read.start_ns + 60.0 for read in one.readouts]


def test_a_generator_beside_the_target_plays_both_pulses_of_its_fringes_and_none_of_the_control() -> None:
    request = DetunedConditionalRamsey("0", "1", np.array([0.1, 0.2]), 1, -3.0, 5.002)
    _, programs = played(resonant(), request, "0-1")
    for one, delay_us in zip(programs, request.delays_us, strict=True):
        flip, *both = sorted(one.plays, key=lambda play: (play.line, play.start_ns))
        assert (flip.line, flip.frequency_ghz) == ("0", 5.0)
        assert [(play.line, play.frequency_ghz) for play in both] == [("1", 5.002)] * 2
        assert both[1].phase_rad - both[0].phase_rad == pytest.approx(-6e-3 * np.pi * 1e3 * delay_us)


def test_what_goes_with_a_tone_is_played_in_the_frame_of_the_target() -> None:
    tone = CrossResonanceTone(0.3, 0.4, cancel_amplitude=0.02, cancel_phase_rad=1.0, rotary_amplitude=0.05)
    _, programs = played(resonant(), CrossResonance("0", "1", np.array([100.0]), tone), "0-1")
    on_control, beside = sorted(programs[2].plays, key=lambda play: play.line)
    assert (on_control.amplitude, on_control.phase_rad, on_control.toward) == (0.3, 0.4, "1")
    wave = beside.amplitude * np.exp(1j * beside.phase_rad)
    assert wave == pytest.approx(0.02 * np.exp(1j) + 0.05)
    assert on_control.start_ns == beside.start_ns


def test_a_gate_that_nobody_has_calibrated_is_missed_by_name() -> None:
    with pytest.raises(InvalidInputError, match=r"0-1: no ZX90 is calibrated: run CreateZX90"):
        answered(resonant(), JointShots("0", "1", prepare="bell"), "0-1")
    laboratory = resonant()
    laboratory.adjust("0-1", {"cr_amplitude": 0.3, "zx90_gate_time": 280.0})
    ends = one_point(JointShots("0", "1", prepare="bell"), laboratory=laboratory)
    assert ends == pytest.approx([0.5, 0, 0, 0.5], abs=1e-9)
