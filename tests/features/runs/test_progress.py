"""Progress of a run, from its record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qdash_builtin.runs.progress import run_progress
from qdash_core.models.execution import ExecutionModel, ExecutionStatus, RunAttempt, StageModel
from qdash_core.models.task import TaskStatus, TimedAttempt

BEGAN = datetime(2026, 11, 21, 6, tzinfo=UTC)


def make_time(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def make_stage(*tasks: str, targets: tuple[str, ...] = ("0", "1")) -> StageModel:
    return StageModel(tasks=list(tasks), groups=[list(targets)], resources={one: [one] for one in targets})


def run(*stages: StageModel, **given: Any) -> ExecutionModel:
    first = RunAttempt(username="admin", start_at=BEGAN)
    known = {"status": ExecutionStatus.RUNNING, "attempts": [first], "start_at": BEGAN, **given}
    return ExecutionModel(
        project_id="default",
        username="admin",
        name="f",
        execution_id="1",
        chip_id="c",
        stages=list(stages),
        **known,
    )


def make_result(name: str, qid: str, begin_s: float, end_s: float | None, **given: Any) -> TimedAttempt:
    status = TaskStatus.RUNNING if end_s is None else TaskStatus.COMPLETED
    end = None if end_s is None else make_time(end_s)
    known = {"status": status, **given}
    return TimedAttempt(
        execution_id="1", name=name, qid=qid, start_at=make_time(begin_s), end_at=end, **known
    )


def test_what_waits_has_nothing_planned_and_has_not_run() -> None:
    progress = run_progress(
        run(status=ExecutionStatus.SCHEDULED, attempts=[], start_at=None), [], make_time(5)
    )
    assert (progress.total, progress.done, progress.stage, progress.left_s, progress.running_s) == (
        0,
        0,
        None,
        None,
        0.0,
    )


def test_results_are_counted_against_what_is_planned() -> None:
    results = [make_result("T1", "0", 0, 4), make_result("T1", "1", 4, 8), make_result("T2", "0", 8, None)]
    progress = run_progress(
        run(make_stage("T1", "T2"), make_stage("Gate", targets=("0-1",))), results, make_time(9)
    )
    assert (progress.done, progress.total) == (2, 5)
    assert progress.outcomes == {"completed": 2, "running": 1}
    assert progress.stage is not None
    assert (progress.stage.number, progress.stage.done, progress.stage.total) == (1, 2, 4)
    assert progress.measuring == [("T2", "0")]
    assert progress.running_s == 9.0


def test_the_rest_of_a_stage_takes_as_long_as_what_was_measured_of_it() -> None:
    execution = run(make_stage("T1", "T2", targets=("0", "1", "2", "3")))
    results = [make_result("T1", str(qid), 4 * qid, 4 * qid + 4) for qid in range(3)]
    assert run_progress(execution, results, make_time(12)).left_s == pytest.approx(20.0)
    assert run_progress(execution, results, make_time(14)).left_s == pytest.approx(18.0)
    for count in (0, 1, 2):
        assert run_progress(execution, results[:count], make_time(12)).left_s is None, "the pace is unknown"
    assert run_progress(execution, results, make_time(100)).left_s is None, "the rest is overdue"


def test_what_was_done_before_a_resume_says_nothing_of_the_pace() -> None:
    attempts = [
        RunAttempt(username="admin", start_at=BEGAN, end_at=make_time(10), status=ExecutionStatus.FAILED),
        RunAttempt(username="admin", start_at=make_time(1000)),
    ]
    before = [make_result("T1", "0", 0, 10)]
    execution = run(make_stage("T1", targets=("0", "1", "2", "3", "4", "5")), attempts=attempts)
    assert run_progress(execution, before, make_time(1001)).left_s is None
    since = [make_result("T1", str(qid), 998 + 2 * qid, 1000 + 2 * qid) for qid in (1, 2, 3)]
    progress = run_progress(execution, [*before, *since], make_time(1006))
    assert progress.left_s == pytest.approx(4.0)
    assert progress.running_s == 16.0, "while it waited to be resumed it did not run"


def test_what_is_tried_again_counts_once_and_what_was_cancelled_is_to_be_done() -> None:
    results = [
        make_result("T1", "0", 0, 1, status=TaskStatus.FAILED),
        make_result("T1", "0", 1, 2, attempt=2),
        make_result("T1", "1", 0, 1, status=TaskStatus.CANCELLED),
        make_result("T1", "0", 2, 3, refit_of="x"),
    ]
    progress = run_progress(run(make_stage("T1")), results, make_time(3))
    assert (progress.done, progress.total, progress.outcomes) == (1, 2, {"completed": 1, "cancelled": 1})


def test_a_run_that_has_ended_measures_nothing_and_has_no_time_left() -> None:
    ended = RunAttempt(username="admin", start_at=BEGAN, end_at=make_time(5), status=ExecutionStatus.FAILED)
    results = [make_result("T1", "0", 0, 4), make_result("T1", "1", 4, None)]
    progress = run_progress(
        run(make_stage("T1"), status=ExecutionStatus.FAILED, attempts=[ended]), results, make_time(99)
    )
    assert (progress.left_s, progress.measuring, progress.running_s) == (None, [], 5.0)
    assert progress.outcomes == {"completed": 1}


def test_a_run_whose_process_is_gone_measures_nothing_and_ran_until_its_last_sign_of_life() -> None:
    execution = run(make_stage("T1", targets=("0", "1", "2", "3", "4")))
    results = [make_result("T1", str(qid), 4 * qid, 4 * qid + 4) for qid in range(3)]
    results.append(make_result("T1", "3", 12, None))
    progress = run_progress(execution, results, make_time(13), interrupted=True)
    assert (progress.done, progress.total, progress.outcomes) == (3, 5, {"completed": 3})
    assert (progress.left_s, progress.measuring, progress.running_s) == (None, [], 12.0)
    assert run_progress(execution, [], make_time(99), interrupted=True).running_s == 0.0
