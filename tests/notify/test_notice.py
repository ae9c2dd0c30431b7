"""Texts of notices about events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from qdash_core.models.execution import EventModel, ExecutionModel
from qdash_notify.notice import make_notice

AT = datetime(2026, 1, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def make_event(kind: str, **changes: Any) -> EventModel:
    where = {"project_id": "default", "chip_id": "64Qv3", "execution_id": "20260101-007"}
    return EventModel(kind=kind, created_at=AT, **{**where, **changes})


def make_execution(elapsed_time: float | None) -> ExecutionModel:
    return ExecutionModel(
        project_id="default", username="alice", name="bring-up", execution_id="20260101-007", chip_id="64Qv3",
        elapsed_time=elapsed_time,
    )  # fmt: skip


def test_the_end_of_a_run_tells_what_became_of_it_and_how_to_look_at_it() -> None:
    data = {"name": "bring-up", "message": "two\nlines", "tasks": {"failed": 1, "completed": 12}}
    notice = make_notice(make_event("execution.failed", data=data), make_execution(200.4), TOKYO)
    assert notice.title == (
        "64Qv3: bring-up failed: 12 completed, 1 failed in 3 min 20 s: two lines (execution 20260101-007)"
    )
    assert dict(notice.fields) == {
        "chip": "64Qv3",
        "flow": "bring-up",
        "tasks": "12 completed, 1 failed",
        "duration": "3 min 20 s",
        "message": "two lines",
        "time": "2026-01-01 09:00:00+09:00",
        "user": "alice",
        "project": "default",
        "execution": "20260101-007",
        "look": "qdash executions show 20260101-007",
    }
    assert str(notice).splitlines()[:2] == [notice.title, "chip: 64Qv3"]


def test_durations_are_told_as_commands_tell_them() -> None:
    data = {"name": "bring-up", "tasks": {"completed": 1}}
    told = [
        make_notice(make_event("execution.completed", data=data), make_execution(seconds), TOKYO).fields[
            "duration"
        ]
        for seconds in (4.21, 59.99, 60.0, 3599.6, 7500.0)
    ]
    assert told == ["4.2 s", "1 min", "1 min", "1 h", "2 h 5 min"]


def test_a_run_that_begins_has_neither_counts_nor_a_duration() -> None:
    data = {"name": "bring-up", "message": "", "tasks": {}}
    notice = make_notice(make_event("execution.running", data=data), make_execution(None), TOKYO)
    assert notice.title == "64Qv3: bring-up running (execution 20260101-007)"
    assert not {"tasks", "duration", "message"} & notice.fields.keys()


def test_a_task_is_told_with_its_target() -> None:
    data = {"name": "CheckT1", "qid": "3", "message": "the trace is flat", "verdict": None}
    notice = make_notice(make_event("task.failed", task_id="t", data=data), None, TOKYO)
    assert notice.title == "64Qv3: CheckT1 on 3 failed: the trace is flat (execution 20260101-007)"
    assert notice.fields["task"] == "CheckT1 on 3"


def test_an_event_of_which_nothing_is_known_is_told_all_the_same() -> None:
    notice = make_notice(make_event("lock.released", chip_id="", execution_id=""), None, TOKYO)
    assert notice.title == "lock released"


def test_an_issue_is_told_with_its_title_and_people() -> None:
    data = {
        "issue_id": "12", "username": "bob", "assignees": ["alice", "bob"], "mentioned": ["alice"],
        "title": "no decay", "message": "the pump\nis off",
    }  # fmt: skip
    notice = make_notice(make_event("issue.commented", execution_id="", data=data), None, TOKYO)
    assert notice.title == "64Qv3: issue 12 (no decay) commented: the pump is off"
    assert dict(notice.fields) == {
        "chip": "64Qv3",
        "issue": "issue 12 (no decay)",
        "assignees": "alice, bob",
        "mentioned": "alice",
        "message": "the pump is off",
        "time": "2026-01-01 09:00:00+09:00",
        "user": "bob",
        "project": "default",
        "look": "qdash issue show 12",
    }


def test_an_event_of_neither_a_run_nor_a_task_tells_its_subject() -> None:
    event = make_event("sample.created", execution_id="", data={"name": "sample S13", "username": "ann"})
    notice = make_notice(event, None, TOKYO)
    assert notice.title == "64Qv3: sample S13 created"
    assert (notice.fields["subject"], notice.fields["user"], "flow" in notice.fields) == (
        "sample S13",
        "ann",
        False,
    )
