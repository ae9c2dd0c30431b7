"""Calibration tasks as task runs of Prefect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qdash_core.models.progress import SilentProgress
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_prefect.task_runs import TaskRuns

FLOW_RUN = "7f2f1c9e-53a2-4a43-8d4f-5a3c8d3f4c11"
START = datetime(2026, 11, 21, tzinfo=UTC)


def result(status: TaskStatus = TaskStatus.COMPLETED, **given: Any) -> TaskResultModel:
    known = {"project_id": "p", "username": "admin", "chip_id": "chip", "execution_id": "20261121-001"}
    when = {"start_at": START, "end_at": START + timedelta(seconds=2)}
    wanted = {"task_id": "t", "name": "CheckT1", "qid": "0", **when, **given}
    return TaskResultModel(status=status, **known, **wanted)


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["resource"]["prefect.resource.id"] for event in events]


def test_a_task_is_one_task_run_from_start_to_end() -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    runs.started("CheckT1", "0")
    runs.finished(result())
    events = runs.take_events()
    assert [event["event"] for event in events] == [
        "prefect.task-run.Running",
        "prefect.task-run.Completed",
    ]
    assert len(set(ids(events))) == 1
    assert events[0]["related"][0]["prefect.resource.id"] == f"prefect.flow-run.{FLOW_RUN}"
    assert events[1]["payload"]["task_run"]["total_run_time"] == 2.0


def test_a_repeated_task_is_another_task_run() -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    for _ in range(2):
        runs.started("CheckT1", "0")
        runs.finished(result())
    events = runs.take_events()
    assert len(set(ids(events))) == 2
    assert events[-1]["payload"]["task_run"]["name"] == "CheckT1 0 (2)"


def test_a_task_that_ends_without_a_start_is_a_task_run() -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    runs.finished(result(TaskStatus.SKIPPED, start_at=None, message="CheckRabi failed"))
    [event] = runs.take_events()
    assert event["payload"]["validated_state"]["type"] == "CANCELLED"
    assert event["payload"]["validated_state"]["message"] == "CheckRabi failed"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (TaskStatus.COMPLETED, "COMPLETED"),
        (TaskStatus.FAILED, "FAILED"),
        (TaskStatus.CANCELLED, "CANCELLED"),
    ],
)
def test_each_end_of_a_task_maps_to_a_state_of_prefect(status: TaskStatus, kind: str) -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    runs.finished(result(status))
    assert runs.take_events()[0]["payload"]["validated_state"]["type"] == kind


def test_events_are_sent_once_and_keep_their_order() -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    runs.started("CheckT1", "0")
    assert len(runs.take_events()) == 1
    assert runs.take_events() == []


def test_the_other_progress_receiver_is_informed() -> None:
    told: list[str] = []

    class Watcher(SilentProgress):
        def started(self, task: str, target: str) -> None:
            told.append(f"{task} {target} begins")

        def finished(self, result: TaskResultModel) -> None:
            told.append(f"{result.name} {result.qid} {result.status}")

    runs = TaskRuns(FLOW_RUN, Watcher())
    runs.started("CheckT1", "0")
    runs.finished(result())
    assert told == ["CheckT1 0 begins", "CheckT1 0 completed"]


def test_a_flagged_task_and_its_repeat_are_two_task_runs() -> None:
    runs = TaskRuns(FLOW_RUN, SilentProgress())
    runs.started("CheckT1", "0")
    runs.repeating(result())
    runs.started("CheckT1", "0")
    runs.finished(result())
    events = runs.take_events()
    assert len(set(ids(events))) == 2
    assert [event["event"].rpartition(".")[2] for event in events] == ["Running", "Completed"] * 2
