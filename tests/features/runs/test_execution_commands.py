"""`qdash executions list`, and all commands that take an execution id."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_cli.main import run
from qdash_core import open_qdash
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.queue import QueueEntryModel
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.queue import QueueRepository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

Said = tuple[int, str, str]


@pytest.fixture
def qdash(
    shared_plugins: None,
    no_settings: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Said]:
    """Function that runs a command and returns exit status, output and errors."""
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QDASH_TIMEZONE", "UTC")
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str) -> Said:
        status = run(list(arguments))
        return status, *capsys.readouterr()

    return command


def record(number: int, **given: Any) -> None:
    """Record an execution that took 3 minutes and 12 seconds, with some fields replaced."""
    begun = NOON + timedelta(minutes=number)
    ended = {"status": ExecutionStatus.FAILED, "start_at": begun, "elapsed_time": 192.0}
    about = {"project_id": "default", "username": "alice", "name": "bring-up", "chip_id": "a"}
    counts = {"tasks": {"completed": 18, "failed": 2, "skipped": 1}, "tags": ["night", "cold"]}
    execution = {**about, "execution_id": f"20261121-{number:03d}", **ended, **counts, **given}
    with open_qdash() as opened:
        opened.repositories.of(ExecutionRepository).add(ExecutionModel(**execution))


A_WORKER = "a worker: none is running, `qdash worker` starts one"


def enqueue(number: int) -> None:
    """Record an execution that is queued for a worker."""
    record(number, status=ExecutionStatus.SCHEDULED, start_at=None, elapsed_time=None, tasks={}, tags=[])
    about = {"project_id": "default", "username": "alice", "name": "bring-up", "chip_id": "a"}
    entry = {"execution_id": f"20261121-{number:03d}", "instrument": "bench", "rank": number}
    with open_qdash() as opened:
        opened.repositories.of(QueueRepository).put(QueueEntryModel(**about, **entry, submitted_at=NOON))


def test_a_list_tells_who_ran_what_how_long_it_took_and_how_it_went(qdash: Callable[..., Said]) -> None:
    record(3)
    header, _, row = qdash("executions", "list")[1].splitlines()
    for name, cell in {
        "execution": "20261121-003",
        "status": "failed",
        "user": "alice",
        "results": "18 completed, 2 failed, 1 skipped",
        "tags": "night, cold",
    }.items():
        assert row[header.index(name) :].startswith(cell)
    assert "3 min 12 s" in row


def test_a_list_shows_flagged_results(qdash: Callable[..., Said]) -> None:
    outcomes = {"flagged": 1, "accepted": 511}
    record(3, status=ExecutionStatus.COMPLETED, tasks={"completed": 512}, outcomes=outcomes)
    assert "511 accepted, 1 flagged" in qdash("executions", "list")[1]


def test_a_list_is_of_those_that_are_asked_for(qdash: Callable[..., Said]) -> None:
    record(1, tags=["day"])
    record(2, status=ExecutionStatus.RUNNING, elapsed_time=None)
    (interrupted,) = json.loads(qdash("executions", "list", "--status", "interrupted", "--json")[1])
    assert (interrupted["execution_id"], interrupted["interrupted"]) == ("20261121-002", True)
    (tagged,) = json.loads(qdash("executions", "list", "--tag", "day", "--json")[1])
    assert tagged["execution_id"] == "20261121-001"
    record(4, username="bob", cooldown_id="cd-7")
    for asked, number in (
        (["--by", "bob"], 4),
        (["--cooldown", "cd-7"], 4),
        (["--since", "2026-11-21T12:03"], 4),
        (["--since", "2026-11-21T12:01", "--until", "2026-11-21T12:02"], 1),
    ):
        (found,) = json.loads(qdash("executions", "list", *asked, "--json")[1])
        assert found["execution_id"] == f"20261121-{number:03d}", asked
    assert qdash("executions", "list", "--task", "T1") == (0, "no matching executions\n", "")
    assert "error: --since: 'soon' is not a moment" in qdash("executions", "list", "--since", "soon")[2]
    assert (
        "--verdict: it has to be 'accepted', 'flagged' or 'rejected'"
        in qdash("executions", "list", "--verdict", "good")[2]
    )
    assert qdash("executions", "list", "--tag", "nix") == (0, "no matching executions\n", "")
    assert qdash("executions", "list", "--status", "done")[0] == 2


def test_a_list_that_is_cut_names_its_next_page(qdash: Callable[..., Said]) -> None:
    for number in (1, 2, 3):
        record(number)
    first = qdash("executions", "list", "--limit", "2")[1]
    assert first.endswith("\nand more: --after 20261121-002\n")
    rest = qdash("executions", "list", "--limit", "2", "--after", "20261121-002")[1].splitlines()
    assert [line.split()[0] for line in rest[2:]] == ["20261121-001"]
    (last,) = json.loads(qdash("executions", "list", "--limit", "2", "--after", "20261121-002", "--json")[1])
    assert last["execution_id"] == "20261121-001"
    assert qdash("executions", "list", "--after", "20261121-001") == (0, "no matching executions\n", "")
    assert qdash("executions", "list", "--after", "20261121-7")[0] == 2


def test_a_run_that_waits_is_named_by_a_beginning_of_its_id(qdash: Callable[..., Said]) -> None:
    enqueue(10)
    enqueue(25)
    assert qdash("queue", "move", "last", "--before", "20261121-01")[1] == "execution 20261121-025 is moved\n"
    waiting = json.loads(qdash("queue", "list", "--json")[1])
    assert [one["execution_id"] for one in waiting] == ["20261121-025", "20261121-010"]
    assert qdash("queue", "hold", "20261121-02")[1] == "execution 20261121-025 is held\n"
    status, _, why = qdash("queue", "remove", "2026")
    assert (status, why) == (2, "error: '2026' begins several executions: 20261121-025, 20261121-010\n")


def test_a_run_that_no_worker_can_perform_waits_for_a_worker(qdash: Callable[..., Said]) -> None:
    enqueue(1)
    assert qdash("queue", "list")[1].splitlines()[2].endswith(f"waiting  {A_WORKER}")
    assert [one["waits_for"] for one in json.loads(qdash("queue", "list", "--json")[1])] == [A_WORKER]


def test_what_a_held_run_waits_for_is_its_release(qdash: Callable[..., Said]) -> None:
    enqueue(1)
    qdash("queue", "hold", "last", "--user", "bob")
    assert qdash("queue", "list")[1].splitlines()[2].endswith("held   its release: held by bob")
