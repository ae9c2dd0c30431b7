"""Programs of several targets, aligned into one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qdash_tasks.laboratory.alignment import merge_programs
from qdash_tasks.laboratory.batch import divide_into_calls
from qdash_tasks.laboratory.grids import find_common_grid_ns, round_up
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.program import Program
from qdash_tasks.laboratory.timeline import Timeline

from .player import require_playable, resonant

GRIDS_NS = st.sampled_from([0.4, 1.0, 2.0, 3.0, 4.0, 8.0])
STEPS = st.lists(st.tuples(st.booleans(), st.floats(0.0, 50.0)), max_size=6)


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    lines = {
        qid: LineLimits(start_ns=draw(GRIDS_NS), shortest_gap_ns=draw(st.sampled_from([0.0, 16.0])))
        for qid in "012"
    }
    guard_ns = draw(st.sampled_from([0.0, 128.0]))
    return Limits(lines=lines, readout=ReadoutLimits(start_ns=draw(GRIDS_NS), guard_ns=guard_ns))


def program(qid: str, steps: list[tuple[bool, float]], of: Limits) -> Program:
    """Return a program of pulses and waits on one line, with a readout."""
    line = Timeline({qid: resonant()}, of)
    for waits, time_ns in steps:
        if waits:
            line.wait(qid, time_ns)
        else:
            line.pulse(qid, resonant(pi_length_ns=1.0 + time_ns).on_grid(of, qid).x180)
    return line.read(qid)


@given(limits(), st.lists(STEPS, min_size=2, max_size=3))
def test_all_are_read_at_once_and_nothing_else_has_changed(of: Limits, each: list) -> None:
    alone = [program(qid, steps, of) for qid, steps in zip("012", each, strict=False)]
    both = merge_programs(alone, of)
    require_playable(both, of)
    (read_ns,) = {one.start_ns for one in both.readouts}
    for before in alone:
        qid = before.readouts[0].qid
        after = [play for play in both.plays if play.line == qid]
        assert [play.waveform for play in after] == [play.waveform for play in before.plays]
        shifts_ns = {round(b.start_ns - a.start_ns, 6) for a, b in zip(before.plays, after, strict=True)}
        assert len(shifts_ns) <= 1
        if after:
            # No line waits for the readout longer than their common grid.
            grid_ns = find_common_grid_ns(of.line(qid).start_ns, of.readout.start_ns)
            waited_ns = before.readouts[0].start_ns - before.plays[-1].end_ns
            assert -1e-6 < read_ns - after[-1].end_ns - waited_ns < grid_ns


@given(limits(), st.lists(st.tuples(st.sampled_from("012"), st.floats(1.0, 60.0)), max_size=12))
def test_lines_that_wait_for_each_other_begin_together(of: Limits, pulses: list) -> None:
    line = Timeline(dict.fromkeys("012", resonant()), of)
    for qid, length_ns in pulses:
        line.pulse(qid, resonant(pi_length_ns=length_ns).on_grid(of, qid).x180)
        line.align("0", "1", "2")
        assert len({round(line.now_ns(one), 6) for one in "012"}) == 1
    require_playable(line.read("0", "1", "2"), of)


def test_what_is_not_read_ends_where_the_others_are_read() -> None:
    of = Limits(usual_line=LineLimits(start_ns=4.0))
    read, unread = program("0", [(False, 39.0)], of), program("1", [(False, 79.0)], of)
    both = merge_programs([read, Program(unread.plays, ())], of)
    assert {one.end_ns for one in both.plays} == {both.readouts[0].start_ns} == {80.0}


def test_several_readouts_of_one_program_keep_their_distance() -> None:
    of, (first, other) = Limits(), (program("0", [], Limits()), program("1", [(False, 99.0)], Limits()))
    twice = Program((), (first.readouts[0], first.readouts[0].at(50.0)))
    both = merge_programs([twice, other], of)
    assert [one.start_ns for one in both.readouts] == [50.0, 100.0, 100.0]


@given(GRIDS_NS, GRIDS_NS, st.floats(0.0, 1e4))
def test_a_common_grid_is_the_finest_that_is_on_both(one_ns: float, other_ns: float, time_ns: float) -> None:
    grid_ns = find_common_grid_ns(one_ns, other_ns)
    for part_ns in (one_ns, other_ns):
        assert abs(grid_ns / part_ns - round(grid_ns / part_ns)) < 1e-9
        assert round_up(round_up(time_ns, grid_ns), part_ns) == round_up(time_ns, grid_ns)
    finer = (grid_ns / count for count in range(2, 12))
    assert not any(
        all(abs(one / part - round(one / part)) < 1e-9 for part in (one_ns, other_ns)) for one in finer
    )


@given(st.integers(0, 60), st.none() | st.integers(1, 20))
def test_programs_are_spread_over_as_few_calls_as_possible(count: int, most: int | None) -> None:
    calls = divide_into_calls([Program((), ())] * count, most=most, frequencies_change=True)
    assert sorted(number for call in calls for number in call) == list(range(count))
    assert len(calls) == (-(-count // most) if most else bool(count))
    assert all(len(call) <= (most or count) for call in calls)
    # Neighbours in a sweep are in different calls, if there are several.
    assert len(calls) < 2 or all(after - before > 1 for call in calls for before, after in pairwise(call))


def test_a_wait_that_would_be_too_short_is_longer_for_all() -> None:
    of = Limits(usual_line=LineLimits(start_ns=4.0, shortest_gap_ns=16.0))
    line = Timeline(dict.fromkeys("01", resonant()), of)
    line.pulse("0", resonant(pi_length_ns=40.0).x180)
    line.pulse("1", resonant(pi_length_ns=44.0).x180)
    line.align("0", "1")
    assert [line.now_ns(qid) for qid in "01"] == [60.0, 60.0]
    found = line.read("0", "1")
    assert all(
        before.end_ns <= after.start_ns for before, after in pairwise([found.plays[0], found.readouts[0]])
    )
