"""Expected durations of tasks: the last one with the same run parameters on the target, else on the chip, else the declared one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.repositories.results import LatestResultRepository
from qdash_core.scheduling.durations import ExpectedDurations, read_durations
from qdash_core.tasks.run_parameters import RunParameter

from ..bench import CHIP, PROJECT, SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask

    from ..bench import Bench
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
    expected = read_durations(bench.repositories, PROJECT, CHIP, {measured: {}, DECLARED: {}})
    assert [expected.get_duration(measured, qid) for qid in ("0", "1", "2")] == [5.0, 6.0, 7.0]
    assert expected.get_duration(DECLARED, "0") == 40.0


def test_a_real_laboratory_takes_what_the_wall_shows(make_bench: MakeBench) -> None:
    bench = make_bench(MEASURE)
    result = bench.run()
    expected = read_durations(bench.repositories, PROJECT, CHIP, {MEASURE: {}})
    assert expected.get_duration(MEASURE, "0") == result.elapsed_time


SHOTS = RunParameter(1000, "int")


def make_counting_task() -> type[BaseTask]:
    """Return a task of 10 ms a shot in laboratory time, which declares 1000 shots."""

    def measure(one: Any, hardware: Any) -> object:
        hardware.clock.advance(one.context.qid, 0.01 * one.context.parameters["shots"])
        return SIGNAL

    return make_task(measure=measure, parameters={"shots": SHOTS}, expected_s=9.0)


def expect(bench: Bench, task: type[BaseTask], *, shots: int, qid: str = "0") -> float:
    """Return the expected duration of a task with a number of shots."""
    planned = {task: {"shots": SHOTS.override("shots", shots)}}
    return read_durations(bench.repositories, PROJECT, CHIP, planned).get_duration(task, qid)


def test_a_long_run_with_other_parameters_changes_no_expectation(make_bench: MakeBench) -> None:
    task = make_counting_task()
    bench = make_bench(task, backends=[make_backend(clocked=True)])
    bench.run(qid="0")
    bench.run(qid="1")
    for qid in ("0", "1"):
        bench.run(qid=qid, run_parameters={"shots": 1_000_000})
    assert [expect(bench, task, shots=1000, qid=qid) for qid in ("0", "1", "2")] == [10.0] * 3
    assert [expect(bench, task, shots=1_000_000, qid=qid) for qid in ("0", "2")] == [10_000.0] * 2


def test_a_number_of_shots_that_was_never_measured_scales_the_usual_duration(make_bench: MakeBench) -> None:
    task = make_counting_task()
    bench = make_bench(task, backends=[make_backend(clocked=True)])
    assert expect(bench, task, shots=4000) == 4 * 9.0
    bench.run(qid="0")
    assert expect(bench, task, shots=4000) == 4 * 10.0


def test_a_long_run_alone_leaves_the_declared_duration(make_bench: MakeBench) -> None:
    task = make_counting_task()
    bench = make_bench(task, backends=[make_backend(clocked=True)])
    bench.run(qid="0", run_parameters={"shots": 1_000_000})
    assert expect(bench, task, shots=1000) == 9.0


def test_only_the_last_durations_are_kept(make_bench: MakeBench) -> None:
    task = make_counting_task()
    bench = make_bench(task, backends=[make_backend(clocked=True)])
    for shots in range(1000, 1010):
        bench.run(qid="0", run_parameters={"shots": shots})
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(PROJECT, CHIP, task.name)
    assert [*latest.durations_s.values()] == pytest.approx([10.0 + 0.01 * extra for extra in range(2, 10)])


def test_a_record_older_than_digests_counts_until_there_is_a_newer_one(make_bench: MakeBench) -> None:
    task = make_counting_task()
    bench = make_bench(task, backends=[make_backend(clocked=True)])
    bench.run(qid="0")
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(PROJECT, CHIP, task.name)
    bench.repositories.of(LatestResultRepository).put(
        latest.model_copy(update={"durations_s": {}, "lab_s": 14_400.0})
    )
    assert expect(bench, task, shots=1000) == 14_400.0
    bench.run(qid="1")
    assert expect(bench, task, shots=1000, qid="0") == 10.0
    bench.run(qid="0")
    (latest, _) = bench.repositories.of(LatestResultRepository).list_by_task(PROJECT, CHIP, task.name)
    assert latest.lab_s is None
