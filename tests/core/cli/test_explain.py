"""`qdash explain` prints likely causes with their evidence and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_core import BackendError
from qdash_core.cli.rendering.times import format_time

from ...access import ADMIN
from ..bench import CHIP, Bench, make_raising, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel

    from .conftest import InProcess

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def failed(command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TaskResultModel:
    """A result that failed because of the rack, and an issue about its qubit."""
    url = f"sqlite:///{tmp_path}/night.db"
    monkeypatch.setenv("QDASH_STORE_URL", url)
    task = make_task("Rabi", measure=make_raising(BackendError("the rack does not answer")))
    bench = Bench.open(tmp_path / "home", url, task)
    result = bench.run("Rabi")
    bench.qdash.issues.open(ADMIN, "Rack is red", chip_id=CHIP, targets=["0"], body="since noon")
    bench.qdash.close()
    return result


def test_a_result_and_its_target_are_explained(command: InProcess, failed: TaskResultModel) -> None:
    text = command.does("explain", failed.task_id[:8])
    assert text == command.does("explain", "0")
    assert text == command.does("explain", "Q00", "--chip", CHIP)
    source = f"[result:{failed.task_id[:8]}]"
    assert text.splitlines() == [
        "Rabi on qubit 0 failed: the rack does not answer",
        f"started {format_time(failed.start_at, TOKYO)}",
        "",
        "1. Backend or instrument error: 100 %",
        f"   + The measurement ended with an error of the backend. {source}",
        "   next step: Look for the first error in the log, check the connection and state of the instruments, then measure again.",
        f"     qdash executions logs {failed.execution_id}",
        "",
        "see Rack is red: since noon [issue:1]",
    ]
    document = command.read_json("explain", failed.task_id)
    assert document["causes"][0]["id"] == "backend-error"
    assert document["related"][0]["text"] == "since noon"


def test_an_execution_is_explained(command: InProcess, failed: TaskResultModel) -> None:
    text = command.does("explain", "last")
    lines = text.splitlines()
    assert lines[0] == f"execution {failed.execution_id} on chip {CHIP} failed: no task completed"
    assert lines[2:5] == [
        "1. qubit 0",
        f"   Rabi on qubit 0 failed: the rack does not answer [result:{failed.task_id[:8]}]",
        "   Backend or instrument error: 100 %",
    ]
    assert command.read_json("explain", failed.execution_id)["groups"][0]["targets"] == ["0"]


def test_a_target_without_results_has_none(command: InProcess, failed: TaskResultModel) -> None:
    assert command.does("explain", "3") == f"no task has run on qubit 3 of chip {CHIP}\n"
    assert "has no qubit 9" in command.run_refused("explain", "9")
    assert "no result 'x'" in command.run_refused("explain", "x")
