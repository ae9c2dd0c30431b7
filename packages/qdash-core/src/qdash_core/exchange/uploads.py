"""Unpacking of uploaded files and ZIP archives into a folder, within size limits."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import ZIP
from qdash_core.parsing.zip_archives import unzip

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_upload(folder: Path, name: str, contents: bytes) -> Path:
    """Write an uploaded file below a folder, and return its path.

    The path has extra levels, because formats also look at parent folders, which must hold no other files.
    """
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
    """Unpack an archive, and return its only file, or its only top-level folder, otherwise `folder`.

    Parameters
    ----------
    folder : Path
        A folder that does not exist yet.

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
