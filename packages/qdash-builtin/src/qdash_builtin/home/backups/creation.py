"""Creation of a backup during runs: a consistent snapshot of the documents, then the files."""

from __future__ import annotations

import io
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from importlib_metadata import version

from qdash_builtin.home.backup_checks import record_backup
from qdash_builtin.home.backups.compression import SUFFIX, compress
from qdash_builtin.home.backups.digest import DigestedArchive, digest_member
from qdash_builtin.home.backups.documents import open_documents
from qdash_builtin.home.backups.manifest import CHIP_FILES, FILES, MANIFEST, STORE, KeptFile, Manifest
from qdash_builtin.home.backups.raw_data_pool import RawDataPool
from qdash_builtin.home.backups.retention import RemovalResult, remove_old_backups
from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_builtin.home.repositories.numbering import get_last_number
from qdash_core.artifacts.atomic import write_atomically
from qdash_core.errors import InvalidInputError, StoreError, StoreUnavailableError
from qdash_core.models.attachment import iterate_attached
from qdash_core.models.project import DEFAULT_PROJECT
from qdash_core.process.clock import read_simulated_clock
from qdash_core.process.file_modes import PRIVATE_FILE, make_folder
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_builtin.chips.chip_files import FilesOfChip
    from qdash_builtin.home.backups.data_location import DataLocation
    from qdash_core.repositories.store import Snapshot

_IN_MEMORY = 16 * 2**20
"""Maximum size of a file that is buffered in memory, in bytes; a tar file needs the size first."""


@dataclass(frozen=True, slots=True)
class CreatedBackup:
    """Backup that was made, and older backups that were removed."""

    file: Path
    manifest: Manifest
    removal: RemovalResult


def create_backup(
    place: DataLocation,
    target: Path,
    *,
    keep: int | None = None,
    now: datetime,
    progress: Callable[[str, int, int | None], None],
) -> CreatedBackup:
    """Write a backup, record it in the store if it is complete, and remove older ones.

    Parameters
    ----------
    target : Path
        A folder, whose backups share their raw data, or a new file, which contains everything.
    keep : int or None
        Number of complete backups of this store to keep in the folder, or None to remove none.
    progress : callable
        Called with the current step, the number of finished items and their total.

    Raises
    ------
    InvalidInputError
        If the file exists, or `keep` is given without a folder.
    LockedError
        If another process makes a backup into the folder.
    StoreError
        If the store cannot be read; StoreUnavailableError if the backup cannot be written, or older ones cannot be removed.
    """
    file = choose_file(target, now)
    if not target.is_dir():
        if keep is not None:
            raise InvalidInputError(f"{target} is no folder: older backups are removed from a folder only")
        manifest = _write_recorded_backup(place, file, now, progress)
        return CreatedBackup(file, manifest, RemovalResult())
    pool = RawDataPool(target)
    with _explained_errors(file), pool.lock():
        manifest = _write_recorded_backup(place, file, now, progress, pool)
        try:
            removal = RemovalResult() if keep is None else remove_old_backups(pool, keep=keep, like=manifest)
        except OSError as error:
            raise StoreUnavailableError(
                f"{file} was made, but older backups were not removed: {error.filename or target} ({error.strerror or error})"
            ) from error
    return CreatedBackup(file, manifest, removal)


def _write_recorded_backup(
    place: DataLocation,
    file: Path,
    now: datetime,
    progress: Callable[[str, int, int | None], None],
    pool: RawDataPool | None = None,
) -> Manifest:
    manifest = write_backup(place, file, now=now, progress=progress, pool=pool)
    if manifest.is_complete:
        record_backup(place.store, file, now)
    return manifest


def choose_file(place: Path, now: datetime) -> Path:
    """Return the file for a backup: a new one in a folder, or the named one.

    Raises
    ------
    InvalidInputError
        If the file exists, or its name does not end in `.tar` (so that of a missing folder).
    """
    file = place / f"qdash-{now:%Y%m%d-%H%M%S}.tar" if place.is_dir() else place
    if file.exists():
        raise InvalidInputError(
            f"{file} is there already: name another file, or a folder, where every backup gets a name of its own"
        )
    if file.suffix != ".tar":
        raise InvalidInputError(
            f"there is no folder {place}: create it, or name a new file that ends in .tar"
        )
    return file


def write_backup(
    place: DataLocation,
    file: Path,
    *,
    now: datetime,
    progress: Callable[[str, int, int | None], None],
    pool: RawDataPool | None = None,
) -> Manifest:
    """Write a backup into `file` atomically; the source is not changed.

    Parameters
    ----------
    file : Path
        A new file, readable by its owner only.
    pool : RawDataPool or None
        Locked raw data of the folder, to which missing files are added, or None to write raw data into the backup.

    Raises
    ------
    StoreError
        If the store cannot be read; StoreUnavailableError if the file cannot be written. No backup is left behind then.
    """
    with _explained_errors(file):
        make_folder(file.parent)
        folder = file.parent if pool is None else pool.staging
        with tempfile.TemporaryDirectory(dir=folder, prefix=".qdash-backup-") as working:
            taking = _BackupWriter(place, Path(working), now, progress, pool)
            try:
                return write_atomically(file, taking.write, mode=PRIVATE_FILE)
            except StoreError as error:
                if working not in str(error):  # of the store, and not of the copy of its documents
                    raise
                raise StoreUnavailableError(
                    f"no backup was made: {folder} cannot hold a copy of the documents ({error.__cause__ or error}); "
                    "make room there, or name another place"
                ) from error


@contextmanager
def _explained_errors(file: Path) -> Iterator[None]:
    """Raise StoreUnavailableError in place of an OSError."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            f"no backup was made: {error.filename or file} cannot be written ({error.strerror or error}); "
            "make room there, or name another place"
        ) from error


@dataclass
class _BackupWriter:
    """A backup in progress."""

    place: DataLocation
    working: Path
    now: datetime
    progress: Callable[[str, int, int | None], None]
    pool: RawDataPool | None
    documents: dict[str, int] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    """Files named by results, with their recorded checksums, or empty without one."""
    files: dict[str, KeptFile] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    of_chips: list[FilesOfChip] = field(default_factory=list)
    chip_files: dict[str, KeptFile] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def write(self, file: BinaryIO) -> Manifest:
        """Write the tar file; manifest and checksum come last."""
        store = self.place.store
        numbers = {
            name: get_last_number(store, kind) for name, kind in store.collections.items() if kind.numbered
        }
        with store.read() as snapshot:
            clock = self._read_clock(snapshot)
            self._copy_documents(snapshot)
            self.of_chips.extend(self.place.chip_files.iter_by_chip(snapshot))
        digested = cast("BinaryIO", output := DigestedArchive(file))
        with tarfile.open(fileobj=digested, mode="w", format=tarfile.PAX_FORMAT) as archive:
            kept = self._add(archive, STORE, (self.working / STORE).open("rb"))
            # Files come after the documents: a file exists before the document that names it.
            self._add_files(archive)
            self._add_chip_files(archive)
            if self.pool is not None:
                self.pool.publish()
            manifest = Manifest(
                made_at=self.now,
                version=version("qdash-core"),
                schema_version=SCHEMA_VERSION,
                store_url=self.place.store_url,
                artifacts_url=self.place.artifacts_url,
                store=kept,
                documents=self.documents,
                numbers=numbers,
                files=self.files,
                shares_raw_data=self.pool is not None,
                missing=self.missing,
                altered=self.altered,
                chip_files=self.chip_files,
                left_out=self.left_out,
                simulated_clock=clock,
            )
            text = manifest.model_dump_json(indent=1, exclude_none=True)
            self._add(archive, MANIFEST, io.BytesIO(text.encode()))
            archive.addfile(*digest_member(output.checksum))
        return manifest

    def _read_clock(self, snapshot: Snapshot) -> datetime | None:
        """Return the time of a simulated clock; raise StoreError if it is lost: a home cannot go on from such a backup."""
        clock = read_simulated_clock(self.place.home)
        default = Repositories(snapshot).of(ProjectRepository).find(DEFAULT_PROJECT)
        if clock is None and default is not None and default.simulated_clock:
            raise StoreError(
                f"home {self.place.home} has lost its simulated clock: set it with qdash init --simulated-clock TIME, then back it up"
            )
        return clock

    def _copy_documents(self, snapshot: Snapshot) -> None:
        declarations = [one for one in snapshot.collections.declarations if not one.collection.live]
        copied, total = 0, sum(snapshot.count(one.collection.name, {}) for one in declarations)
        target = open_documents(self.working / STORE, temporary=True)
        try:
            with target.transaction(durable=False) as transaction:
                transaction.keep_collections(declarations)
            with target.transaction(durable=False) as transaction:
                for collection in (one.collection for one in declarations):
                    name, before = collection.name, copied
                    for entry in iterate_entries(snapshot, collection):
                        transaction.insert(name, entry.document)
                        if name == "task_result_history":
                            self._note_files(entry.document)
                        elif collection.attached:
                            self.named.update(iterate_attached(entry.document))
                        copied += 1
                        self.progress("documents", copied, total)
                    self.documents[name] = copied - before
        finally:
            target.close()

    def _note_files(self, result: dict[str, list[str]]) -> None:
        paths = result.get("raw_data_path") or []
        checksums = result.get("raw_data_sha256") or [""] * len(paths)
        self.named.update(zip(paths, checksums, strict=False))

    def _add_files(self, archive: tarfile.TarFile) -> None:
        paths = sorted({*self.place.artifacts.paths(), *self.named})
        for number, path in enumerate(paths, 1):
            self.progress("raw data", number, len(paths))
            try:
                kept = self.files[path] = self._keep_file(archive, path)
            except StoreError:
                if path in self.named:
                    self.missing.append(path)
                continue
            if self.named.get(path) not in (None, "", kept.sha256):
                self.altered.append(path)

    def _keep_file(self, archive: tarfile.TarFile, path: str) -> KeptFile:
        """Add a file of raw data to the backup, or to the pool unless it is there."""
        artifacts = self.place.artifacts
        if self.pool is None:
            with artifacts.reading(path) as source:
                return self._add(archive, f"{FILES}{path}", source)
        if (known := self.pool.find(artifacts.checksum(path))) is not None:
            return known
        with artifacts.reading(path) as source:
            return self.pool.stage(source)

    def _add_chip_files(self, archive: tarfile.TarFile) -> None:
        storage = self.place.chip_files.storage
        for one in self.of_chips:
            self.left_out += [one.unknown] if one.unknown else []
            for path in one.files:
                if not storage.exists(path):
                    self.left_out.append(f"{one.chip}: {path} is not there")
                    continue
                with storage.reading(path) as source:
                    self.chip_files[path] = self._add(archive, f"{CHIP_FILES}{path}", source)

    def _add(self, archive: tarfile.TarFile, name: str, source: BinaryIO) -> KeptFile:
        with source, tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self.working)) as spool:
            buffer = cast("BinaryIO", spool)
            checksum, size = compress(source, buffer)
            member = tarfile.TarInfo(f"{name}{SUFFIX}")
            member.size, member.mode = spool.tell(), PRIVATE_FILE
            member.mtime = int(self.now.timestamp())
            spool.seek(0)
            archive.addfile(member, buffer)
            return KeptFile(sha256=checksum, size=size)
