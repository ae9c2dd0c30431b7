"""Backups in a folder: they share their raw data, old ones are removed, and each one alone restores everything."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.chip_files import ChipFiles
from qdash_builtin.home.backup_checks import check_backups, read_backup_status
from qdash_builtin.home.backups import creation
from qdash_builtin.home.backups.creation import create_backup
from qdash_builtin.home.backups.data_location import DataLocation
from qdash_builtin.home.backups.raw_data_pool import RawDataPool
from qdash_builtin.home.backups.reader import open_backup
from qdash_builtin.home.backups.restoration import restore
from qdash_builtin.home.model import BackupRequest
from qdash_builtin.timetables.models.timetable import Interval, MomentOutcome, TimetableModel
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core import (
    InvalidInputError,
    LockedError,
    RawData,
    StoreError,
    StoreUnavailableError,
    load_plugins,
)
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, utc_now
from qdash_core.repositories.repositories import Repositories

from ...case_tables import keep_quick
from ...core.bench import Bench, make_task
from ...full_disk import full_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_builtin.home.backups.creation import CreatedBackup

pytestmark = pytest.mark.usefixtures("no_settings")

NIGHT = datetime(2026, 11, 1, 3, tzinfo=UTC)


def report_nothing(_stage: str, _done: int, _total: int | None) -> None:
    """Report nothing."""


@dataclass
class Site:
    """A bench with a folder for its backups."""

    bench: Bench
    place: DataLocation
    folder: Path

    def backup(self, night: int, keep: int | None = None) -> CreatedBackup:
        now = NIGHT + timedelta(days=night)
        return create_backup(self.place, self.folder, keep=keep, now=now, progress=report_nothing)

    def list_names(self) -> list[str]:
        return sorted(file.name for file in self.folder.glob("*.tar"))

    def list_shared_files(self) -> set[Path]:
        return {*self.folder.glob("qdash-raw/??/*")}


def measure(self: Any, _backend: object) -> RawData:
    """Return raw data that differ for each qubit."""
    return RawData({"signal": ([1.0, 2.0, float(self.context.qid)], "a.u.")}, {})


@pytest.fixture
def site(tmp_path: Path, empty_sqlite: Path) -> Iterator[Site]:
    """A bench on SQLite with a result, and an empty folder."""
    (tmp_path / "home").mkdir()
    shutil.copyfile(empty_sqlite, tmp_path / "home/qdash.db")
    bench = Bench.open(tmp_path / "home", f"sqlite:///{tmp_path}/home/qdash.db", make_task(measure=measure))
    (folder := tmp_path / "backups").mkdir()
    bench.run()
    yield Site(bench, DataLocation.of_runtime(bench.qdash), folder)
    bench.qdash.close()


def find_problems(file: Path) -> list[str]:
    try:
        with open_backup(file) as backup:
            return backup.list_problems(report_nothing)
    except StoreError as error:
        return [str(error)]


@contextmanager
def open_restored(folder: Path, file: Path, *, force: bool = False) -> Iterator[DataLocation]:
    """Restore a backup into a new home, and yield it."""
    folder.mkdir()
    store = load_plugins().store_class("sqlite").open(f"sqlite:///{folder}/qdash.db")
    files = FilesystemCalibDataSaver(folder / "artifacts")
    chip_files = ChipFiles(load_plugins(), folder)
    with closing(store), open_backup(file) as backup:
        place = DataLocation(store, files, chip_files, folder, "store", "raw data")
        restore(backup, place, force=force, now=utc_now(), progress=report_nothing)
        assert sum(backup.manifest.documents.values()) > 0
        yield place


def restore_into(folder: Path, file: Path, *, force: bool = False) -> dict[str, bytes]:
    """Restore a backup into a new home, and return its raw data by path."""
    with open_restored(folder, file, force=force) as place:
        return {path: (folder / "artifacts" / path).read_bytes() for path in place.artifacts.paths()}


def list_raw_data(site: Site) -> dict[str, bytes]:
    found = {}
    for path in site.place.artifacts.paths():
        with site.place.artifacts.reading(path) as file:
            found[path] = file.read()
    return found


def test_raw_data_that_an_earlier_backup_has_are_not_copied_again(site: Site, tmp_path: Path) -> None:
    first = site.backup(1)
    early, raw_data = {one: one.stat() for one in site.list_shared_files()}, list_raw_data(site)
    site.bench.run(qid="1")
    second = site.backup(2)
    assert len(early) == 1
    assert len(site.list_shared_files()) == 2
    for file, before in early.items():
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert restore_into(tmp_path / "a", first.file) == raw_data
    assert restore_into(tmp_path / "b", second.file) == list_raw_data(site)


def test_a_backup_is_compressed(site: Site) -> None:
    made = site.backup(1)
    assert made.file.stat().st_size < made.manifest.store.size / 4


def test_a_folder_of_backups_is_restored_elsewhere_and_not_without_its_raw_data(
    site: Site, tmp_path: Path
) -> None:
    made, raw_data = site.backup(1), list_raw_data(site)
    shutil.copytree(site.folder, tmp_path / "copied")
    shutil.rmtree(site.folder)
    file = tmp_path / "copied" / made.file.name
    assert restore_into(tmp_path / "a", file) == raw_data
    shutil.rmtree(tmp_path / "copied" / "qdash-raw")
    with pytest.raises(StoreError, match=r"is damaged \(artifacts/"):
        restore_into(tmp_path / "b", file)
    assert restore_into(tmp_path / "c", file, force=True) == {}


def test_damage_in_any_file_of_the_folder_is_found(site: Site) -> None:
    site.bench.run(qid="1")
    made = site.backup(1)
    assert find_problems(made.file) == []
    for file in [made.file, *site.list_shared_files()]:
        whole = file.read_bytes()
        for place in {0, 5, 9, len(whole) // 2, len(whole) - 1}:
            damaged = bytearray(whole)
            damaged[place] ^= 4
            file.write_bytes(damaged)
            assert find_problems(made.file), f"byte {place} of {file.name}"
        file.unlink()
        if file != made.file:
            assert find_problems(made.file), "it is missing"
        file.write_bytes(whole)
    assert find_problems(made.file) == []


def test_raw_data_that_were_damaged_in_the_folder_are_copied_again(site: Site) -> None:
    early = site.backup(1)
    [shared] = site.list_shared_files()
    damaged = bytearray(shared.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    shared.write_bytes(damaged)
    late = site.backup(2)
    assert find_problems(early.file) == find_problems(late.file) == []


def test_backups_older_than_the_newest_ones_are_removed_with_the_raw_data_that_only_they_have(
    site: Site, tmp_path: Path
) -> None:
    for night in range(1, 4):
        site.backup(night)
    old_raw_data = site.list_shared_files()
    for path in [*site.place.artifacts.paths()]:
        (site.bench.qdash.settings.home / "artifacts" / path).unlink()
    with site.place.store.transaction() as transaction:
        transaction.delete("task_result_history", {})
    site.bench.run(qid="1")
    fourth = site.backup(4, keep=2)
    assert fourth.removal.removed == ["qdash-20261102-030000.tar", "qdash-20261103-030000.tar"]
    assert old_raw_data < site.list_shared_files(), "the third backup has them"
    fifth = site.backup(5, keep=2)
    assert site.list_names() == ["qdash-20261105-030000.tar", "qdash-20261106-030000.tar"]
    assert not old_raw_data & site.list_shared_files()
    assert fifth.removal.freed_bytes > 0
    assert restore_into(tmp_path / "a", fifth.file) == list_raw_data(site)


def test_incomplete_backups_do_not_replace_complete_ones(site: Site) -> None:
    site.backup(1, keep=1)
    for path in [*site.place.artifacts.paths()]:
        (site.bench.qdash.settings.home / "artifacts" / path).unlink()
    for night in (2, 3):
        made = site.backup(night, keep=1)
        assert (made.manifest.is_complete, made.removal.removed) == (False, [])
    assert find_problems(site.folder / site.list_names()[0]) == []
    status = read_backup_status(site.place.store, NIGHT + timedelta(days=3))
    assert (status.age_s, status.overdue) == (2 * 86_400.0, False)


def test_backups_of_other_stores_and_unreadable_ones_stay(site: Site) -> None:
    other = replace(site, place=replace(site.place, store_url="another"))
    other.backup(1)
    (site.folder / "qdash-20261020-030000.tar").write_bytes(b"damaged")
    for night in (2, 3):
        made = site.backup(night, keep=1)
    assert made.removal.unreadable == ["qdash-20261020-030000.tar"]
    assert site.list_names() == [
        "qdash-20261020-030000.tar",
        "qdash-20261102-030000.tar",
        "qdash-20261104-030000.tar",
    ]


def test_two_backups_into_one_folder_do_not_run_at_once(site: Site) -> None:
    with RawDataPool(site.folder).lock(), pytest.raises(LockedError, match="another backup is being made in"):
        site.backup(1)
    site.backup(1)


def test_backups_are_kept_by_number_in_a_folder_only(site: Site) -> None:
    with pytest.raises(InvalidInputError, match="is no folder"):
        create_backup(site.place, site.folder / "one.tar", keep=2, now=NIGHT, progress=report_nothing)
    assert [*site.folder.iterdir()] == []


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from qdash_builtin.home.backups.creation import create_backup
from qdash_builtin.home.backups.data_location import open_location
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings

def kill(stage, done, total):
    if stage == sys.argv[3] and done == total:
        os.kill(os.getpid(), signal.SIGKILL)

with open_location(Settings(home=sys.argv[1]), load_plugins(), made=False) as place:
    create_backup(place, Path(sys.argv[2]), keep=1, now=datetime.fromisoformat(sys.argv[4]), progress=kill)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["raw data", "documents"])
def test_a_backup_that_is_killed_leaves_older_ones_and_the_next_one_clears_up(site: Site, stage: str) -> None:
    early = site.backup(1)
    site.bench.run(qid="1")
    arguments = [site.bench.qdash.settings.home, site.folder, stage, (NIGHT + timedelta(days=2)).isoformat()]
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert site.list_names() == [early.file.name]
    assert find_problems(early.file) == []
    late = site.backup(2)
    assert find_problems(late.file) == []
    assert sorted(one.name for one in site.folder.iterdir()) == [early.file.name, late.file.name, "qdash-raw"]
    assert len(site.list_shared_files()) == 2


@pytest.mark.parametrize("size", keep_quick([100, 100_000], 0))
def test_a_disk_that_is_full_leaves_older_backups(site: Site, size: int) -> None:
    early = site.backup(1)
    site.bench.run(qid="1")
    with full_disk(size), pytest.raises(StoreUnavailableError, match=r"^no backup was made: .* make room"):
        site.backup(2, keep=1)
    assert find_problems(early.file) == []
    assert sorted(one.name for one in site.folder.iterdir()) == [early.file.name, "qdash-raw"]
    assert len(site.list_shared_files()) == 1


def test_a_backup_is_made_although_older_ones_cannot_be_removed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error", "old.tar")

    monkeypatch.setattr(creation, "remove_old_backups", fail)
    with pytest.raises(
        StoreUnavailableError, match=r"was made, but older backups were not removed: old\.tar"
    ):
        site.backup(1, keep=1)
    assert [find_problems(file) for file in site.folder.glob("*.tar")] == [[]]


def test_a_backup_is_for_its_owner_alone(site: Site) -> None:
    site.backup(1)
    for place in (site.folder).rglob("*"):
        assert place.stat().st_mode & 0o077 == 0, place


# ------------------------------------------------------------------------------------------------ age of the last backup


def test_the_last_complete_backup_is_known_with_its_age(site: Site) -> None:
    store = site.place.store
    assert read_backup_status(store, utc_now()).last is None
    assert check_backups(store, site.place.home).status == "ok", "the home is new"
    late = utc_now() + timedelta(days=8)
    assert read_backup_status(store, late).overdue
    made = create_backup(site.place, site.folder, now=late, progress=report_nothing)
    status = read_backup_status(store, late + timedelta(hours=2))
    assert status.last is not None
    assert (status.last.file, status.age_s, status.overdue) == (str(made.file), 7200.0, False)
    assert str(made.file) in check_backups(store, site.place.home).detail


def test_a_restored_store_says_from_which_backup_until_another_is_made(site: Site, tmp_path: Path) -> None:
    made = site.backup(0)
    with open_restored(tmp_path / "new", made.file) as place:
        status = read_backup_status(place.store, NIGHT + timedelta(days=8))
        assert status.overdue
        assert str(status).startswith(f"restored from a backup that is 8 d old, {made.file} on ")
        assert str(status).endswith("; none was made since")
        create_backup(place, site.folder, now=NIGHT + timedelta(days=9), progress=report_nothing)
        status = read_backup_status(place.store, NIGHT + timedelta(days=10))
    assert str(status).startswith("the last complete backup is 1 d old")


def test_a_timetable_that_was_making_the_backup_has_made_it_in_the_restored_store(
    site: Site, tmp_path: Path
) -> None:
    nightly = TimetableModel(
        project_id=DEFAULT_PROJECT,
        name="nightly",
        username="admin",
        backup=BackupRequest(folder=str(site.folder)),
        when=Interval(every_s=86_400.0),
        timezone="UTC",
        last=MomentOutcome(at=NIGHT, became="saving"),
        considered_until=NIGHT,
        created_at=NIGHT,
        updated_at=NIGHT,
    )
    with site.place.store.transaction() as transaction:
        Repositories(transaction).of(TimetableRepository).add(nightly)
    made = site.backup(0)
    with open_restored(tmp_path / "new", made.file) as place, place.store.read() as snapshot:
        restored = Repositories(snapshot).of(TimetableRepository).require(DEFAULT_PROJECT, "nightly")
    assert restored.last == MomentOutcome(at=NIGHT, became="saved", why=str(made.file))


def test_a_folder_is_no_backup_and_its_newest_is_named(site: Site) -> None:
    nothing = pytest.raises(InvalidInputError, match="is a folder: name a backup in it; there is none")
    with nothing, open_backup(site.folder):
        pass
    site.backup(1)
    newest = site.backup(2)
    named = pytest.raises(InvalidInputError, match=f"the newest is {newest.file}")
    with named, open_backup(site.folder):
        pass


def test_the_doctor_warns_of_a_backup_that_is_no_longer_there(site: Site) -> None:
    made = create_backup(site.place, site.folder, now=utc_now(), progress=report_nothing)
    assert check_backups(site.place.store, site.place.home).status == "ok"
    made.file.unlink()
    finding = check_backups(site.place.store, site.place.home)
    assert (finding.status, "no longer there" in finding.detail) == ("warning", True)


def test_the_doctor_warns_of_a_backup_that_is_older_than_a_week(site: Site) -> None:
    create_backup(site.place, site.folder, now=utc_now() - timedelta(days=8), progress=report_nothing)
    finding = check_backups(site.place.store, site.place.home)
    assert (finding.status, "8 d old" in finding.detail) == ("warning", True)


def test_the_age_in_a_home_with_a_simulated_clock_is_of_its_time(site: Site) -> None:
    create_backup(site.place, site.folder, now=NIGHT, progress=report_nothing)
    assert check_backups(site.place.store, site.place.home).status == "warning"
    other = site.folder.parent / "simulated"
    other.mkdir()
    SimulatedClock.create(other / CLOCK_FILE, NIGHT + timedelta(days=1))
    finding = check_backups(site.place.store, other)
    assert (finding.status, "1 d old" in finding.detail) == ("ok", True)
