"""`qdash task results`: task results of all executions, filtered, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import open_qdash
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def record(number: int, **given: Any) -> None:
    about = {"project_id": "default", "username": "ann", "chip_id": "a", "execution_id": "20261121-000"}
    ended = {"status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED}
    began = {
        "start_at": NOON + timedelta(minutes=number),
        "task_id": f"r{number}",
        "name": "CheckT1",
        "qid": "0",
    }
    with open_qdash() as qdash:
        qdash.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(**{**about, **ended, **began, **given})
        )


@pytest.fixture
def results(command: InProcess) -> InProcess:
    """Three results, the last one failed."""
    record(1, tags=["day"], cooldown_id="cd-1")
    record(2, username="bob", verdict=Verdict.FLAGGED, message="the fit is poor", execution_id="20261121-001")
    record(3, status=TaskStatus.FAILED, verdict=None, name="CheckRabi", qid="0-1", message="no peak")
    with open_qdash() as qdash:
        about = {"project_id": "default", "username": "ann", "chip_id": "a", "name": "bring-up"}
        qdash.repositories.of(ExecutionRepository).add(ExecutionModel(**about, execution_id="20261121-000"))
    return command


def test_results_are_selected(results: InProcess, subtests: pytest.Subtests) -> None:
    for options, ids in [
        ([], ["r3", "r2", "r1"]),
        (["--chip", "b"], []),
        (["--execution", "last"], ["r3", "r1"]),
        (["--task", "CheckT1", "--target", "Q00"], ["r2", "r1"]),
        (["--status", "failed"], ["r3"]),
        (["--verdict", "flagged"], ["r2"]),
        (["--tag", "day"], ["r1"]),
        (["--by", "bob"], ["r2"]),
        (["--cooldown", "cd-1"], ["r1"]),
        (["--since", "2026-11-21T21:02", "--until", "2026-11-21T21:03"], ["r2"]),
        (["--search", "poor"], ["r2"]),
        (["--after", "r3"], ["r2", "r1"]),
    ]:
        with subtests.test(str(options)):
            assert [one["task_id"] for one in results.read_json("task", "results", *options)] == ids


def test_a_list_for_people_has_a_row_for_each_and_names_the_next_page(results: InProcess) -> None:
    shown = results.does("task", "results", "--limit", "2").splitlines()
    rows = [" ".join(line.split()) for line in shown[2:4]]
    assert rows == [
        "20261121-000 a CheckRabi 0-1 failed 11-21 21:03 no peak r3",
        "20261121-001 a CheckT1 0 flagged 11-21 21:02 the fit is poor r2",
    ]
    assert shown[-1] == "and more: --after r2"
    assert results.does("task", "results", "--by", "eve") == "no matching task results\n"


def test_a_condition_that_is_none_is_refused(results: InProcess) -> None:
    assert "--verdict: it has to be 'accepted', 'flagged' or 'rejected'" in results.run_refused(
        "task", "results", "--verdict", "good"
    )
    assert "there is no result 'x'" in results.run_refused("task", "results", "--after", "x")


@pytest.mark.parametrize("status", [ExecutionStatus.RUNNING, ExecutionStatus.FAILED])
def test_a_result_that_a_dead_run_has_left_running_is_interrupted(
    results: InProcess, status: ExecutionStatus
) -> None:
    about = {"project_id": "default", "username": "ann", "chip_id": "a", "name": "bring-up"}
    with open_qdash() as qdash:
        qdash.repositories.of(ExecutionRepository).add(
            ExecutionModel(**about, execution_id="20261121-002", status=status, start_at=NOON)
        )
    record(4, status=TaskStatus.RUNNING, verdict=None, execution_id="20261121-002")
    assert results.read_json("task", "results", "--outcome", "running") == []
    (listed,) = results.read_json("task", "results", "--outcome", "interrupted")
    assert (listed["task_id"], listed["status"], listed["interrupted"]) == ("r4", "running", True)
    assert "CheckT1  0       interrupted" in results.does("task", "results", "--execution", "20261121-002")
    if status is ExecutionStatus.RUNNING:
        assert "1 interrupted" in results.does("executions", "list")
        shown = results.read_json("executions", "show", "20261121-002", "--outcome", "interrupted")
        assert shown["outcomes"] == {"interrupted": 1}
        assert [one["interrupted"] for one in shown["results"]] == [True]
        assert (
            results.read_json("executions", "show", "20261121-002", "--outcome", "running")["results"] == []
        )
