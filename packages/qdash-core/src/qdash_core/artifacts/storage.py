"""Storage of raw data: the interface, and storage in a folder."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from copy import copy as copy_object
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol

from qdash_core.artifacts.atomic import sync_folder, write_atomically
from qdash_core.artifacts.checksums import compute_checksum, copy
from qdash_core.artifacts.raw_data import decode, make_writer
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.parsing.urls import find_folder, redact_password
from qdash_core.process.file_modes import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from qdash_core.models.raw_data import RawData


class CalibDataSaver(Protocol):
    """An open storage. Paths are relative, with `/`, and the same on every machine.

    Several threads may save at the same time, each under its own path. Saving is atomic, and durable when the call
    returns; a killed process leaves the previous contents. A path outside the storage raises an InvalidInputError,
    and any other failure a StoreError. `qdash_testing.StorageContract` tests an implementation.
    """

    def save_raw_data(self, path: str, raw: RawData) -> str:
        """Save raw data under `path`, and return the SHA-256 of the file, as 64 hexadecimal digits."""

    def load_raw_data(self, path: str) -> RawData:
        """Return the raw data under `path`; StoreError if it is missing or damaged."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file under `path`."""

    def checksum(self, path: str) -> str:
        """Return the SHA-256 of the current file; StoreError if there is none."""

    def paths(self) -> Iterator[str]:
        """Yield the paths of all files, in any order."""

    def reading(self, path: str) -> AbstractContextManager[BinaryIO]:
        """Open the file under `path` for reading bytes; StoreError if there is none."""

    def write(self, path: str, source: BinaryIO) -> str:
        """Save the bytes of `source` under `path`, and return their SHA-256."""

    def check(self) -> None:
        """Raise StoreError if the storage cannot be written now, without creating anything."""


class FilesystemCalibDataSaver:
    """Raw data as files below one folder, which is created with the first execution."""

    schemes: ClassVar[tuple[str, ...]] = ("file",)

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sync_folder: Callable[[Path], None] = sync_folder

    @classmethod
    def open(cls, url: str) -> FilesystemCalibDataSaver:
        """Open the storage of a `file:///folder` URL."""
        if (folder := find_folder(url)) is None:
            raise InvalidInputError(
                f"artifacts URL {redact_password(url)!r}: file:///absolute/folder is what a folder looks like"
            )
        return cls(folder)

    def save_raw_data(self, path: str, raw: RawData) -> str:
        return self._write(path, make_writer(raw))

    def load_raw_data(self, path: str) -> RawData:
        return decode(self._confine_path(path), path)

    def exists(self, path: str) -> bool:
        return self._confine_path(path).is_file()

    def checksum(self, path: str) -> str:
        with self.reading(path) as file:
            try:
                return compute_checksum(file)
            except OSError as error:
                raise _make_unreadable_error(path, error) from error

    def paths(self) -> Iterator[str]:
        def refuse(error: OSError) -> None:
            if not isinstance(error, FileNotFoundError):
                raise StoreError(f"{error.filename} cannot be listed: {error.strerror}") from error

        for folder, _, names in os.walk(self.root, onerror=refuse):
            within = Path(folder).relative_to(self.root)
            # Names that start with a dot are unfinished files.
            yield from ((within / name).as_posix() for name in names if not name.startswith("."))

    @contextmanager
    def reading(self, path: str) -> Iterator[BinaryIO]:
        try:
            file = self._confine_path(path).open("rb")
        except OSError as error:
            raise _make_unreadable_error(path, error) from error
        with file:
            yield file

    def write(self, path: str, source: BinaryIO) -> str:
        return self._write(path, lambda file: copy(source, file))

    def size(self, path: str) -> int:
        """Return the size of the file under `path` in bytes; StoreError if there is none."""
        try:
            return self._confine_path(path).stat().st_size
        except OSError as error:
            raise _make_unreadable_error(path, error) from error

    def remove(self, path: str) -> None:
        """Remove the file under `path`, if there is one, and the folders that are empty then; StoreError if that is impossible."""
        file = self._confine_path(path)
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{file} cannot be removed: {error.strerror or error}") from error
        for folder in file.parents:
            if folder == self.root:
                break
            with suppress(OSError):  # it is not empty, or another process removed it
                folder.rmdir()

    def make_folder(self, path: str) -> None:
        """Create a folder for files, unless it exists; StoreError if that is impossible."""
        folder = self._confine_path(path)
        try:
            make_folder(folder)
        except OSError as error:
            raise StoreError(f"{folder} cannot be created: {error.strerror or error}") from error

    def check(self) -> None:
        place = self.root
        while not place.exists() and place != place.parent:
            place = place.parent
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            raise StoreError(f"{self.root} cannot be written: {error.strerror or error}") from error

    @contextmanager
    def together(self) -> Iterator[FilesystemCalibDataSaver]:
        """Sync each folder once, at the end of the block, for all files that are saved within it."""
        folders = set[Path]()
        grouped = copy_object(self)
        grouped._sync_folder = folders.add
        yield grouped
        for folder in folders:
            sync_folder(folder)

    def _write(self, path: str, write: Callable[[BinaryIO], str]) -> str:
        target = self._confine_path(path)
        try:
            return write_atomically(target, write, sync=self._sync_folder)
        except OSError as error:
            raise StoreError(f"raw data cannot be written to {target}: {error.strerror or error}") from error

    def _confine_path(self, path: str) -> Path:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts or "\0" in path:
            raise InvalidInputError(f"artifact path {path!r} leaves its storage")
        place = self.root.joinpath(*pure.parts)
        # The folder itself may be a link, as to a larger disk; links inside must not lead out of it.
        real, root = os.path.realpath(place), os.path.realpath(self.root)
        if os.path.commonpath((real, root)) != root:
            raise InvalidInputError(f"artifact path {path!r} leaves its storage: a link leads out of it")
        return place


def _make_unreadable_error(path: str, error: OSError) -> StoreError:
    """Return the error for an unreadable file, with its path within the storage only, for callers of the host."""
    if isinstance(error, FileNotFoundError):
        return StoreError(f"{path}: the raw data are no longer there")
    return StoreError(f"{path} cannot be read: {error.strerror or 'its disk does not answer'}")
