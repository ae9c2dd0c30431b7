"""Reader of backups: contents and verification."""

from __future__ import annotations

import os
import tarfile
import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pydantic import ValidationError

from qdash_builtin.home.backups.compression import SUFFIX, UNREADABLE, decompress
from qdash_builtin.home.backups.digest import DIGEST, matches_digest
from qdash_builtin.home.backups.documents import open_documents
from qdash_builtin.home.backups.manifest import (
    CHIP_FILES,
    COMPRESSED_SINCE,
    DIGESTED_SINCE,
    FILES,
    FORMAT,
    MANIFEST,
    NAME_PATTERN,
    STORE,
    Manifest,
)
from qdash_builtin.home.backups.raw_data_pool import RawDataPool
from qdash_core.artifacts.checksums import compute_checksum, copy
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.process.file_modes import create_file
from qdash_core.repositories.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from qdash_core.repositories.store import Store

OUTSIDE_MEMBERS = "headers, manifest or padding"
_BROKEN = (tarfile.TarError, EOFError, OSError)


@dataclass(frozen=True, slots=True)
class Backup:
    """An open backup."""

    place: Path
    manifest: Manifest
    archive: tarfile.TarFile

    def reading(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a file of raw data; raise StoreError if it is missing or damaged."""
        if self.manifest.shares_raw_data:
            return self._pool.reading(self.manifest.files[path])
        return self._open_member(f"{FILES}{path}")

    def open_chip_file(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open a chip file of a backend; raise StoreError if it is missing or damaged."""
        return self._open_member(f"{CHIP_FILES}{path}")

    def list_problems(self, progress: Callable[[str, int, int | None], None]) -> list[str]:
        """Return the damaged parts: the store first, then other members, or `OUTSIDE_MEMBERS`, then shared raw data.

        A backup of an earlier revision has no checksum of the whole file, so only its members are compared.
        """
        known = self._matches_digest(progress)
        found = [] if known else self._list_damaged_members(progress)
        if known is False and not found:
            found = [OUTSIDE_MEMBERS]
        return found + self._list_damaged_shared_files(progress)

    def _list_damaged_members(self, progress: Callable[[str, int, int | None], None]) -> list[str]:
        raw_data = {} if self.manifest.shares_raw_data else self.manifest.files
        wanted = {
            STORE: self.manifest.store,
            **{f"{FILES}{path}": one for path, one in raw_data.items()},
            **{f"{CHIP_FILES}{path}": one for path, one in self.manifest.chip_files.items()},
        }
        found = []
        for number, (name, kept) in enumerate(wanted.items(), 1):
            progress("verifying the backup", number, len(wanted))
            try:
                with self._open_member(name) as file:
                    if compute_checksum(file) != kept.sha256:
                        found.append(name)
            except StoreError:
                found.append(name)
        return found

    def _list_damaged_shared_files(self, progress: Callable[[str, int, int | None], None]) -> list[str]:
        found = []
        shared = self.manifest.files if self.manifest.shares_raw_data else {}
        for number, (path, kept) in enumerate(shared.items(), 1):
            progress("verifying raw data", number, len(shared))
            if not self._pool.is_intact(kept):
                found.append(f"{FILES}{path}")
        return found

    @property
    def _pool(self) -> RawDataPool:
        return RawDataPool(self.place.parent)

    def _matches_digest(self, progress: Callable[[str, int, int | None], None]) -> bool | None:
        """Return whether the backup is unchanged in every byte, or None if unknown."""
        member = _find_member(self.archive, DIGEST)
        if member is None:
            # A single flipped bit cannot change the format number and remove the checksum at the same time.
            return False if self.manifest.format >= DIGESTED_SINCE else None

        def told(read: int, size: int) -> None:
            progress("verifying the backup", read, size)

        with self.place.open("rb") as file:
            return matches_digest(file, member.offset, told)

    @contextmanager
    def open_documents(self) -> Iterator[Store]:
        """Yield the documents as an open temporary store."""
        with tempfile.TemporaryDirectory(prefix="qdash-restore-") as working:
            file = Path(working) / STORE
            try:
                with self._open_member(STORE) as source, os.fdopen(create_file(file), "wb") as target:
                    copy(source, target)
            except OSError as error:
                raise StoreError(
                    f"{file.parent} has no room for the documents ({error.strerror or error}); let TMPDIR name a folder "
                    "with more"
                ) from error
            store = open_documents(file, temporary=True)
            try:
                yield store
            finally:
                store.close()

    @contextmanager
    def _open_member(self, name: str) -> Iterator[BinaryIO]:
        compressed = self.manifest.format >= COMPRESSED_SINCE
        with _open_member(self.place, self.archive, name, compressed=compressed) as contents:
            yield contents


@contextmanager
def _open_member(place: Path, archive: tarfile.TarFile, name: str, *, compressed: bool) -> Iterator[BinaryIO]:
    """Open the contents of a member; raise StoreError if it is missing, or found to be damaged while it is read."""
    try:
        file = archive.extractfile(f"{name}{SUFFIX}" if compressed else name)
    except (KeyError, *_BROKEN) as error:
        raise StoreError(f"{place}: {name} is missing, or it is truncated") from error
    if file is None:
        raise StoreError(f"{place}: {name} is no file")
    member = cast("BinaryIO", file)
    with file:
        try:
            with decompress(member) if compressed else nullcontext(member) as contents:
                yield contents
        except (tarfile.ReadError, *UNREADABLE) as error:
            raise StoreError(f"{place}: {name} is damaged or truncated") from error


def _find_member(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo | None:
    try:
        return archive.getmember(name)
    except (KeyError, *_BROKEN):
        return None


@contextmanager
def open_backup(place: Path) -> Iterator[Backup]:
    """Open a backup.

    Raises
    ------
    InvalidInputError
        If there is no such file, or it is a folder.
    StoreError
        If it is not a backup, is truncated, or was made by a newer QDash.
    """
    if place.is_dir():
        newest = max(place.glob(NAME_PATTERN), default=None, key=lambda one: one.name)
        known = f"the newest is {newest}" if newest else "there is none"
        raise InvalidInputError(f"{place} is a folder: name a backup in it; {known}")
    if not place.is_file():
        raise InvalidInputError(f"there is no backup {place}")
    try:
        archive = tarfile.open(place, "r:")  # noqa: SIM115  closed below
    except _BROKEN as error:
        raise StoreError(f"{place} is not a backup, or is truncated: {error}") from error
    with archive:
        compressed = _find_member(archive, MANIFEST) is None
        try:
            with _open_member(place, archive, MANIFEST, compressed=compressed) as file:
                text = file.read()
        except StoreError as error:
            raise StoreError(
                f"{place} is not a backup, or is truncated: it has no readable {MANIFEST}"
            ) from error
        yield Backup(place, _parse_manifest(place, text), archive)


def _parse_manifest(place: Path, text: bytes) -> Manifest:
    newer = f"{place} was made by a newer QDash: upgrade, and restore it then"
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        if f'"format": {FORMAT}'.encode() not in text and b'"format"' in text:
            raise StoreError(newer) from error
        raise StoreError(f"{place}: its {MANIFEST} is damaged") from error
    if manifest.format > FORMAT or manifest.schema_version > SCHEMA_VERSION:
        raise StoreError(newer)
    return manifest
