"""`qdash lock`: its holder, and its release."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_cli.main import run
from qdash_core import open_qdash
from qdash_core.chips.topology import Site, Topology
from qdash_core.locks.liveness import get_process_start, is_live
from qdash_core.models.execution import ExecutionLockModel, ExecutionModel, ExecutionStatus
from qdash_core.models.project import ProjectMembershipModel, ProjectModel, ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository
from qdash_fake.backend import FakeBackend

from ...access import access_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.repositories.repositories import Repositories

EXECUTION = "20260101-007"

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

    def command(*arguments: str) -> Said:
        status = run(list(arguments))
        return status, *capsys.readouterr()

    return command


def write_lock(**changes: Any) -> None:
    """Write the instrument lock of a run of alice, held by default by the parent of the test process."""
    now = utc_now()
    parent = os.getppid()
    lock = {
        "instrument": "bench", "project_id": "default", "chip_id": "chip", "owner": "somebody", "host": socket.gethostname(), "pid": parent,
        "process_start": get_process_start(parent), "execution_id": EXECUTION, "acquired_at": now,
        "expires_at": now + timedelta(seconds=30),
    }  # fmt: skip
    execution = ExecutionModel(
        project_id="default", username="alice", name="flow", execution_id=EXECUTION, chip_id="chip",
        status=ExecutionStatus.RUNNING, start_at=now,
    )  # fmt: skip
    with open_qdash() as opened:
        opened.repositories.of(ExecutionLockRepository).put(ExecutionLockModel(**{**lock, **changes}))
        if opened.repositories.of(ExecutionRepository).find("default", EXECUTION) is None:
            opened.repositories.of(ExecutionRepository).add(execution)


def make_chips(*, backend: str, **chips: str) -> None:
    """Create a chip in each of these projects, which are created if needed; admin may run in all."""
    with open_qdash() as opened:
        for project_id, chip_id in chips.items():
            if opened.repositories.of(ProjectRepository).find(project_id) is None:
                make_project(opened.repositories, project_id)
            # The backend need not be installed any more.
            ChipService(opened.store, opened.zone, is_live=is_live).create(
                access_of("admin", project_id), chip_id, PAIR, backend=backend
            )


def make_project(repositories: Repositories, project_id: str) -> None:
    admin = {"project_id": project_id, "username": "admin", "user_id": "1"}
    repositories.of(ProjectRepository).add(
        ProjectModel(project_id=project_id, owner_user_id="1", owner_username="admin", name=project_id)
    )
    repositories.of(ProjectMembershipRepository).put(
        ProjectMembershipModel(**admin, role=ProjectRole.OWNER, status="active")
    )


PAIR = Topology("pair", (Site("0", 0, 0, 0), Site("1", 0, 1, 0)), ("0-1",))
DEAD = {"pid": os.getpid(), "process_start": 1.0}
ELSEWHERE = {"host": "elsewhere", "pid": 7, "process_start": 1.0}


def test_a_free_project(qdash: Callable[..., Said]) -> None:
    assert qdash("lock", "status") == (0, "project default is free\n", "")
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert document == {"project_id": "default", "locked": False, "leases": []}


def test_who_holds_it(qdash: Callable[..., Said]) -> None:
    write_lock()
    told = qdash("lock", "status")[1]
    assert told.startswith(
        f"chip chip of project default (instrument bench) is in use by execution {EXECUTION} of alice (process {os.getppid()} on"
    )
    assert "dead" not in told
    document = json.loads(qdash("lock", "status", "--json")[1])
    (lock,) = document["leases"]
    assert f"{lock.pop('description')}\n" == told
    assert lock.pop("acquired_at") == lock.pop("renewed_at") < lock.pop("expires_at")
    assert lock == {
        "instrument": "bench", "chips": ["chip"], "project_id": "default", "chip_id": "chip", "scope": "chip",
        "locked": True, "owner": "alice", "host": socket.gethostname(), "pid": os.getppid(),
        "execution_id": EXECUTION, "holder": "alive", "resources": ["instrument bench"],
    }  # fmt: skip
    assert document["locked"] is True


def test_a_dead_holder_is_shown_as_one_with_what_to_do(qdash: Callable[..., Said]) -> None:
    write_lock(**DEAD)
    told = qdash("lock", "status")[1]
    assert "That process is dead: the next run takes the lock over" in told
    assert f"`qdash executions resume {EXECUTION}`" in told
    document = json.loads(qdash("lock", "status", "--json")[1])
    (lock,) = document["leases"]
    assert (document["locked"], lock["holder"], lock["owner"]) == (False, "dead", "alice")


def test_a_holder_that_is_not_heard_of_is_doubtful(qdash: Callable[..., Said]) -> None:
    write_lock(**ELSEWHERE, expires_at=utc_now() - timedelta(seconds=1))
    assert "has not been renewed in time: the next run watches it for 30 s" in qdash("lock", "status")[1]
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert (document["locked"], document["leases"][0]["holder"]) == (True, "doubtful")


def test_a_live_holder_that_renews_no_more_is_silent(qdash: Callable[..., Said]) -> None:
    write_lock(expires_at=datetime(2026, 1, 1, 2, 0, 30, tzinfo=UTC))
    out = qdash("lock", "status")[1]
    assert "alive, but no sign of life since 2026-01-01 02:00:00" in out
    assert "continue or end it, or release its lock" in out
    (lease,) = json.loads(qdash("lock", "status", "--json")[1])["leases"]
    assert (lease["holder"], lease["silent_since"]) == ("alive", "2026-01-01T02:00:00Z")
    assert qdash("lock", "release", "chip")[0] != 0, "a run that may go on is only released by force"


def test_every_lock_is_listed(qdash: Callable[..., Said]) -> None:
    write_lock(instrument="a", chip_id="A")
    write_lock(instrument="b", chip_id="B", **DEAD)
    told = qdash("lock", "status")[1].splitlines()
    assert [line.partition(" of project")[0] for line in told] == ["chip A", "chip B"]
    document = json.loads(qdash("lock", "status", "--json")[1])
    assert document["locked"] is True
    assert [(one["chip_id"], one["locked"]) for one in document["leases"]] == [("A", True), ("B", False)]


def share_instrument(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make all twins share one instrument."""
    monkeypatch.setattr(FakeBackend, "instrument", classmethod(lambda _cls, _context: name))


def test_the_chips_of_an_instrument_are_listed_across_projects(
    qdash: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blocking run of another project is shown as well."""
    make_chips(default="mine", other="theirs", backend="fake")
    make_chips(default="alone", backend="nobody")
    share_instrument(monkeypatch, "fake/default/mine")
    write_lock(instrument="fake/default/mine", project_id="other", chip_id="theirs")
    (lock,) = json.loads(qdash("lock", "status", "--json")[1])["leases"]
    assert (lock["project_id"], lock["chips"]) == ("other", ["mine", "theirs"])
    told = qdash("lock", "status")[1]
    assert told.startswith(
        "chip theirs of project other (instrument fake/default/mine) is in use by execution"
    )


def test_the_lock_of_a_live_run_is_released_by_force_only(qdash: Callable[..., Said]) -> None:
    write_lock()
    status, out, complaint = qdash("lock", "release", "chip")
    assert (status, out) == (2, "")
    assert f"in use by execution {EXECUTION} of alice" in complaint
    assert "stops its run and loses the measurements in progress" in complaint
    assert "--force" in complaint
    assert json.loads(qdash("lock", "status", "--json")[1])["locked"] is True


def test_the_lock_of_a_dead_run_is_released_without_force(qdash: Callable[..., Said]) -> None:
    write_lock(**DEAD)
    released = f"instrument bench is free now; execution {EXECUTION} of alice had already died\n"
    assert qdash("lock", "release", "--all") == (0, released, "")
    assert json.loads(qdash("lock", "status", "--json")[1])["leases"] == []


def test_nothing_is_advised_about_a_free_chip(qdash: Callable[..., Said]) -> None:
    make_chips(default="chip", backend="fake")
    for force in ([], ["--force"]):
        free = "chip chip of project default is free\n"
        assert qdash("lock", "release", "chip", *force) == (0, free, "")
    assert qdash("lock", "release", "--all") == (0, "project default is free\n", "")
    assert json.loads(qdash("lock", "release", "chip", "--json")[1]) == {"released": []}


@pytest.mark.parametrize("named", [[], ["chip", "--all"]])
def test_a_release_names_a_chip_or_all(qdash: Callable[..., Said], named: list[str]) -> None:
    write_lock()
    status, out, complaint = qdash("lock", "release", *named, "--force")
    assert (status, out) == (2, "")
    assert "CHIP" in complaint
    assert "--all" in complaint
    assert json.loads(qdash("lock", "status", "--json")[1])["locked"] is True


@pytest.mark.parametrize("named", ["chip", "--all"])
def test_by_force_the_lock_of_a_live_run_is_released(qdash: Callable[..., Said], named: str) -> None:
    write_lock()
    make_chips(default="chip", backend="fake")
    released = f"instrument bench is free now; execution {EXECUTION} of alice stops\n"
    assert qdash("lock", "release", named, "--force") == (0, released, "")
    assert qdash("lock", "status")[1] == "project default is free\n"


def test_only_one_chip_is_released(qdash: Callable[..., Said]) -> None:
    write_lock(instrument="a", chip_id="A")
    write_lock(instrument="b", chip_id="B", **DEAD)
    released = json.loads(qdash("lock", "release", "B", "--force", "--json")[1])["released"]
    assert [one["chip_id"] for one in released] == ["B"]
    assert [one["chip_id"] for one in json.loads(qdash("lock", "status", "--json")[1])["leases"]] == ["A"]


def test_whatever_keeps_a_chip_from_being_measured_is_released(qdash: Callable[..., Said]) -> None:
    make_chips(default="mine", backend="fake")
    write_lock(instrument="a", chip_id="A", scope="project")
    write_lock(instrument="fake/default/mine", chip_id="B")
    write_lock(instrument="c", chip_id="C")
    released = json.loads(qdash("lock", "release", "mine", "--force", "--json")[1])["released"]
    assert sorted(one["chip_id"] for one in released) == ["A", "B"]


def test_a_chip_that_does_not_exist_is_not_called_released(qdash: Callable[..., Said]) -> None:
    status, out, complaint = qdash("lock", "release", "nope", "--force")
    assert (status, out) == (2, "")
    assert "there is no chip 'nope'" in complaint


def test_who_may_not_run_may_not_release(qdash: Callable[..., Said]) -> None:
    write_lock()
    status, _, complaint = qdash("lock", "release", "--all", "--force", "--project", "other")
    assert status == 2
    assert "other" in complaint


def test_who_may_not_run_in_another_project_may_not_release_its_lock(qdash: Callable[..., Said]) -> None:
    make_chips(default="mine", other="theirs", backend="fake")
    write_lock(instrument="fake/default/mine", project_id="other", chip_id="theirs")
    for command in (
        "user create bob",
        "member invite bob --role owner",
        "member accept --project default --user bob",
    ):
        assert qdash(*command.split())[0] == 0
    status, out, complaint = qdash("lock", "release", "mine", "--force", "--user", "bob")
    assert (status, out) == (2, "")
    assert "other" in complaint
    assert qdash("lock", "release", "mine", "--force")[:2] == (
        0, f"instrument fake/default/mine is free now; execution {EXECUTION} stops\n",
    )  # fmt: skip
