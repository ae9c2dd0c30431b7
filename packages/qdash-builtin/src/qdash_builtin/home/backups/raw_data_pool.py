"""Raw data that the backups of a folder share: each file once, compressed, named by the checksum of its contents."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from qdash_builtin.home.backups.compression import SUFFIX, UNREADABLE, compress, decompress
from qdash_builtin.home.backups.manifest import NAME_PATTERN, POOL, KeptFile
from qdash_core.artifacts.atomic import sync_folder
from qdash_core.artifacts.checksums import compute_checksum
from qdash_core.errors import LockedError, StoreError
from qdash_core.process.file_modes import PRIVATE_FILE, ensure_file, make_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_PREFIX = 2
"""Number of digits of a checksum that name its folder, so that no folder has too many files."""


@dataclass
class RawDataPool:
    """Raw-data files that the backups of a folder share."""

    folder: Path
    _staged: dict[str, Path] = field(default_factory=dict)
    """New files that are not in the pool yet, by checksum."""

    @property
    def root(self) -> Path:
        """Folder of the pool."""
        return self.folder / POOL

    @property
    def staging(self) -> Path:
        """Folder for unfinished files, which exists while the pool is locked."""
        return self.root / ".new"

    def locate(self, checksum: str) -> Path:
        """Return the path of the file with these contents."""
        return self.root / checksum[:_PREFIX] / f"{checksum}{SUFFIX}"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Exclude other backups into this folder, and remove what interrupted ones left there.

        Raises
        ------
        LockedError
            If another process makes a backup into this folder.
        OSError
            If the folder cannot be written.
        """
        make_folder(self.root, shared=False)
        file = self.root / ".lock"
        ensure_file(file)
        handle = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockedError(
                    f"another backup is being made in {self.folder}: wait for its end, or name another folder"
                ) from None
            for left in self.folder.glob(f".{NAME_PATTERN}.*"):
                left.unlink()
            shutil.rmtree(self.staging, ignore_errors=True)
            make_folder(self.staging, shared=False)
            try:
                yield
            finally:
                self._staged.clear()
                shutil.rmtree(self.staging, ignore_errors=True)
        finally:
            os.close(handle)

    def find(self, checksum: str) -> KeptFile | None:
        """Return the file with these contents, or None if it is missing or damaged. The file is read."""
        place = self._staged.get(checksum) or self.locate(checksum)
        try:
            with place.open("rb") as file:
                stored = compute_checksum(file)
                file.seek(0)
                with decompress(file) as contents:
                    if compute_checksum(contents) != checksum:
                        return None
                    return KeptFile(sha256=checksum, size=contents.tell(), stored_sha256=stored)
        except (OSError, *UNREADABLE):
            return None

    def stage(self, source: BinaryIO) -> KeptFile:
        """Compress the rest of a file, for `publish`."""
        temporary = self.staging / str(len(self._staged))
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        with os.fdopen(handle, "w+b") as target:
            checksum, size = compress(source, target)
            target.seek(0)
            stored = compute_checksum(target)
        self._staged[checksum] = temporary
        return KeptFile(sha256=checksum, size=size, stored_sha256=stored)

    def publish(self) -> None:
        """Add the staged files to the pool, durably."""
        if not self._staged:
            return
        os.sync()  # once for all: contents are on the disk before names, so that no name has other contents
        folders = set()
        for checksum, temporary in self._staged.items():
            place = self.locate(checksum)
            make_folder(place.parent, shared=False)
            temporary.replace(place)
            folders.add(place.parent)
        for folder in (*folders, self.root):
            sync_folder(folder)
        self._staged.clear()

    def is_intact(self, kept: KeptFile) -> bool:
        """Return whether the file of a backup is there and unchanged in every bit."""
        try:
            with self.locate(kept.sha256).open("rb") as file:
                return compute_checksum(file) == kept.stored_sha256
        except OSError:
            return False

    @contextmanager
    def reading(self, kept: KeptFile) -> Iterator[BinaryIO]:
        """Open the contents of a file of a backup; raise StoreError if it is missing or damaged."""
        place = self.locate(kept.sha256)
        try:
            with place.open("rb") as file, decompress(file) as contents:
                yield contents
        except (OSError, *UNREADABLE) as error:
            raise StoreError(
                f"{place} is missing or damaged: keep {POOL} together with the backups"
            ) from error

    def remove_unused(self, used: Collection[str]) -> int:
        """Remove the files whose checksums no backup uses, and return the number of freed bytes."""
        freed = 0
        for place in self.root.glob(f"{'[0-9a-f]' * _PREFIX}/*{SUFFIX}"):
            if place.name.removesuffix(SUFFIX) not in used:
                freed += place.stat().st_size
                place.unlink()
        for folder in self.root.glob("[0-9a-f]" * _PREFIX):
            with suppress(OSError):  # not empty
                folder.rmdir()
        return freed
