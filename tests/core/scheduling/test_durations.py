"""Expected durations of tasks: the last one on the target, else on the chip, else the declared one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.scheduling.durations import ExpectedDurations, read_durations

from ..bench import CHIP, PROJECT, SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from ..conftest import MakeBench

MEASURE, DECLARED = make_task("Measure"), make_task("Declared", expected_s=40.0)


def test_the_last_time_on_the_target_counts_then_the_median_of_the_chip() -> None:
    expected = ExpectedDurations({"Measure": {"0": 1.0, "1": 2.0, "2": 9.0}})
    assert [expected.get_duration(MEASURE, target) for target in ("0", "2", "7")] == [1.0, 9.0, 2.0]


def test_what_was_never_measured_takes_what_it_declares() -> None:
    assert ExpectedDurations().get_duration(DECLARED, "0") == 40.0
    assert ExpectedDurations().get_duration(MEASURE, "0") == 1.0
    assert ExpectedDurations().sum_durations([DECLARED, MEASURE], "0") == 41.0


def test_what_is_measured_on_the_way_is_learned() -> None:
    expected = ExpectedDurations()
    for target, seconds in (("0", 10.0), ("1", 30.0)):
        expected.learn("Declared", target, seconds)
    assert [expected.get_duration(DECLARED, target) for target in ("0", "1", "2")] == [10.0, 30.0, 20.0]


def test_durations_are_those_of_the_record(make_bench: MakeBench) -> None:
    def measure(one: Any, hardware: Any) -> object:
        hardware.clock.advance(one.context.qid, 5.0 + float(one.context.qid))
        if broken:
            raise OSError("the cable fell off")
        return SIGNAL

    broken = False
    measured = make_task(measure=measure)
    bench = make_bench(measured, DECLARED, backends=[make_backend(clocked=True)])
    for qid in ("0", "2"):
        bench.run(qid=qid)
    broken = True
    bench.run(qid="2")
    expected = read_durations(bench.repositories, PROJECT, CHIP, [measured, DECLARED])
    assert [expected.get_duration(measured, qid) for qid in ("0", "1", "2")] == [5.0, 6.0, 7.0]
    assert expected.get_duration(DECLARED, "0") == 40.0


def test_a_real_laboratory_takes_what_the_wall_shows(make_bench: MakeBench) -> None:
    bench = make_bench(MEASURE)
    result = bench.run()
    expected = read_durations(bench.repositories, PROJECT, CHIP, [MEASURE])
    assert expected.get_duration(MEASURE, "0") == result.elapsed_time
