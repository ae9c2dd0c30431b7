"""Backups that timetables make: at most once, without delaying runs, and with every outcome recorded."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.home.backup_checks import read_backup_status
from qdash_builtin.home.backups.raw_data_pool import RawDataPool
from qdash_builtin.home.model import BackupRequest
from qdash_builtin.timetables import threads
from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.models.timetable import Interval
from qdash_core import AccessDeniedError, InvalidInputError
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.runs.crew import wait_until
from .conftest import MIDNIGHT, NIGHTLY

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.timetables.models.timetable import MomentOutcome
    from qdash_builtin.timetables.service import TimetableView

    from .conftest import Night

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SOON_S = 20.0


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """URL of a store in a file: a backup is of a store that lasts."""
    return f"sqlite:///{tmp_path}/qdash.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An existing folder."""
    (folder := tmp_path / "backups").mkdir()
    return folder


def add(night: Night, folder: Path, keep: int | None = None, **fields: object) -> TimetableView:
    request = BackupRequest(folder=str(folder), keep=keep)
    fields = {"timezone": "UTC", "when": NIGHTLY, **fields}
    return night.timetables.add(ADMIN, "backup", None, backup=request, **fields)  # type: ignore[arg-type]


def look_at(night: Night, now: object) -> MomentOutcome:
    """Process due occurrences, wait for the backup, and return its recorded outcome."""
    night.look_at(now)  # type: ignore[arg-type]
    night.timetable_clock.wait_for_activities(SOON_S)
    last = night.timetables.show(ADMIN, "backup").timetable.last
    assert last is not None
    return last


def test_at_its_time_a_backup_is_made_once_and_old_ones_are_removed(night: Night, folder: Path) -> None:
    night.bench.run()
    add(night, folder, keep=2)
    for number in range(3):
        now = MIDNIGHT + number * DAY + SECOND
        (begun,) = night.look_at(now)
        assert (begun.outcome.became, begun.outcome.at) == ("saving", now - SECOND)
        made = look_at(night, now)
        assert (made.became, made.at) == ("saved", now - SECOND)
        assert made.why.startswith(str(folder))
    assert [one.name for one in sorted(folder.glob("*.tar"))] == [
        "qdash-20260403-000001.tar",
        "qdash-20260404-000001.tar",
    ]
    assert night.list_kinds() == ["saved"] * 3
    status = read_backup_status(night.bench.qdash.store, MIDNIGHT + 2 * DAY + HOUR)
    assert status.age_s == HOUR.total_seconds() - 1
    assert len(night.executions) == 1, "it starts no run"


@pytest.mark.parametrize(("missed", "became", "n"), [("skip", "missed", 0), ("once", "saved", 1)])
def test_missed_backups_are_skipped_or_made_as_one(
    night: Night, folder: Path, missed: str, became: str, n: int
) -> None:
    add(night, folder, missed=missed)
    assert look_at(night, MIDNIGHT + 2 * DAY + HOUR).became == became
    assert len([*folder.glob("*.tar")]) == n


def test_a_backup_that_fails_is_recorded_with_the_reason(night: Night, folder: Path) -> None:
    add(night, folder)
    with RawDataPool(folder).lock():
        failed = look_at(night, MIDNIGHT)
    assert (failed.became, "another backup is being made" in failed.why) == ("failed", True)
    shutil.rmtree(folder)
    failed = look_at(night, MIDNIGHT + DAY)
    assert (failed.became, f"there is no folder {folder}" in failed.why) == ("failed", True)
    assert night.list_kinds() == ["failed", "failed"]


def test_a_backup_that_lacks_raw_data_counts_as_failed(night: Night, folder: Path) -> None:
    path = night.bench.run().raw_data_file
    (night.bench.qdash.settings.home / "artifacts" / path).unlink()
    add(night, folder)
    failed = look_at(night, MIDNIGHT)
    assert (failed.became, path in failed.why) == ("failed", True)
    assert read_backup_status(night.bench.qdash.store, MIDNIGHT).last is None


def test_while_a_backup_is_being_made_its_timetable_starts_no_other_and_runs_start(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qdash_builtin.home.backups import creation

    finished, create = threading.Event(), creation.create_backup

    def wait(*given: object, **named: object) -> object:
        assert finished.wait(SOON_S)
        return create(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(creation, "create_backup", wait)
    add(night, folder, when=Interval(every_s=60.0, anchor=MIDNIGHT))
    night.add()
    assert {one.name: one.outcome.became for one in night.look_at(MIDNIGHT)} == {
        "backup": "saving",
        "nightly": "started",
    }
    (skipped,) = night.look_at(MIDNIGHT + timedelta(seconds=60))
    assert (skipped.outcome.became, skipped.outcome.why) == ("skipped", "its last start has not ended")
    finished.set()
    night.timetable_clock.wait_for_activities(SOON_S)
    last = night.timetables.show(ADMIN, "backup").timetable.last
    assert last is not None
    assert (last.became, last.at) == ("saved", MIDNIGHT), last.why
    assert set(night.list_kinds()) == {"started", "skipped", "saved"}


def test_a_long_backup_of_a_live_process_is_not_lost(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qdash_builtin.home.backups import creation

    finished, create = threading.Event(), creation.create_backup

    def wait(*given: Any, **named: Any) -> object:
        with night.bench.qdash.store.read():
            assert finished.wait(SOON_S)
        return create(*given, **named)

    monkeypatch.setattr(creation, "create_backup", wait)
    monkeypatch.setattr(threads, "ALIVE_EVERY_S", 0.01)
    add(night, folder)
    night.look_at(MIDNIGHT)
    late = night.clock.now = MIDNIGHT + timedelta(minutes=3)
    wait_until(
        lambda: night.timetables.show(ADMIN, "backup").timetable.sending_since == late,
        what="its process is recorded as alive",
    )
    night.make_clock().handle_due()
    finished.set()
    assert look_at(night, late).became == "saved"
    assert night.list_kinds() == ["saved"]


def test_a_backup_whose_process_died_is_recorded_as_failed(
    night: Night, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)
    add(night, folder)
    night.look_at(MIDNIGHT)
    night.clock.now = MIDNIGHT + timedelta(minutes=4)
    night.make_clock().handle_due()
    last = night.timetables.show(ADMIN, "backup").timetable.last
    assert last is not None
    assert (last.became, "ended before it was complete" in last.why) == ("failed", True)


def test_a_timetable_of_backups_is_an_administrators(night: Night, folder: Path) -> None:
    request = BackupRequest(folder=str(folder))
    for access, error in (
        (access_of("alice", role=ProjectRole.EDITOR), AccessDeniedError),
        (access_of("admin", "other"), InvalidInputError),
    ):
        with pytest.raises(error):
            night.timetables.add(access, "backup", None, NIGHTLY, backup=request)
    with pytest.raises(InvalidInputError, match="is set on its machine"):
        night.timetables.add(ADMIN, "backup", None, NIGHTLY, backup=request, trusted_files=False)
    add(night, folder)
    for change in (
        lambda access: night.timetables.pause(access, "backup"),
        lambda access: night.timetables.remove(access, "backup"),
    ):
        with pytest.raises(AccessDeniedError):
            change(access_of("alice", role=ProjectRole.EDITOR))
    with pytest.raises(InvalidInputError, match="qdash store backup"):
        night.timetables.start_now(ADMIN, "backup")


def test_a_timetable_of_backups_names_an_existing_folder_and_stays_one(night: Night, folder: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no folder"):
        add(night, folder / "missing")
    assert get_activity(add(night, folder).timetable).label == "backup"
    with pytest.raises(InvalidInputError, match="makes backups and cannot be given a request"):
        night.timetables.edit(ADMIN, "backup", request=night.add().timetable.request)
    edited = night.timetables.edit(ADMIN, "backup", backup=BackupRequest(folder=str(folder), keep=3))
    assert edited.timetable.backup == BackupRequest(folder=str(folder), keep=3)
