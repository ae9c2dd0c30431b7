"""Laboratory time: start and duration of simulated measurements are stored with their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import InputParameter
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN
from ..bench import SIGNAL, make_backend, make_task
from .test_groups import group_task, measure_by_number, run_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask, RawData

    from ..conftest import MakeBench

CLOCKED = make_backend(clocked=True)


def make_measurement(seconds: float) -> Any:
    def measure(one: Any, hardware: Any) -> RawData:
        hardware.clock.advance(one.context.qid, seconds)
        return SIGNAL

    return measure


def measure_all(hardware: Any, tasks: Sequence[BaseTask]) -> list[RawData]:
    """Measure each qubit for ten seconds plus its number."""
    for one in tasks:
        hardware.clock.advance(one.context.qid, 10.0 + float(one.context.qid))
    return measure_by_number(hardware, tasks)


def test_each_result_has_the_time_of_its_own_measurement(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task("Short", measure=make_measurement(2.0)),
        make_task("Long", measure=make_measurement(30.0)),
        backends=[CLOCKED],
    )
    session = bench.start_session()
    results = [bench.get_stored(session.run_task(name, "0")) for name in ("Short", "Long", "Short")]
    assert [(result.lab_start_s, result.lab_s) for result in results] == [
        (0.0, 2.0),
        (2.0, 30.0),
        (32.0, 2.0),
    ]
    assert session.complete().lab_seconds == 34.0


def test_tasks_that_a_flow_runs_one_after_the_other_are_so_in_the_laboratory(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(measure=make_measurement(2.0)), backends=[CLOCKED])
    session = bench.start_session()
    assert [session.run_task("Measure", qid).lab_start_s for qid in ("0", "4", "0")] == [0.0, 2.0, 4.0]
    assert session.complete().lab_seconds == 6.0


def test_preparing_counts_too(make_bench: MakeBench) -> None:
    def prepare(one: Any, hardware: Any) -> None:
        hardware.clock.advance(one.context.qid, 0.5)

    measured = make_task(measure=make_measurement(2.0), preprocess=prepare)
    assert make_bench(measured, backends=[CLOCKED]).run().lab_s == 2.5


def test_targets_measured_in_one_go_have_times_of_their_own(make_bench: MakeBench) -> None:
    bench = make_bench(group_task(measure_all), backends=[CLOCKED])
    results = run_groups(bench)
    assert [(result.lab_start_s, result.lab_s) for result in results] == [
        (0.0, 10.0),
        (0.0, 12.0),
        (0.0, 14.0),
    ]
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN)[0].lab_seconds == 14.0


def test_a_failed_measurement_has_taken_its_time(make_bench: MakeBench) -> None:
    def measure(one: Any, hardware: Any) -> RawData:
        make_measurement(2.0)(one, hardware)
        raise OSError("the cable fell off")

    result = make_bench(make_task(measure=measure), backends=[CLOCKED]).run()
    assert (result.status, result.lab_s) == (TaskStatus.FAILED, 2.0)


def test_what_was_not_run_has_no_time(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(needs={"t2": InputParameter()}, measure=make_measurement(2.0)), backends=[CLOCKED]
    )
    result = bench.run()
    assert (result.status, result.lab_s, result.lab_start_s) == (TaskStatus.FAILED, None, None)


def test_a_laboratory_without_a_clock_of_its_own_gives_no_time(make_bench: MakeBench) -> None:
    result = make_bench(make_task()).run()
    assert (result.lab_s, result.lab_start_s) == (None, None)


def test_a_refit_measures_nothing(make_bench: MakeBench) -> None:

    bench = make_bench(make_task(measure=make_measurement(2.0)), backends=[CLOCKED])
    result = bench.run()
    again = bench.qdash.get(RESULTS).refit(ADMIN, result.task_id)
    assert (again.lab_s, again.lab_start_s) == (None, None)
    (latest,) = bench.repositories.of(LatestResultRepository).list_by_task(
        "default", result.chip_id, "Measure"
    )
    assert (latest.task_id, [*latest.durations_s.values()]) == (again.task_id, [2.0]), (
        "what it takes is still known"
    )
