"""Progress of a run without a terminal: a log must not end with an old count."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.runs.text_output.run_display import RunDisplay
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    import pytest

TASKS = [f"Task{number}" for number in range(8)]


def make_result(
    name: str, status: TaskStatus = TaskStatus.COMPLETED, *, ago_s: float = 0.0
) -> TaskResultModel:
    return TaskResultModel(
        project_id="default",
        username="admin",
        chip_id="chip",
        execution_id="20261121-000",
        task_id=name,
        name=name,
        qid="0-1",
        status=status,
        message="cable" if status is TaskStatus.FAILED else "",
        end_at=utc_now() - timedelta(seconds=ago_s),
    )


def test_a_log_tells_of_every_task_that_ends_however_soon_after_the_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with RunDisplay() as watcher:
        watcher.planned(TASKS, [["0-1"]])
        for name in TASKS[:5]:
            watcher.finished(make_result(name))
        watcher.finished(make_result(TASKS[5], TaskStatus.FAILED))
        watcher.finished(make_result(TASKS[6], TaskStatus.SKIPPED))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [f"{done}/8" for done in range(1, 8)]
    assert lines[-1] == "7/8 Task6", "the time left is unknown"


def test_what_ended_before_somebody_began_to_follow_is_counted_and_not_told_one_by_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with RunDisplay() as watcher:
        watcher.planned(TASKS, [["0-1"]])
        for name in TASKS[:6]:
            watcher.finished(make_result(name, ago_s=3600.0))
        watcher.finished(make_result(TASKS[6]))
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()[1:]] == ["7/8"]


def test_a_repeat_is_announced_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    flagged = make_result(TASKS[0]).model_copy(update={"reasons": ["t1 jumped from 88 to 20 us"]})
    with RunDisplay() as watcher:
        watcher.planned(TASKS, [["0-1"]])
        watcher.repeating(flagged)
        watcher.finished(make_result(TASKS[0]))
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == "coupling 0-1: Task0: t1 jumped from 88 to 20 µs: measured once more"
    assert lines[2].startswith("1/8 ")


def test_a_confirmed_change_is_announced_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    confirmed = make_result(TASKS[0]).model_copy(
        update={"verdict": Verdict.ACCEPTED, "reasons": ["t1 = 20 us is confirmed by results b and a"]}
    )
    with RunDisplay() as watcher:
        watcher.planned(TASKS[:1], [["0-1"]])
        watcher.finished(confirmed)
    lines = capsys.readouterr().err.splitlines()
    assert "coupling 0-1: Task0 accepted: t1 = 20 µs is confirmed by results b and a" in lines
