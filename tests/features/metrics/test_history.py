"""History of a value: all results of its tasks, newest first, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.calibration_notes import CalibrationNoteService
from qdash_builtin.metrics.selection import ALL_TIME, Period
from qdash_builtin.metrics.service import MetricsService
from qdash_core.errors import NotFoundError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.execution import CalibrationNoteModel
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import LatestResultModel, TaskModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)

from ...access import ADMIN
from ...core.chips.samples import make_chip

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

P = "default"
BEGIN = datetime(2040, 1, 1, tzinfo=UTC)


def record(store: Store, name: str, hour: int, *metrics: str, qid: str = "0", **more: object) -> None:
    """Record a result with metrics whose value is the hour."""
    key = {"project_id": P, "chip_id": "A", "name": name, "qid": qid, "task_id": f"{name}-{hour:02}"}
    ended = {"execution_id": "e", "status": TaskStatus.COMPLETED, "end_at": BEGIN + timedelta(hours=hour)}
    given = {metric: ParameterModel(value=float(hour), unit="us") for metric in metrics}
    with store.transaction() as transaction:
        repositories = Repositories(transaction)
        repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel.model_validate(
                {
                    **key,
                    **ended,
                    "username": "admin",
                    "start_at": ended["end_at"],
                    "output_parameters": given,
                    **more,
                }
            )
        )
        repositories.of(LatestResultRepository).put(LatestResultModel.model_validate({**key, **ended}))


def define(store: Store, name: str, *metrics: str) -> None:
    outputs = {metric: {} for metric in metrics}
    Repositories(store).of(TaskRepository).put(
        TaskModel(
            project_id=P,
            username="admin",
            name=name,
            backend=None,
            task_type="qubit",
            output_parameters=outputs,
        )
    )


def read_all_pages(
    store: Store, metric: str, limit: int = 2, target: str = "0", period: Period = ALL_TIME
) -> list[float]:
    found: list[float] = []
    request: PageRequest | None = PageRequest(limit)
    while request is not None:
        page = MetricsService(store).get_history_page(ADMIN, "A", target, metric, request, period=period)
        found += [float(point.parameter["value"]) for point in page.items]
        request = None if page.next is None else PageRequest(limit, page.next)
    return found


@pytest.fixture
def chip(prepared_store: Store) -> Store:
    make_chip(prepared_store, "A")
    return prepared_store


@pytest.mark.every_store
def test_the_results_of_every_task_that_makes_a_metric_are_told(chip: Store) -> None:
    define(chip, "Once", "t1")
    define(chip, "Average", "t1", "t1_std")
    define(chip, "Other", "t2_echo")
    for hour, name in enumerate(["Once", "Average", "Other", "Unknown", "Once", "Once"]):
        record(chip, name, hour, "t1", verdict=Verdict.FLAGGED if hour == 4 else Verdict.ACCEPTED)
    record(chip, "Once", 9, "t1", qid="1")
    assert read_all_pages(chip, "t1") == [5.0, 4.0, 3.0, 1.0, 0.0], (
        "what nobody knows of may make it, and Other does not"
    )
    assert read_all_pages(chip, "t1_std") == []
    assert read_all_pages(chip, "t1", target="Q01") == [9.0]
    assert read_all_pages(
        chip, "t1", period=Period(since=BEGIN + timedelta(hours=1), until=BEGIN + timedelta(hours=4))
    ) == [
        3.0,
        1.0,
    ]


def test_what_gave_nothing_is_passed_over(chip: Store) -> None:
    define(chip, "Once", "t1")
    record(chip, "Once", 0, "t1")
    for hour in range(1, 30):
        record(chip, "Once", hour, status=TaskStatus.FAILED)
    record(chip, "Once", 30, "t1")
    for limit in (1, 2, 50):
        assert read_all_pages(chip, "t1", limit) == [30.0, 0.0]


def test_what_was_measured_of_a_chip_of_this_name_before_is_not_told(chip: Store) -> None:
    define(chip, "Once", "t1")
    record(chip, "Once", -24 * 365 * 30, "t1")
    assert read_all_pages(chip, "t1") == []
    with pytest.raises(NotFoundError, match="no qubit 7"):
        read_all_pages(chip, "t1", target="7")
    with pytest.raises(NotFoundError, match="no cool-down"):
        read_all_pages(chip, "t1", period=Period(cooldown_id="x"))


@pytest.mark.every_store
def test_calibration_notes_have_pages_without_their_contents(chip: Store) -> None:
    for number in range(5):
        Repositories(chip).of(CalibrationNoteRepository).put(
            CalibrationNoteModel(
                project_id=P,
                username="admin",
                chip_id="A",
                execution_id="e",
                task_id=f"t{number}",
                note={"n": number},
                timestamp=BEGIN + timedelta(hours=number // 2),
            )
        )
    service = CalibrationNoteService(chip)
    found: list[str] = []
    request: PageRequest | None = PageRequest(2)
    while request is not None:
        page = service.page(ADMIN, "A", request)
        found += [mark.task_id for mark in page.items]
        request = None if page.next is None else PageRequest(2, page.next)
    assert found == ["t4", "t2", "t3", "t0", "t1"]
    assert service.get_latest(ADMIN, "A").note == {"n": 4}
    assert service.show(ADMIN, "A", "e", "t1").note == {"n": 1}
    with pytest.raises(NotFoundError, match="end of execution"):
        service.show(ADMIN, "A", "e")
