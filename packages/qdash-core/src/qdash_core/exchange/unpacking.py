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
MOST_BYTES = 4 * 1024 * 1024
"""Of all files together, as they are unpacked: YAML takes a hundred times as much memory while it is read, and seconds for each million."""

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
        If it is no archive, or a damaged one, has more or larger files than are taken, names that lead elsewhere, or two files of one name.
    """
    for path, contents in _contents(archive).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(contents)
    (only, *others) = folder.iterdir()
    return only if only.is_dir() and not others else folder


def _contents(archive: bytes) -> dict[PurePosixPath, bytes]:
    """Return what an archive holds, by where it stands there; raises as `unpacked`."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            infos = [one for one in packed.infolist() if not one.is_dir() and not _is_hidden(one)]
            _check(infos)
            return {PurePosixPath(one.filename): _read(packed, one) for one in infos}
    except InvalidInputError:
        raise
    except Exception as error:  # what is damaged makes the reader trip in many ways
        raise InvalidInputError(f"the archive cannot be unpacked: {type(error).__name__}: {error}") from error


def _read(packed: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    # Not more than it says, however much is packed there.
    with packed.open(one) as file:
        return file.read(one.file_size + 1)


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
    places: set[PurePosixPath] = set()
    for one in files:
        place = PurePosixPath(one.filename)
        if not 0 < len(place.parts) <= _DEEPEST or not all(_PART.fullmatch(part) for part in place.parts):
            raise InvalidInputError(
                f"the archive has a file {one.filename!r}: names of files and folders are letters, digits, '-', '_', '.' and "
                f"spaces, at most {_DEEPEST} deep"
            )
        if place in places:
            raise InvalidInputError(f"the archive has two files {one.filename!r}: which is meant?")
        places.add(place)
    if both := sorted({*places} & {folder for place in places for folder in place.parents}):
        raise InvalidInputError(
            f"the archive has {str(both[0])!r} as a file and as a folder: which is meant?"
        )
