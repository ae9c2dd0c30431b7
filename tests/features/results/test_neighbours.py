"""Neighbours of a result in time and on the other targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.requests import ResultSequence
from qdash_core import NotFoundError
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from ...core.conftest import MakeBench

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.every_store


def make_result(task_id: str, hours: float | None, **changes: Any) -> TaskResultModel:
    """Return a result that started some hours after noon; None: never."""
    given: dict[str, Any] = {
        "project_id": PROJECT,
        "username": "admin",
        "chip_id": CHIP,
        "execution_id": "20261120-000",
        "task_id": task_id,
        "name": "Measure",
        "qid": "1",
        "status": TaskStatus.COMPLETED,
        "start_at": None if hours is None else NOON + timedelta(hours=hours),
    }
    return TaskResultModel(**{**given, **changes})


@pytest.fixture
def find(make_bench: MakeBench) -> Any:
    """A function that returns the ids of the neighbours of a result."""
    bench = make_bench(make_task())
    bench.repositories.of(TaskResultHistoryRepository).add(
        make_result("yesterday", -24.0, raw_data_path=["yesterday.npz"], execution_id="20261119-000"),
        make_result("morning", -3.0, execution_id="20261120-009"),
        make_result("now", 0.0),
        make_result("refit", 0.0, refit_of="now"),
        make_result("later", 2.0),
        make_result("other task", 1.0, name="Other"),
        make_result("skipped", None),
        make_result("chip b", 0.5, chip_id="b"),
        make_result("0 last night", -20.0, qid="0"),
        make_result("10", 0.1, qid="10"),
        make_result("2 of another run", 0.0, qid="2", execution_id="20261120-009"),
        make_result("2", 3.0, qid="2"),
    )

    def act(task_id: str, along: ResultSequence = ResultSequence.TASK) -> list[str | None]:
        found = bench.qdash.get(RESULTS).find_neighbours(ADMIN, task_id, along)
        every = (found.earlier, found.later, found.previous_target, found.next_target, found.with_data)
        return [one and one.task_id for one in every]

    act.results = bench.qdash.get(RESULTS)  # type: ignore[attr-defined]
    return act


def test_the_neighbours_in_time_are_measurements_of_the_task_on_the_target(find: Any) -> None:
    assert find("now")[:2] == ["morning", "later"]
    assert find("refit")[1] == "later"
    assert find("later")[:2] == ["now", None]
    assert find("yesterday")[0] is None


def test_a_sequence_may_be_of_a_target_or_of_an_execution(find: Any) -> None:
    assert find("now", ResultSequence.TARGET)[:2] == ["morning", "other task"]
    assert find("now", ResultSequence.EXECUTION)[:2] == ["0 last night", "10"]


def test_the_neighbouring_targets_are_those_of_the_same_night_of_the_same_execution_first(find: Any) -> None:
    assert find("now")[2:4] == [None, "2"]
    assert find("2")[2:4] == ["later", "10"]
    assert find("10")[2:4] == ["2", None]


def test_the_previous_data_are_those_of_the_newest_earlier_result_with_raw_data(find: Any) -> None:
    assert find("now")[4] == "yesterday"
    assert find("now", ResultSequence.EXECUTION)[4] == "yesterday"


def test_a_result_that_never_started_has_no_neighbours(find: Any) -> None:
    assert find("skipped") == [None] * 5


def test_a_result_of_another_project_has_no_neighbours(find: Any) -> None:
    with pytest.raises(NotFoundError):
        find.results.find_neighbours(access_of("bob", "elsewhere"), "now", ResultSequence.TASK)
