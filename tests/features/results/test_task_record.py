"""Statistics of a task's newest results: number of runs, outcomes, and durations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EMPTY = {"results": 0, "executions": 0, "by_status": {}, "flagged": 0}


def make_result(number: int, **changes: Any) -> TaskResultModel:
    """Return a result that started `number` seconds after noon, and took as many."""
    given: dict[str, Any] = {
        "project_id": PROJECT,
        "username": "admin",
        "chip_id": CHIP,
        "execution_id": "20261120-000",
        "task_id": f"r{number}",
        "name": "Measure",
        "qid": "0",
        "status": TaskStatus.COMPLETED,
        "verdict": "accepted",
        "start_at": NOON + timedelta(seconds=number),
        "elapsed_time": float(number),
    }
    return TaskResultModel(**{**given, **changes})


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(make_task(aliases=("Old",)))
    bench.repositories.of(TaskResultHistoryRepository).add(
        make_result(1, lab_s=10.0),
        make_result(2, lab_s=30.0, verdict="flagged"),
        make_result(6, execution_id="20261120-001"),
        make_result(40, status=TaskStatus.FAILED, verdict=None),
        make_result(50, refit_of="r1"),
        make_result(60, name="Other"),
        make_result(70, status=TaskStatus.SKIPPED, start_at=None),
        make_result(80, project_id="another"),
        make_result(90, chip_id="gone", status=TaskStatus.RUNNING, verdict=None, elapsed_time=None),
    )
    return bench


def describe_record(bench: Bench, **asked: Any) -> dict[str, Any]:
    from qdash_builtin.results.views.task_records import TaskRecordDocument

    return TaskRecordDocument.from_record(bench.qdash.get(RESULTS).make_task_record(ADMIN, **asked)).as_json()


@pytest.mark.every_store
def test_what_was_started_is_counted_by_how_it_ended_and_refits_are_not(bench: Bench) -> None:
    tally = describe_record(bench, task="Old", chip_id=CHIP)["tally"]
    assert tally == {
        "results": 4,
        "executions": 2,
        "by_status": {"completed": 3, "failed": 1},
        "flagged": 1,
        "first_at": "2026-11-20T12:00:01Z",
        "last_at": "2026-11-20T12:00:40Z",
        "median_wall_s": 2.0,
        "median_lab_s": 20.0,
    }


def test_each_chip_is_told_by_itself_and_what_is_not_known_of_it_is_absent(bench: Bench) -> None:
    record = describe_record(bench, task="Measure")
    assert (record["tally"]["results"], record["chips"][CHIP]["results"]) == (5, 4)
    gone = {"results": 1, "executions": 1, "by_status": {"running": 1}, "flagged": 0}
    at = "2026-11-20T12:01:30Z"
    assert record["chips"]["gone"] == {**gone, "first_at": at, "last_at": at}


def test_the_newest_results_are_looked_at(bench: Bench) -> None:
    assert describe_record(bench, task="Measure", chip_id=CHIP, newest=2)["tally"]["by_status"] == {
        "failed": 1
    }


def test_of_a_task_that_was_never_run_there_is_nothing(bench: Bench) -> None:
    assert describe_record(bench, task="Never") == {
        "name": "Never",
        "newest": 1000,
        "tally": EMPTY,
        "chips": {},
    }


def test_what_cannot_be_told_is_refused(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="no chip 'none'"):
        describe_record(bench, task="Measure", chip_id="none")
    with pytest.raises(InvalidInputError, match="1 to 10000 results, not of 0"):
        describe_record(bench, task="Measure", newest=0)
