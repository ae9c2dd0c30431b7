"""Backups: complete even during a run, and restorable to every store and storage."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from qdash_builtin.chips.chip_files import ChipFiles, check_chip_files
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.home.backups import document_replacement, restoration
from qdash_builtin.home.backups.creation import choose_file, write_backup
from qdash_builtin.home.backups.data_location import DataLocation, open_location
from qdash_builtin.home.backups.digest import DigestedArchive, digest_member
from qdash_builtin.home.backups.manifest import DIGESTED_SINCE
from qdash_builtin.home.backups.reader import open_backup
from qdash_builtin.home.backups.restoration import RestorationResult, restore
from qdash_builtin.home.raw_data import compare_raw_data
from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_builtin.people.users import UserService
from qdash_builtin.runs.feature import RUNS
from qdash_core import (
    InvalidInputError,
    LockedError,
    PluginError,
    RawData,
    StoreError,
    StoreUnavailableError,
    load_plugins,
)
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.queue import QueueEntryModel
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, open_clock, utc_now
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.settings import Settings
from qdash_sqlite.store import SQLiteStore

from ...access import ADMIN
from ...case_tables import keep_quick
from ...core.bench import CHIP, PROJECT, SIGNAL, Bench, make_backend, make_task
from ...full_disk import full_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BackendContext
    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store

pytestmark = pytest.mark.usefixtures("no_settings")

ROOT = Path(__file__).parents[3]
NOW = utc_now()
START = datetime(2026, 1, 5, 17, tzinfo=UTC)


def report_nothing(_stage: str, _done: int, _total: int | None) -> None:
    """Report nothing."""


@pytest.fixture(params=["sqlite", pytest.param("mongodb", marks=pytest.mark.slow)])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """URLs of two empty stores."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/other.db"
    return request.getfixturevalue("mongo_url"), request.getfixturevalue("new_mongo_url")


@pytest.fixture(params=["file", "fsspec"])
def new_storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], CalibDataSaver]:
    """Function that creates empty storages of each kind in turn."""
    if request.param == "file":
        return lambda: FilesystemCalibDataSaver(tmp_path / uuid4().hex)
    monkeypatch.syspath_prepend(ROOT / "examples/fsspec-storage/src")
    from fsspec_storage.storage import FsspecStorage

    return lambda: FsspecStorage.open(f"memory://{uuid4().hex}/raw")


def place_of(store: Store, artifacts: CalibDataSaver, home: Path, registry: Registry) -> DataLocation:
    return DataLocation(store, artifacts, ChipFiles(registry, home), home, "store", "raw data")


@dataclass
class Site:
    """A bench to back up, and a place to restore to."""

    bench: Bench
    place: DataLocation
    other: DataLocation
    folder: Path

    def backup(self) -> Path:
        file = self.folder / f"{uuid4().hex}.tar"
        write_backup(self.place, file, now=NOW, progress=report_nothing)
        return file

    def restore(self, file: Path, *, force: bool = False) -> RestorationResult:
        with open_backup(file) as backup:
            return restore(backup, self.other, force=force, now=utc_now(), progress=report_nothing)

    @property
    def restored(self) -> Repositories:
        return Repositories(self.other.store)


@pytest.fixture
def make_site(
    tmp_path: Path, stores: tuple[str, str], new_storage: Callable[[], CalibDataSaver]
) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(*tasks: Any) -> Site:
        bench = Bench.open(tmp_path, stores[0], *tasks)
        bench = Bench(replace(bench.qdash, artifacts=new_storage()))
        other = load_plugins().store_class(urlsplit(stores[1]).scheme).open(stores[1])
        here = place_of(
            bench.qdash.store, bench.qdash.artifacts, bench.qdash.settings.home, bench.qdash.registry
        )
        made.append(
            Site(
                bench,
                here,
                place_of(other, new_storage(), tmp_path / "elsewhere", bench.qdash.registry),
                tmp_path,
            )
        )
        return made[-1]

    yield make
    for site in made:
        site.bench.qdash.close()
        site.other.store.close()


@pytest.fixture
def site(tmp_path: Path, empty_sqlite: Path) -> Iterator[Site]:
    """A site on SQLite and in folders, for properties that are the same everywhere."""
    for name in ("qdash.db", "other.db"):  # faster than creating them
        shutil.copyfile(empty_sqlite, tmp_path / name)
    yield from open_site(tmp_path)


@pytest.fixture
def simulated_site(tmp_path: Path) -> Iterator[Site]:
    """The same for a home with a simulated clock; the place to restore to is a home without one."""
    SimulatedClock.create(tmp_path / CLOCK_FILE, START)
    (tmp_path / "elsewhere").mkdir()
    yield from open_site(tmp_path, make_backend(simulated=True))
    close_clock(open_clock(tmp_path / "elsewhere" / "ordinary"))


def open_site(tmp_path: Path, *backends: Any) -> Iterator[Site]:
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", make_task(), backends=backends)
    there = SQLiteStore.open(f"sqlite:///{tmp_path}/other.db")
    files = FilesystemCalibDataSaver(tmp_path / "other")
    here = place_of(bench.qdash.store, bench.qdash.artifacts, bench.qdash.settings.home, bench.qdash.registry)
    yield Site(bench, here, place_of(there, files, tmp_path / "elsewhere", bench.qdash.registry), tmp_path)
    bench.qdash.close()
    there.close()


_LAST_BACKUP = re.compile(r'"last_backup":(?:null|\{[^}]*\}),')


def read_contents(store: Store) -> dict[str, list[str]]:
    """Return every document that outlives a process, without the last backup, which is another one after a restore."""
    with store.read() as snapshot:
        return {
            name: [_LAST_BACKUP.sub("", entry.text) for entry in iterate_entries(snapshot, collection)]
            for name, collection in COLLECTIONS.items()
            if name not in ("execution_lock", "presence")
        }


def list_files(artifacts: CalibDataSaver) -> dict[str, str]:
    return {path: artifacts.checksum(path) for path in artifacts.paths()}


def test_what_was_backed_up_comes_back_as_it_was(make_site: Callable[..., Site]) -> None:
    site = make_site(make_task())
    for qid in ("0", "1"):
        site.bench.run(qid=qid)
    before = read_contents(site.place.store)
    restored = site.restore(site.backup())
    assert read_contents(site.place.store) == read_contents(site.other.store) == before
    assert list_files(site.other.artifacts) == list_files(site.place.artifacts)
    assert (restored.documents, restored.files) == (sum(len(found) for found in before.values()), 2)
    assert compare_raw_data(site.other.store, site.other.artifacts, report_nothing).verified == 2
    with site.place.store.transaction() as here, site.other.store.transaction() as there:
        assert here.append("event", {"project_id": "p"}) == there.append("event", {"project_id": "p"})


def test_a_backup_that_is_taken_during_a_run_has_it_interrupted(make_site: Callable[..., Site]) -> None:
    taken: list[Path] = []

    def measure(self: Any, _backend: object) -> RawData:
        self.context.partial(SIGNAL)
        if self.context.qid == "1":
            taken.append(site.backup())
        return SIGNAL

    site = make_site(make_task(measure=measure))
    session = site.bench.start_session()
    for qid in ("0", "1"):
        session.run_task("Measure", qid)
    session.complete()

    restored = site.restore(taken[0])
    [execution_id] = restored.interrupted
    execution = site.restored.of(ExecutionRepository).find(PROJECT, execution_id)
    assert execution is not None
    assert (execution.status, execution.reason) == (ExecutionStatus.FAILED, EndReason.INTERRUPTED)
    results = {
        one.qid: one
        for one in site.restored.of(TaskResultHistoryRepository).list_by_execution(PROJECT, execution_id)
    }
    assert results["0"].status is TaskStatus.COMPLETED
    assert (results["1"].status, results["1"].message) == (TaskStatus.FAILED, "interrupted")
    for result in results.values():
        assert result.raw_data_sha256 == [site.other.artifacts.checksum(result.raw_data_file)]
    assert site.restored.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert compare_raw_data(site.other.store, site.other.artifacts, report_nothing).verified == 2
    assert site.bench.get_execution(execution_id).status is ExecutionStatus.COMPLETED, "the run went on"


def test_what_waited_for_a_worker_is_held_and_what_a_command_waited_for_is_cancelled(site: Site) -> None:
    queue, waiting = site.bench.repositories.of(QueueRepository), {}
    for rank, waiter in enumerate(("", "a command"), 1):
        execution = site.bench.qdash.get(RUNS).submissions.submit(ADMIN, _request())
        waiting[waiter] = execution.execution_id
        entry = queue.find(PROJECT, execution.execution_id)
        assert entry is not None
        queue.put(QueueEntryModel(**{**dict(entry), "waiter": waiter, "rank": rank}))
    restored = site.restore(site.backup())
    assert restored.held == [waiting[""]]
    [entry] = site.restored.of(QueueRepository).list_all()
    assert (entry.held, "backup" in entry.reason) == (True, True)
    cancelled = site.restored.of(ExecutionRepository).find(PROJECT, waiting["a command"])
    assert cancelled is not None
    assert cancelled.status is ExecutionStatus.CANCELLED


def _request() -> Any:
    from qdash_core.models.request import RunRequest, TargetSelection

    return RunRequest(flow="Measure", chip_id=CHIP, username="admin", targets=TargetSelection(qubits=("0",)))


def test_a_backup_is_for_its_owner_alone_and_nothing_is_left_beside_it(site: Site) -> None:
    file = site.folder / "backups" / "one.tar"
    write_backup(site.place, file, now=NOW, progress=report_nothing)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_in_a_folder_has_a_name_of_its_own_and_none_is_overwritten(site: Site) -> None:
    file = choose_file(site.folder, NOW)
    assert file.name == f"qdash-{NOW:%Y%m%d-%H%M%S}.tar"
    file.touch()
    for place in (site.folder, file):
        with pytest.raises(InvalidInputError, match="is there already"):
            choose_file(place, NOW)
    with pytest.raises(
        InvalidInputError, match=r"there is no folder .*missing: create it, or name a new file"
    ):
        choose_file(site.folder / "missing", NOW)


def test_what_is_missing_or_altered_is_noted_and_the_rest_backed_up(site: Site) -> None:
    first, second = (site.bench.run(qid=qid).raw_data_file for qid in ("0", "1"))
    (site.folder / "artifacts" / first).unlink()
    site.place.artifacts.write(second, io.BytesIO(b"rubbish"))
    manifest = write_backup(site.place, site.folder / "b.tar", now=NOW, progress=report_nothing)
    assert (manifest.missing, manifest.altered) == ([first], [second])
    assert manifest.files.keys() == {second}


TRUTH = "hidden " * 20


def make_backend_with_files(**how: Any) -> Any:
    """Return a backend that keeps a file of each chip, or returns another value for them."""

    def files(_cls: Any, context: BackendContext) -> Any:
        return how.get("answer", (f"bench/{context.chip_id}.json",))

    return make_backend(files=classmethod(files))


@pytest.fixture
def make_keeping_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Function that creates sites whose backend keeps files of chips, with the file of the first chip."""
    made: list[Site] = []

    def make(**how: Any) -> Site:
        url = f"sqlite:///{tmp_path}/qdash.db"
        bench = Bench.open(tmp_path, url, make_task(), backends=(make_backend_with_files(**how),))
        bench.qdash.settings.home.joinpath("bench").mkdir()
        (tmp_path / f"bench/{CHIP}.json").write_text(TRUTH)
        there = SQLiteStore.open(f"sqlite:///{tmp_path}/other.db")
        registry, elsewhere = bench.qdash.registry, tmp_path / "elsewhere"
        here = place_of(bench.qdash.store, bench.qdash.artifacts, tmp_path, registry)
        files = FilesystemCalibDataSaver(tmp_path / "other")
        made.append(Site(bench, here, place_of(there, files, elsewhere, registry), tmp_path))
        return made[-1]

    yield make
    for site in made:
        site.bench.qdash.close()
        site.other.store.close()


def test_a_backend_is_told_of_which_chip_of_a_name_the_files_are_asked(tmp_path: Path) -> None:
    asked: list[datetime | None] = []

    def files(_cls: Any, context: BackendContext) -> tuple[str, ...]:
        asked.append(context.chip_made_at)
        return ()

    hardware = make_backend(files=classmethod(files))
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", make_task(), backends=(hardware,))
    with bench.qdash.store.read() as snapshot:
        assert [*ChipFiles(bench.qdash.registry, tmp_path).iter_by_chip(snapshot)]
    assert asked == [bench.qdash.get(CHIPS).show(ADMIN, CHIP).header.created_at]
    bench.qdash.close()


def test_what_a_backend_keeps_of_a_chip_comes_along_and_what_is_there_stays(
    make_keeping_site: Callable[..., Site],
) -> None:
    site = make_keeping_site()
    file = site.backup()
    there = site.folder / f"elsewhere/bench/{CHIP}.json"
    assert (site.restore(file).chip_files, there.read_text()) == (1, TRUTH)
    there.write_text("moved on")
    again = site.restore(file, force=True)
    assert (again.chip_files, again.stayed, there.read_text()) == (0, [f"bench/{CHIP}.json"], "moved on")


def test_what_a_backend_keeps_is_verified_and_left_out_by_force_when_it_is_broken(
    make_keeping_site: Callable[..., Site],
) -> None:
    site = make_keeping_site()
    file, member = site.backup(), f"home/bench/{CHIP}.json"
    _alter(file, member)
    with open_backup(file) as backup:
        assert backup.list_problems(report_nothing) == [member]
    with pytest.raises(StoreError, match="--force leaves those files out"):
        site.restore(file)
    restored = site.restore(file, force=True)
    assert (restored.left_out, restored.chip_files) == ([f"bench/{CHIP}.json"], 0)


def test_what_is_not_there_of_a_chip_is_told_and_the_rest_backed_up(
    make_keeping_site: Callable[..., Site],
) -> None:
    site = make_keeping_site()
    site.bench.add_chip("other")
    bare = replace(site.place.chip_files, registry=load_plugins(installed_too=False, blocked=()))
    missing = check_chip_files(site.place.store, site.place.chip_files)
    assert (missing.status, "chip other" in missing.detail) == ("warning", True)
    told = write_backup(site.place, site.folder / "one.tar", now=NOW, progress=report_nothing)
    assert told.left_out == [f"chip other of project {PROJECT}: bench/other.json is not there"]
    assert told.chip_files.keys() == {f"bench/{CHIP}.json"}
    without = write_backup(
        replace(site.place, chip_files=bare), site.folder / "two.tar", now=NOW, progress=report_nothing
    )
    assert f"chip other of project {PROJECT}: backend 'bench' is not installed here" in without.left_out
    assert check_chip_files(site.place.store, bare).status == "ok", "who is not there cannot be asked"


@pytest.mark.parametrize(
    "answer",
    [
        ("/etc/passwd",),
        3,
        *(pytest.param(answer, marks=pytest.mark.slow) for answer in (("../other.db",), ("",))),
    ],
)
def test_a_backend_that_names_no_files_below_the_home_is_told_and_nothing_of_it_is_taken(
    make_keeping_site: Callable[..., Site], answer: Any
) -> None:
    site = make_keeping_site(answer=answer)
    manifest = write_backup(site.place, site.folder / "one.tar", now=NOW, progress=report_nothing)
    assert manifest.chip_files == {}
    assert "backend bench" in manifest.left_out[0]
    assert check_chip_files(site.place.store, site.place.chip_files).status == "warning"


@pytest.mark.parametrize("kept", keep_quick([0, 0.3, 0.9, 0.95], 1, 3))
def test_a_backup_that_was_cut_is_refused_and_changes_nothing(site: Site, kept: float) -> None:
    site.bench.run()
    file = site.backup()
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])
    with pytest.raises(StoreError, match=r"is not a backup, or is truncated|is damaged"):
        site.restore(file)
    assert read_contents(site.other.store)["project"] == []


def test_a_backup_with_a_file_that_was_altered_is_told_and_the_rest_can_be_forced(site: Site) -> None:
    bad, good = (site.bench.run(qid=qid).raw_data_file for qid in ("0", "1"))
    file = site.backup()
    _alter(file, f"artifacts/{bad}")
    with open_backup(file) as backup:
        assert backup.list_problems(report_nothing) == [f"artifacts/{bad}"]
    with pytest.raises(StoreError, match="--force leaves those files out"):
        site.restore(file)
    assert list(site.other.artifacts.paths()) == []
    assert site.restore(file, force=True).left_out == [bad]
    assert list(site.other.artifacts.paths()) == [good]


def test_a_backup_whose_documents_were_altered_is_refused_even_by_force(site: Site) -> None:
    file = site.backup()
    _alter(file, "store.db")
    with pytest.raises(StoreError, match=r"is damaged \(store\.db\)"):
        site.restore(file, force=True)


def _alter(file: Path, member: str) -> None:
    with tarfile.open(file) as archive:
        found = archive.getmember(f"{member}.gz")
        place = found.offset_data + found.size // 2
    flip_bit(file, place)


def flip_bit(file: Path, place: int) -> None:
    with file.open("r+b") as opened_file:
        opened_file.seek(place)
        byte = opened_file.read(1)
        opened_file.seek(place)
        opened_file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("step", [211, pytest.param(7, marks=pytest.mark.slow)])
def test_a_backup_with_any_flipped_bit_is_refused(site: Site, step: int) -> None:
    site.bench.run()
    file = site.backup()
    assert not assert_refused(file)
    whole = file.read_bytes()
    for number, place in enumerate(list_positions_outside_contents(file)[::step]):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << number % 8
        file.write_bytes(damaged)
        assert assert_refused(file), f"bit {number % 8} of byte {place}"


@pytest.mark.parametrize("field", keep_quick(["mtime", "uname"], 0))
def test_a_backup_with_another_header_is_restored_only_by_force(site: Site, field: str) -> None:
    file = site.backup()
    with tarfile.open(file) as archive:
        member = archive.getmember("store.db.gz")
    setattr(member, field, getattr(member, field) + type(getattr(member, field))(1))
    with file.open("r+b") as opened_file:
        opened_file.seek(member.offset)
        opened_file.write(member.tobuf(tarfile.PAX_FORMAT))
    with pytest.raises(
        StoreError, match=r"\(headers, manifest or padding\).*--force restores it all the same"
    ):
        site.restore(file)
    assert read_contents(site.other.store)["project"] == []
    assert site.restore(file, force=True).left_out == []
    assert read_contents(site.other.store) == read_contents(site.place.store)


@pytest.mark.parametrize("change", keep_quick([-1, -1024, -9000, 1, 10_240], 0, 3))
def test_a_backup_with_padding_that_is_missing_or_too_much_is_refused(site: Site, change: int) -> None:
    file = site.backup()
    whole = file.read_bytes()
    file.write_bytes(whole[:change] if change < 0 else whole + bytes(change))
    assert assert_refused(file)


def test_a_backup_that_says_that_it_is_of_an_older_format_is_refused(site: Site) -> None:
    file = rewrite_in_format(site.backup(), 3)
    assert not assert_refused(file)
    file.write_bytes(file.read_bytes().replace(b'"format": 3', b'"format": 2'))
    assert assert_refused(file)


def test_a_backup_that_lost_its_checksum_is_refused(site: Site) -> None:
    file = site.backup()
    remove_checksum(file)
    assert assert_refused(file)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_backup_of_an_earlier_revision_is_restored_and_its_members_are_verified(
    site: Site, number: int
) -> None:
    """They are uncompressed tar archives; the first two formats have no checksum of the whole file."""
    path = site.bench.run().raw_data_file
    file = rewrite_in_format(site.backup(), number)
    assert not assert_refused(file)
    assert site.restore(file).files == 1
    assert read_contents(site.other.store) == read_contents(site.place.store)
    with tarfile.open(file) as archive:
        flip_bit(file, archive.getmember(f"artifacts/{path}").offset_data + 100)
    assert assert_refused(file)


def assert_refused(file: Path) -> bool:
    try:
        with open_backup(file) as backup:
            return bool(backup.list_problems(report_nothing))
    except StoreError:
        return True


def list_positions_outside_contents(file: Path) -> list[int]:
    """Return the positions of all bytes outside of documents and raw data, which have checksums of their own."""
    with tarfile.open(file) as archive:
        inside = [
            range(one.offset_data, one.offset_data + one.size)
            for one in archive.getmembers()
            if one.name == "store.db.gz" or one.name.startswith("artifacts/")
        ]
    return [
        place
        for place in range(file.stat().st_size)
        if not any(place in contents_of_member for contents_of_member in inside)
    ]


def rewrite_in_format(file: Path, number: int) -> Path:
    """Write a backup as earlier revisions did, and return the file."""
    written = file.with_name(f"format-{number}-{file.name}")
    with written.open("wb") as target, tarfile.open(file) as archive:
        output = DigestedArchive(target)
        with tarfile.open(fileobj=cast("BinaryIO", output), mode="w", format=tarfile.PAX_FORMAT) as rewritten:
            for member in archive.getmembers()[:-1]:
                packed = archive.extractfile(member)
                assert packed is not None
                contents = gzip.decompress(packed.read())
                if member.name == "manifest.json.gz":
                    contents = contents.replace(b'"format": 4', f'"format": {number}'.encode())
                    contents = contents.replace(b' "shares_raw_data": false,\n', b"")
                member.name, member.size = member.name.removesuffix(".gz"), len(contents)
                rewritten.addfile(member, io.BytesIO(contents))
            if number >= DIGESTED_SINCE:
                rewritten.addfile(*digest_member(output.checksum))
    return written


def remove_checksum(file: Path) -> None:
    """Cut the last member off a backup."""
    with tarfile.open(file) as archive:
        end = archive.getmember("SHA256").offset
    kept = file.read_bytes()[:end] + bytes(2 * tarfile.BLOCKSIZE)
    file.write_bytes(kept + bytes(-len(kept) % tarfile.RECORDSIZE))


def test_what_would_be_lost_is_named_and_lost_only_by_force(site: Site) -> None:
    site.bench.run()
    early = site.backup()
    site.restore(early)
    site.bench.run(qid="1")
    late = site.backup()
    with pytest.raises(InvalidInputError, match=r"1 projects, 1 chips, 1 executions, 1 results.*--force"):
        site.restore(late)
    assert len(read_contents(site.other.store)["execution_history"]) == 1
    site.restore(late, force=True)
    assert read_contents(site.other.store) == read_contents(site.place.store)


def test_a_store_that_is_in_use_is_not_restored_into(site: Site) -> None:
    file = site.backup()
    other = replace(site, other=site.place)
    session = site.bench.start_session()
    for force in (False, True):
        with pytest.raises(LockedError, match="is in use by process"):
            other.restore(file, force=force)
    session.complete()


def test_what_somebody_writes_while_files_are_restored_is_not_lost(site: Site) -> None:
    site.bench.run()
    file = site.backup()

    def meanwhile(doing: str, _done: int, _of: int | None) -> None:
        if doing == "raw data":
            ensure_default_project(site.other.store)
            UserService(site.other.store).create("alice", by="admin")

    with open_backup(file) as backup, pytest.raises(InvalidInputError, match="not empty"):
        restore(backup, site.other, force=False, now=utc_now(), progress=meanwhile)
    assert site.restored.of(UserRepository).find("alice") is not None


@pytest.mark.parametrize(
    "stage",
    keep_quick([pytest.param("verifying the backup", marks=pytest.mark.slow), "raw data", "documents"], 2),
)
def test_a_restore_that_is_cut_leaves_the_old_documents_and_is_done_again(site: Site, stage: str) -> None:
    site.bench.run()
    early = site.backup()
    site.restore(early)
    before = read_contents(site.other.store)
    site.bench.run(qid="1")
    late = site.backup()

    def interrupt(told: str, _done: int, _total: int | None) -> None:
        if told == stage:
            raise KeyboardInterrupt

    with open_backup(late) as backup, pytest.raises(KeyboardInterrupt):
        restore(backup, site.other, force=True, now=utc_now(), progress=interrupt)
    assert read_contents(site.other.store) == before
    site.restore(late, force=True)
    assert read_contents(site.other.store) == read_contents(site.place.store)


def test_a_store_without_large_transactions_that_was_restored_in_part_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On MongoDB everything would not fit into one transaction."""
    from qdash_core import open_qdash

    monkeypatch.setattr(SQLiteStore, "any_size", False)
    monkeypatch.setattr(document_replacement, "_BATCH_DOCUMENTS", 3)
    site.bench.run()
    file = site.backup()

    def interrupt(told: str, done: int, total: int | None) -> None:
        if told == "documents" and done == total:
            raise KeyboardInterrupt

    with open_backup(file) as backup, pytest.raises(KeyboardInterrupt):
        restore(backup, site.other, force=False, now=utc_now(), progress=interrupt)
    settings = Settings(home=site.folder / "new", store_url=f"sqlite:///{site.folder}/other.db")
    with pytest.raises(StoreError, match="holds a part of a backup"):
        open_qdash(settings)
    site.restore(file)
    assert read_contents(site.other.store) == read_contents(site.place.store)
    site.restore(file, force=True)
    assert read_contents(site.other.store) == read_contents(site.place.store)


@pytest.mark.parametrize("stage", keep_quick(["documents", "raw data"], 1))
def test_a_backup_that_is_cut_leaves_nothing(site: Site, stage: str) -> None:
    site.bench.run()

    def interrupt(told: str, _done: int, _total: int | None) -> None:
        if told == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_backup(site.place, site.folder / "new" / "b.tar", now=NOW, progress=interrupt)
    assert list((site.folder / "new").iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from qdash_builtin.home.backups.data_location import open_location
from qdash_builtin.home.backups.reader import open_backup
from qdash_builtin.home.backups.restoration import restore
from qdash_core.hooks.manager import load_plugins
from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, open_clock, utc_now
from qdash_core.settings import Settings

def kill(stage, done, total):
    if stage == sys.argv[3] and done == total:
        while not any(Path(sys.argv[2]).rglob("*.npz")):
            pass  # the first file is written by another thread
        os.kill(os.getpid(), signal.SIGKILL)

with open_backup(Path(sys.argv[1])) as backup, open_location(Settings(home=sys.argv[2]), load_plugins(), made=True) as place:
    restore(backup, place, force=False, now=utc_now(), progress=kill)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "left"), [("raw data", 1), ("documents", 0)])
def test_a_restore_that_is_killed_is_noticed_and_done_again(site: Site, stage: str, left: int) -> None:
    from qdash_core import open_qdash

    for qid in ("0", "1"):
        site.bench.run(qid=qid)
    file, home = site.backup(), site.folder / "home"
    killed = subprocess.run([sys.executable, "-c", KILLED, file, home, stage], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(StoreError, match="restore a backup"):
        open_qdash(Settings(home=home))
    with open_backup(file) as backup, open_location(Settings(home=home), load_plugins(), made=True) as place:
        assert restore(backup, place, force=False, now=utc_now(), progress=report_nothing).files == left
        assert read_contents(place.store) == read_contents(site.place.store)


def test_a_store_in_memory_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    registry = load_plugins()
    for url, why in (
        ("memory://", "exists only in this process"),
        (f"sqlite:///{tmp_path}/no.db", "there is no store"),
    ):
        settings = Settings(home=tmp_path, store_url=url)
        with pytest.raises(InvalidInputError, match=why), open_location(settings, registry, made=False):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_storage_that_cannot_list_and_verify_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_url = f"sqlite:///{tmp_path}/qdash.db"
    Bench.open(tmp_path, site_url, make_task()).qdash.close()
    monkeypatch.delattr(FilesystemCalibDataSaver, "checksum")
    settings = Settings(home=tmp_path)
    with (
        pytest.raises(PluginError, match="has no checksum"),
        open_location(settings, load_plugins(), made=False),
    ):
        pass


def test_a_damaged_store_is_not_backed_up_but_told(site: Site) -> None:
    site.bench.qdash.close()
    path = site.folder / "qdash.db"
    with path.open("r+b") as file:
        for page in range(12, 30):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    settings = Settings(home=site.folder)
    with (
        open_location(settings, load_plugins(), made=False) as place,
        pytest.raises(StoreError, match="qdash store recover"),
    ):
        write_backup(place, site.folder / "b.tar", now=NOW, progress=report_nothing)
    assert not (site.folder / "b.tar").exists()


def test_a_backup_of_a_newer_version_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from qdash_builtin.home.backups import reader

    file = site.backup()
    monkeypatch.setattr(reader, "SCHEMA_VERSION", 1)
    with pytest.raises(StoreError, match="made by a newer QDash"):
        site.restore(file)


def test_a_disk_that_is_full_is_told_and_nothing_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.bench.run()
    with full_disk(100_000), pytest.raises(StoreUnavailableError, match=r"^no backup was made: .* make room"):
        write_backup(site.place, site.folder / "new" / "b.tar", now=NOW, progress=report_nothing)
    assert list((site.folder / "new").iterdir()) == []


# ----------------------------------------------------------------------------------------------------- simulated clocks


@pytest.mark.parametrize("before", ["none", "damaged", "earlier"])
def test_a_restore_that_fails_leaves_the_clock_and_one_that_ends_sets_it(
    simulated_site: Site, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    file, clock = simulated_site.backup(), simulated_site.other.home / CLOCK_FILE
    if before != "none":
        SimulatedClock.create(clock, START - timedelta(days=1))
    if before == "damaged":
        clock.write_bytes(b"123")

    def fail(*_: object, **__: object) -> int:
        raise StoreError("the store is away")

    with monkeypatch.context() as patched:
        patched.setattr(restoration, "replace_documents", fail)
        with pytest.raises(StoreError, match="the store is away"):
            simulated_site.restore(file, force=True)
    if before == "earlier":
        assert SimulatedClock(clock).now() < START
    else:
        assert clock.exists() is (before == "damaged")
        assert not SimulatedClock.is_intact(clock)
    simulated_site.restore(file)
    assert START < SimulatedClock(clock).now() < START + timedelta(seconds=1)


def test_a_restore_does_not_set_a_clock_back(simulated_site: Site) -> None:
    file, clock = simulated_site.backup(), simulated_site.other.home / CLOCK_FILE
    SimulatedClock.create(clock, START + timedelta(days=1))
    simulated_site.restore(file)
    assert SimulatedClock(clock).now() > START + timedelta(days=1)


def test_a_home_with_data_keeps_its_kind_of_clock_even_by_force(simulated_site: Site) -> None:
    file, ordinary = simulated_site.backup(), simulated_site.other
    ensure_default_project(ordinary.store)
    with simulated_site.place.store.read() as snapshot, ordinary.store.transaction() as transaction:
        transaction.insert("chip", snapshot.find("chip", {})[0])
    before = read_contents(ordinary.store)
    for force in (False, True):
        with pytest.raises(
            InvalidInputError, match=r"has the clock of the machine, and .* a simulated clock"
        ):
            simulated_site.restore(file, force=force)
    assert read_contents(ordinary.store) == before
    assert list(ordinary.home.iterdir()) == []
