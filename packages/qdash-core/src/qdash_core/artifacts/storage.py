"""Where raw data lie: the storage contract, and storage in a folder."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar, Protocol
from urllib.parse import unquote, urlsplit

from qdash_core.artifacts.atomic import write_atomically
from qdash_core.artifacts.raw_data import decode, writer_of
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData


class CalibDataSaver(Protocol):
    """An open storage. Paths are relative, with `/`, and mean the same on every machine that opens it.

    Several threads may save at the same time, each under its own path.
    """

    def save_raw_data(self, path: str, raw: RawData) -> None:
        """Keep raw data under `path`, durable and whole when this returns; StoreError when that fails."""

    def load_raw_data(self, path: str) -> RawData:
        """Return what was kept under `path`; StoreError when it is missing or broken."""

    def exists(self, path: str) -> bool:
        """Whether something is kept under `path`."""

    def check(self) -> None:
        """Raise StoreError when nothing could be kept here now."""


class FilesystemCalibDataSaver:
    """Raw data as files below one folder.

    Parameters
    ----------
    root : Path
        The folder; made when the first file is written.
    """

    schemes: ClassVar[tuple[str, ...]] = ("file",)

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def open(cls, url: str) -> FilesystemCalibDataSaver:
        """Open the storage of a `file:///folder` URL."""
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc or not parts.path:
            raise InvalidInputError(
                f"artifacts URL {redacted(url)!r}: file:///absolute/folder is what a folder looks like"
            )
        return cls(Path(unquote(parts.path)))

    def save_raw_data(self, path: str, raw: RawData) -> None:
        target = self._confined(path)
        write = writer_of(raw)
        try:
            write_atomically(target, write)
        except OSError as error:
            raise StoreError(f"raw data cannot be written to {target}: {error.strerror or error}") from error

    def exists(self, path: str) -> bool:
        return self._confined(path).is_file()

    def check(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            raise StoreError(f"{self.root} cannot be written: {error.strerror or error}") from error

    def load_raw_data(self, path: str) -> RawData:
        return decode(self._confined(path))

    def _confined(self, path: str) -> Path:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise InvalidInputError(f"artifact path {path!r} leaves its storage")
        return self.root.joinpath(*pure.parts)
