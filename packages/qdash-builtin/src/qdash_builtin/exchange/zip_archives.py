"""ZIP archives, unpacked in memory within limits."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qdash_builtin.exchange.zip_layout import check_layout
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import ZIP

if TYPE_CHECKING:
    from qdash_core.parsing.limits import ZipLimits

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,99}")


def unzip(archive: bytes, *, limits: ZipLimits = ZIP) -> dict[PurePosixPath, bytes]:
    """Unpack the files of an archive by their paths in it; hidden files of operating systems are skipped.

    Raises
    ------
    InvalidInputError
        If it is no archive, is damaged or exceeds a limit, or has paths that lead outside or two files of one name.
    """
    if len(archive) > limits.size:
        raise InvalidInputError(f"the archive has {len(archive)} bytes: the limit is {limits.size} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            files = [one for one in packed.infolist() if not one.is_dir() and not _is_hidden(one)]
            _check_sizes(files, members=len(packed.infolist()), limits=limits)
            check_layout(archive, packed.infolist())
            _check_names(files, limits)
            return {PurePosixPath(one.filename): _read(packed, one) for one in files}
    except InvalidInputError:
        raise
    except Exception as error:  # zipfile raises many types on damaged data
        raise InvalidInputError(f"the archive cannot be unpacked: {type(error).__name__}: {error}") from error


def _read(packed: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    # At most one byte more than declared, however much is packed.
    with packed.open(one) as file:
        return file.read(one.file_size + 1)


def _is_hidden(one: zipfile.ZipInfo) -> bool:
    """Return whether a file belongs to an operating system, such as `.DS_Store`."""
    parts = PurePosixPath(one.filename).parts
    return ".." not in parts and any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _check_sizes(files: list[zipfile.ZipInfo], *, members: int, limits: ZipLimits) -> None:
    if members > limits.members or not files:
        raise InvalidInputError(f"the archive has {members} files: 1 to {limits.members} are taken")
    # The declared sizes bound what is read, so a wrong one fails as damage.
    if (size := sum(one.file_size for one in files)) > limits.unpacked:
        raise InvalidInputError(
            f"the files of the archive have {size} bytes together: {limits.unpacked} at most are taken"
        )
    for one in files:
        if one.file_size > limits.ratio * max(1, one.compress_size):
            raise InvalidInputError(
                f"the archive has a file {one.filename!r} of {one.file_size} bytes in {one.compress_size}: at most "
                f"{limits.ratio} for each are taken"
            )
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in files):
        raise InvalidInputError("the archive is packed otherwise than by deflation")


def _check_names(files: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    places: set[PurePosixPath] = set()
    for one in files:
        place = PurePosixPath(one.filename)
        if not 0 < len(place.parts) <= limits.depth or not all(_PART.fullmatch(part) for part in place.parts):
            raise InvalidInputError(
                f"the archive has a file {one.filename!r}: names of files and folders are letters, digits, '-', '_', '.' and "
                f"spaces, at most {limits.depth} deep"
            )
        if place in places:
            raise InvalidInputError(f"the archive has two files {one.filename!r}: which is meant?")
        places.add(place)
    if both := sorted({*places} & {folder for place in places for folder in place.parents}):
        raise InvalidInputError(
            f"the archive has {str(both[0])!r} as a file and as a folder: which is meant?"
        )
