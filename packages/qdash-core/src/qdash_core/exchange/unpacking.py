"""A file that came as bytes, or a folder as a ZIP archive: put where it can be read, within bounds, and nowhere else."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_FILES = 500
MOST_BYTES = 32 * 1024 * 1024
"""Of all files together, as they are unpacked."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}")
_DEEPEST = 8


def put(folder: Path, name: str, contents: bytes) -> Path:
    """Write a file, or what an archive called `.zip` holds, below a folder, and return where it is; raises as `unpacked`.

    That is so deep that above it, too, there is nothing of anybody else: formats look around.
    """
    path = folder / "given" / "as" / name
    path.parent.mkdir(parents=True)
    if path.suffix.lower() == ".zip":
        return unpacked(contents, path.with_suffix(""))
    path.write_bytes(contents)
    return path


def unpacked(archive: bytes, folder: Path) -> Path:
    """Unpack an archive, and return the folder that was packed: its only one at the top, else `folder`.

    Parameters
    ----------
    folder : Path
        Not there yet.

    Raises
    ------
    InvalidInputError
        If it is no archive, or a damaged one, has more or larger files than are taken, or names that lead elsewhere.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            files = [one for one in packed.infolist() if not one.is_dir() and not _is_hidden(one)]
            _check(files)
            for one in files:
                path = folder / one.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(one) as file:
                    path.write_bytes(file.read(one.file_size + 1))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise InvalidInputError(f"the archive cannot be unpacked: {error}") from error
    (only, *others) = folder.iterdir()
    return only if only.is_dir() and not others else folder


def _is_hidden(one: zipfile.ZipInfo) -> bool:
    """Return whether a file is there for an operating system and not for people, as `.DS_Store`."""
    parts = PurePosixPath(one.filename).parts
    return ".." not in parts and any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _check(files: list[zipfile.ZipInfo]) -> None:
    if not 0 < len(files) <= MOST_FILES:
        raise InvalidInputError(f"the archive has {len(files)} files: 1 to {MOST_FILES} are taken")
    # What an archive says of a size bounds what is read of it, and one that lies is damaged.
    if (size := sum(one.file_size for one in files)) > MOST_BYTES:
        raise InvalidInputError(
            f"the files of the archive have {size} bytes together: {MOST_BYTES} at most are taken"
        )
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in files):
        raise InvalidInputError("the archive is packed otherwise than by deflation")
    for one in files:
        parts = PurePosixPath(one.filename).parts
        if len(parts) > _DEEPEST or not all(_PART.fullmatch(part) for part in parts):
            raise InvalidInputError(
                f"the archive has a file {one.filename!r}: names of files and folders are letters, digits, '-', '_', '.' and "
                f"spaces, at most {_DEEPEST} deep"
            )
