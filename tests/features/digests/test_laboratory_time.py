"""Laboratory time counts measurements that ran at the same time once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.digests.finished_results import FinishedResult
from qdash_builtin.digests.laboratory_time import measure_union, sum_laboratory_time
from qdash_core.models.task import TaskStatus

START = datetime(2026, 4, 1, 22, tzinfo=UTC)


def make_result(task: str, start: float | None, seconds: float | None, **fields: Any) -> FinishedResult:
    given = {"chip_id": "64Q", "execution_id": "a", "status": TaskStatus.COMPLETED, "qid": "0"} | fields
    return FinishedResult(task_id="", name=task, lab_start_s=start, lab_s=seconds, **given)


def test_parallel_measurements_count_once_and_each_task_has_its_own_time() -> None:
    results = [
        make_result("T1", 0, 10),
        make_result("T1", 0, 10, qid="1"),
        make_result("T1", 5, 10, qid="2"),
        make_result("Rabi", 10, 10),
    ]
    times, total = sum_laboratory_time(results)
    assert [(one.task, one.n, one.seconds) for one in times] == [("T1", 3, 15.0), ("Rabi", 1, 10.0)]
    assert total == 20.0


def test_each_run_of_a_simulated_laboratory_has_its_own_clock() -> None:
    _, total = sum_laboratory_time([make_result("T1", 0, 10), make_result("T1", 0, 10, execution_id="b")])
    assert total == 20.0


def test_the_duration_counts_if_laboratory_time_is_wall_time() -> None:
    results = [make_result("T1", None, None, start_at=START, elapsed_time=3.0, qid=qid) for qid in "01"]
    assert sum_laboratory_time(results)[1] == 3.0


def test_two_runs_that_share_an_instrument_count_once() -> None:
    results = [
        make_result("T1", None, None, start_at=START, elapsed_time=3.0, execution_id=execution_id)
        for execution_id in "ab"
    ]
    times, total = sum_laboratory_time(results)
    assert (times[0].seconds, total) == (3.0, 3.0)


def test_simulated_results_refits_and_unmeasured_tasks_take_no_time() -> None:
    results = [
        make_result("T1", 0, 10, simulated=True),
        make_result("T1", 0, 10, refit_of="x"),
        make_result("T1", None, None),
    ]
    assert sum_laboratory_time(results) == ([], 0.0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20))))
def test_a_union_is_as_long_as_its_covered_seconds(pairs: list[tuple[int, int]]) -> None:
    covered = {second for first, length in pairs for second in range(first, first + length)}
    assert measure_union([(first, first + length) for first, length in pairs]) == len(covered)
