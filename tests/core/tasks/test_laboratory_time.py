"""What a measurement takes in a laboratory is kept with its result."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import InputParameter
from qdash_core.models.task import TaskStatus

from ..bench import SIGNAL, BenchBackend, backend, raises, task
from .test_groups import by_number, group_task, run_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask, RawData

    from ..conftest import MakeBench


class Clocked(BenchBackend):
    """A laboratory whose clock advances only when something is measured."""

    seconds = 0.0

    def __init__(self) -> None:
        self.calls, self.applied = [], []

    def spend(self, seconds: float) -> None:
        self.seconds += seconds

    def lab_seconds(self) -> float:
        return self.seconds


def measuring(seconds: float) -> Any:
    def measure(_task: object, hardware: Clocked) -> RawData:
        hardware.spend(seconds)
        return SIGNAL

    return measure


def measuring_all(hardware: Any, tasks: Sequence[BaseTask]) -> list[RawData]:
    hardware.spend(6.0)
    return by_number(hardware, tasks)


def test_each_result_has_the_time_of_its_own_measurement(make_bench: MakeBench) -> None:
    bench = make_bench(
        task("Short", measure=measuring(2.0)), task("Long", measure=measuring(30.0)), backends=[Clocked]
    )
    session = bench.session()
    results = [session.run_task(name, "0") for name in ("Short", "Long", "Short")]
    assert [bench.stored(result).lab_s for result in results] == [2.0, 30.0, 2.0]
    assert session.complete().lab_seconds == 34.0


def test_preparing_counts_too(make_bench: MakeBench) -> None:
    measured = task(measure=measuring(2.0), preprocess=lambda _, hardware: hardware.spend(0.5))
    assert make_bench(measured, backends=[Clocked]).run().lab_s == 2.5


def test_targets_measured_in_one_go_share_its_time_equally_so_that_the_sum_is_true(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(group_task(measuring_all), backends=[Clocked])
    results = run_groups(bench)
    assert [result.lab_s for result in results] == [2.0, 2.0, 2.0]
    execution = bench.qdash.executions.newest("default")[0]
    assert sum(result.lab_s or 0.0 for result in results) == execution.lab_seconds


def test_a_failed_measurement_has_taken_its_time(make_bench: MakeBench) -> None:
    def measure(_task: object, hardware: Clocked) -> RawData:
        hardware.spend(2.0)
        raise OSError("the cable fell off")

    result = make_bench(task(measure=measure), backends=[Clocked]).run()
    assert (result.status, result.lab_s) == (TaskStatus.FAILED, 2.0)


def test_what_was_not_run_has_no_time(make_bench: MakeBench) -> None:
    bench = make_bench(task(needs={"t2": InputParameter()}, measure=measuring(2.0)), backends=[Clocked])
    result = bench.run()
    assert (result.status, result.lab_s) == (TaskStatus.FAILED, None)


def test_a_laboratory_without_a_clock_of_its_own_gives_no_time(make_bench: MakeBench) -> None:
    assert make_bench(task()).run().lab_s is None


@pytest.mark.parametrize("broken", [lambda _: float("nan"), lambda _: "soon", raises(OSError("gone"))])
def test_a_clock_that_is_broken_fails_nothing(make_bench: MakeBench, broken: Any) -> None:
    result = make_bench(task(), backends=[backend(lab_seconds=broken)]).run()
    assert (result.status, result.lab_s) == (TaskStatus.COMPLETED, None)


def test_of_measurements_at_the_same_time_nobody_can_say_whose_time_it_was(make_bench: MakeBench) -> None:
    both = threading.Barrier(2, timeout=20)

    def measure(_task: object, hardware: Clocked) -> RawData:
        both.wait()
        hardware.spend(2.0)
        both.wait()
        return SIGNAL

    parallel = type("Parallel", (Clocked,), {"max_parallel": 2})
    bench = make_bench(task(measure=measure), backends=[parallel])
    results = run_groups(bench, qids=("0", "2"))
    assert [result.lab_s for result in results] == [None, None]
    assert bench.qdash.executions.newest("default")[0].lab_seconds == 4.0


def test_a_refit_measures_nothing(make_bench: MakeBench) -> None:
    from qdash_core.tasks.refit import refit

    bench = make_bench(task(measure=measuring(2.0)), backends=[Clocked])
    result = bench.run()
    assert refit(bench.qdash, "default", result.task_id, parameters={}).lab_s is None
