"""Uploads of files and folders: packed as ZIP archives, and unpacked into a folder, within size limits."""

from __future__ import annotations

import io
import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_builtin.exchange.zip_archives import unzip
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.parsing.limits import JSON_EXPORT, ZIP

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_NAME = 255
"""Bytes of the name of a file on usual disks."""


def read_upload(path: Path) -> tuple[str, bytes]:
    """Return name and contents of a file for an upload; a folder is packed as a ZIP archive, without hidden files.

    Raises
    ------
    NotFoundError
        If there is no such file or folder.
    InvalidInputError
        If it cannot be read, is larger than an upload may be, or contains a link.
    """
    name = (path if path.name not in ("", "..") else path.resolve()).name
    try:
        if path.is_dir():
            return f"{name}.zip", _pack(path, name)
        with path.open("rb") as file:
            contents = file.read(JSON_EXPORT.size + 1)
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file or folder {path}") from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    if len(contents) > JSON_EXPORT.size:
        raise InvalidInputError(f"{path} is too large for a host, which takes {JSON_EXPORT.size} bytes")
    return name, contents


def _pack(folder: Path, name: str) -> bytes:
    """Return the archive of a folder, which is its only entry; it is stored, as hosts limit the ratio of sizes."""
    buffer = io.BytesIO()
    left = ZIP.unpacked
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if any(part.startswith(".") for part in inside.parts):
                continue
            if path.is_symlink():
                raise InvalidInputError(f"{path} is a link: replace it by the file for an upload")
            if path.is_file():
                if (left := left - path.stat().st_size) < 0:
                    raise InvalidInputError(
                        f"{folder} is too large for a host, which takes {ZIP.unpacked} bytes: give a folder with fewer files"
                    )
                archive.writestr(f"{name}/{inside.as_posix()}", path.read_bytes())
    return buffer.getvalue()


def write_upload(folder: Path, name: str, contents: bytes) -> Path:
    """Write an uploaded file below a folder, and return its path.

    The path has extra levels, because formats also look at parent folders, which must hold no other files.

    Raises
    ------
    InvalidInputError
        If the name is not that of one file.
    """
    if (
        name in (".", "..")
        or not name.isprintable()
        or {"/", "\\"} & {*name}
        or len(name.encode()) > _LONGEST_NAME
    ):
        raise InvalidInputError(f"{name!r} is no name of a file: write it without folders")
    path = folder / "given" / "as" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(contents)
    return path


@contextmanager
def unpack_if_archive(path: Path) -> Iterator[Path]:
    """Yield a file or folder; for a `.zip`, what it contains, unpacked for the block. Raises as `unpack_archive`."""
    if path.suffix.lower() != ".zip" or not path.is_file():
        yield path
        return
    with TemporaryDirectory(prefix="qdash-import-") as folder:
        with path.open("rb") as file:
            archive = file.read(ZIP.size + 1)
        unpacked = unpack_archive(archive, Path(folder) / "given" / "as" / path.stem)
        try:
            yield unpacked
        except InvalidInputError as error:
            if str(unpacked) not in str(error):
                raise
            raise InvalidInputError(str(error).replace(str(unpacked), str(path))) from error


def unpack_archive(archive: bytes, folder: Path) -> Path:
    """Unpack an archive into a folder that does not exist yet; return its only file, its only top-level folder, or else `folder`.

    Raises
    ------
    InvalidInputError
        If it is not a valid archive, exceeds the limits on number or size of files, or has duplicate names or
        names that lead outside the folder.
    """
    for path, contents in unzip(archive).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(contents)
    (only, *others) = folder.iterdir()
    if others:
        return folder
    if only.is_file():
        return only
    (inner, *others) = only.iterdir()
    return inner if inner.is_file() and not others else only
