"""`qdash lock`: who holds it, and taking it away."""

from __future__ import annotations

import json
import os
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import open_qdash
from qdash_core.cli.main import run
from qdash_core.lease.liveness import process_start
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionLockModel, ExecutionModel, ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXECUTION = "20260101-007"

Said = tuple[int, str, str]


@pytest.fixture
def qdash(
    no_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Return a function that runs a command and returns exit status, output and complaints."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QDASH_TIMEZONE", "UTC")

    def command(*arguments: str) -> Said:
        status = run(list(arguments))
        return status, *capsys.readouterr()

    return command


def locked(**changes: Any) -> None:
    """Write the lease of a run of alice; by default its holder is the process that runs the tests' process."""
    now = utc_now()
    parent = os.getppid()
    lease = {
        "project_id": "default", "owner": "somebody", "host": socket.gethostname(), "pid": parent,
        "process_start": process_start(parent), "execution_id": EXECUTION, "acquired_at": now,
        "expires_at": now + timedelta(seconds=30),
    }  # fmt: skip
    execution = ExecutionModel(
        project_id="default", username="alice", name="flow", execution_id=EXECUTION, chip_id="chip",
        status=ExecutionStatus.RUNNING, start_at=now,
    )  # fmt: skip
    with open_qdash() as opened:
        opened.repositories.locks.put(ExecutionLockModel(**{**lease, **changes}))
        if opened.repositories.executions.find("default", EXECUTION) is None:
            opened.repositories.executions.add(execution)


DEAD = {"pid": os.getpid(), "process_start": 1.0}
ELSEWHERE = {"host": "elsewhere", "pid": 7, "process_start": 1.0}


def test_a_free_project(qdash: Callable[..., Said]) -> None:
    assert qdash("lock", "status") == (0, "project default is free\n", "")
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert document == {
        "locked": False, "owner": None, "host": None, "pid": None, "acquired_at": None, "expires_at": None,
        "execution_id": None,
    }  # fmt: skip


def test_who_holds_it(qdash: Callable[..., Said]) -> None:
    locked()
    told = qdash("lock", "status")[1]
    assert told.startswith(
        f"project default is in use by execution {EXECUTION} of alice (process {os.getppid()} on"
    )
    assert "dead" not in told
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert document["acquired_at"] < document["expires_at"]
    shown = {name: document[name] for name in ("locked", "owner", "host", "pid", "execution_id", "holder")}
    assert shown == {
        "locked": True, "owner": "alice", "host": socket.gethostname(), "pid": os.getppid(),
        "execution_id": EXECUTION, "holder": "alive",
    }  # fmt: skip


def test_a_dead_holder_is_shown_as_one_with_what_to_do(qdash: Callable[..., Said]) -> None:
    locked(**DEAD)
    told = qdash("lock", "status")[1]
    assert "That process is dead: the next run takes the lock over" in told
    assert f"`qdash executions resume {EXECUTION}`" in told
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert (document["locked"], document["holder"], document["owner"]) == (False, "dead", "alice")


def test_a_holder_that_is_not_heard_of_is_doubtful(qdash: Callable[..., Said]) -> None:
    locked(**ELSEWHERE, expires_at=utc_now() - timedelta(seconds=1))
    assert "has not been renewed in time: the next run watches it for 30 s" in qdash("lock", "status")[1]
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert (document["locked"], document["holder"]) == (True, "doubtful")


def test_locks_of_chips_are_listed(qdash: Callable[..., Said]) -> None:
    locked(chip_id="A")
    locked(chip_id="B", **DEAD)
    told = qdash("lock", "status")[1].splitlines()
    assert [line.partition(" of project")[0] for line in told] == ["chip A", "chip B"]
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert document["locked"] is True
    assert [(one["chip_id"], one["locked"]) for one in document["locks"]] == [("A", True), ("B", False)]


def test_nothing_is_released_without_force(qdash: Callable[..., Said]) -> None:
    locked()
    status, out, complaint = qdash("lock", "release")
    assert (status, out) == (2, "")
    assert f"in use by execution {EXECUTION} of alice" in complaint
    assert "that run notices it and stops by itself" in complaint
    assert "--force" in complaint
    assert json.loads(qdash("lock", "status", "--json")[1])["locked"] is True


def test_by_force_it_is_taken_away_and_said_what_happens(qdash: Callable[..., Said]) -> None:
    locked()
    status, out, told = qdash("lock", "release", "--force")
    assert (status, out) == (0, "project default is free now\n")
    assert "that run notices it and stops by itself" in told
    assert qdash("lock", "status")[1] == "project default is free\n"
    assert qdash("lock", "release", "--force")[:2] == (0, "nothing was locked\n")


def test_only_one_chip_is_released(qdash: Callable[..., Said]) -> None:
    locked(chip_id="A")
    locked(chip_id="B", **DEAD)
    released = json.loads(qdash("lock", "release", "--force", "--chip", "B", "--json")[1])["released"]
    assert [one["chip_id"] for one in released] == ["B"]
    assert [one["chip_id"] for one in json.loads(qdash("lock", "status", "--json")[1])["locks"]] == ["A"]


def test_a_chip_that_does_not_exist_is_not_called_released(qdash: Callable[..., Said]) -> None:
    status, out, complaint = qdash("lock", "release", "--force", "--chip", "nope")
    assert (status, out) == (2, "")
    assert "there is no chip 'nope'" in complaint


def test_who_may_not_run_may_not_release(qdash: Callable[..., Said]) -> None:
    locked()
    status, _, complaint = qdash("lock", "release", "--force", "--project", "other")
    assert status == 2
    assert "other" in complaint
