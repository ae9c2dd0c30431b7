"""Search of results by their fields and by words of their messages, page by page, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_result(number: int, **changes: Any) -> TaskResultModel:
    """Return a result that started `number` seconds after noon."""
    given: dict[str, Any] = {
        "project_id": PROJECT,
        "username": "admin",
        "chip_id": CHIP,
        "execution_id": "20261120-000",
        "task_id": f"r{number}",
        "name": "Measure",
        "qid": "0",
        "status": TaskStatus.COMPLETED,
        "start_at": NOON + timedelta(seconds=number),
    }
    return TaskResultModel(**{**given, **changes})


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(make_task(aliases=("Old",)))
    failed = {"status": TaskStatus.FAILED, "message": "No decay: the contrast of T1 is too small"}
    bench.repositories.of(TaskResultHistoryRepository).add(
        make_result(1, verdict="accepted", username="ann", cooldown_id="cd-1", tags=["day"]),
        make_result(2, verdict="flagged", qid="1", cooldown_id="cd-1", tags=["day", "cold"]),
        make_result(3, **failed, qid="2-3"),
        make_result(4, **{**failed, "message": "no oscillation: the contrast is too small"}, name="Other"),
        make_result(5, chip_id="b", execution_id="20261120-001"),
        make_result(6, status=TaskStatus.SKIPPED, start_at=None, message="an input is missing"),
        make_result(7, project_id="another"),
    )
    return bench


def search_results(bench: Bench, **asked: Any) -> list[str]:
    page = bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(**asked), PageRequest())
    return [one.task_id for one in page.items]


@pytest.mark.every_store
def test_every_condition_holds_for_what_is_found_newest_first(
    bench: Bench, subtests: pytest.Subtests
) -> None:
    for asked, ids in [
        ({}, "r5 r4 r3 r2 r1 r6"),
        ({"chip_id": CHIP}, "r4 r3 r2 r1 r6"),
        ({"execution_id": "20261120-001"}, "r5"),
        ({"task": "Old", "chip_id": CHIP}, "r3 r2 r1 r6"),
        ({"target": "Q01"}, "r2"),
        ({"target": "3-2"}, "r3"),
        ({"status": "failed"}, "r4 r3"),
        ({"verdict": "flagged"}, "r2"),
        ({"outcome": "accepted"}, "r1"),
        ({"outcome": "flagged"}, "r2"),
        ({"outcome": "completed"}, "r5"),
        ({"outcome": "failed", "task": "Other"}, "r4"),
        ({"outcome": "skipped"}, "r6"),
        ({"outcome": "skipped", "execution_id": "20261120-000"}, ""),
        ({"since": NOON + timedelta(seconds=2), "until": NOON + timedelta(seconds=4)}, "r3 r2"),
        ({"username": "ann"}, "r1"),
        ({"cooldown_id": "cd-1"}, "r2 r1"),
        ({"cooldown_id": "cd-1", "verdict": "flagged"}, "r2"),
        ({"tags": ["day"]}, "r2 r1"),
        ({"tags": ["cold", "day"]}, "r2"),
        ({"tags": ["day"], "username": "admin", "task": "Old"}, "r2"),
        ({"tags": ["day"], "text": "contrast"}, ""),
        ({"tags": ["da"]}, ""),
        ({"text": "CONTRAST"}, "r4 r3"),
        ({"text": "small contrast"}, "r4 r3"),
        ({"text": "decay, contrast!"}, "r3"),
        ({"text": "contrast", "task": "Other"}, "r4"),
        ({"text": "missing"}, "r6"),
        ({"text": "contras"}, ""),
    ]:
        with subtests.test(str(asked)):
            assert search_results(bench, **asked) == ids.split()


@pytest.mark.every_store
@pytest.mark.parametrize(
    "asked", [{}, {"text": "the"}, {"tags": ["day"]}, {"username": "admin"}, {"cooldown_id": "cd-1"}]
)
def test_pages_follow_each_other_without_a_gap(bench: Bench, asked: dict[str, Any]) -> None:
    query, after, seen = ResultQuery(chip_id=CHIP, **asked), None, []
    while True:
        page = bench.qdash.get(RESULTS).page(ADMIN, query, PageRequest(1, after))
        seen += [one.task_id for one in page.items]
        if (after := page.next) is None:
            break
    assert seen == search_results(bench, chip_id=CHIP, **asked)


@pytest.mark.every_store
def test_the_next_results_follow_one_that_is_named(bench: Bench) -> None:
    found = bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(), PageRequest(3), after="r4")
    assert [one.task_id for one in found.items] == ["r3", "r2", "r1"]
    last = bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(), PageRequest(3), after="r1")
    assert ([one.task_id for one in last.items], last.next) == (["r6"], None)
    with pytest.raises(NotFoundError, match="there is no result 'r9'"):
        bench.qdash.get(RESULTS).page(ADMIN, ResultQuery(), PageRequest(3), after="r9")


@pytest.mark.every_store
def test_a_result_is_found_by_its_tags_as_they_are_now(bench: Bench) -> None:
    running = make_result(8, status=TaskStatus.RUNNING, tags=["before"])
    bench.repositories.of(TaskResultHistoryRepository).add(running)
    ended = running.model_copy(update={"status": TaskStatus.COMPLETED, "tags": ["after"]})
    bench.repositories.of(TaskResultHistoryRepository).replace(ended, was=TaskStatus.RUNNING)
    assert (search_results(bench, tags=["before"]), search_results(bench, tags=["after"])) == ([], ["r8"])


@pytest.mark.every_store
def test_a_result_is_found_by_its_words_as_they_are_now(bench: Bench) -> None:
    running = make_result(8, status=TaskStatus.RUNNING, message="at the first point")
    bench.repositories.of(TaskResultHistoryRepository).add(running)
    ended = running.model_copy(update={"status": TaskStatus.FAILED, "message": "the laser is off"})
    bench.repositories.of(TaskResultHistoryRepository).replace(ended, was=TaskStatus.RUNNING)
    assert (search_results(bench, text="first point"), search_results(bench, text="laser")) == ([], ["r8"])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"text": "--"}, "no word"),
        ({"text": " ".join("abcdefghijk")}, "11 words"),
        ({"status": "asleep"}, "status cannot be 'asleep'"),
        ({"verdict": "perfect"}, "verdict cannot be 'perfect'"),
        ({"target": "x"}, "not a qubit"),
        ({"since": NOON, "until": NOON}, "the time range is empty"),
        ({"outcome": "perfect"}, "outcome cannot be 'perfect'"),
        ({"outcome": "flagged", "verdict": "flagged"}, "an outcome is selected without a status or verdict"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(bench: Bench, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        search_results(bench, **asked)


def test_results_of_another_project_are_not_there(bench: Bench) -> None:
    assert bench.qdash.get(RESULTS).show(ADMIN, "r1").qid == "0"
    for access, task_id in ((ADMIN, "r7"), (access_of("admin", "another"), "r1")):
        with pytest.raises(NotFoundError, match="there is no result"):
            bench.qdash.get(RESULTS).show(access, task_id)
