"""Unpacking of uploaded files and ZIP archives into a folder, within size limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.parsing.zip_archives import unzip

if TYPE_CHECKING:
    from pathlib import Path


def write_upload(folder: Path, name: str, contents: bytes) -> Path:
    """Write an uploaded file, or the contents of a `.zip`, below a folder, and return its path.

    The path has extra levels, because formats also look at parent folders, which must hold no other files.
    Raises as `unpack_archive`.
    """
    path = folder / "given" / "as" / name
    path.parent.mkdir(parents=True)
    if path.suffix.lower() == ".zip":
        return unpack_archive(contents, path.with_suffix(""))
    path.write_bytes(contents)
    return path


def unpack_archive(archive: bytes, folder: Path) -> Path:
    """Unpack an archive, and return its only top-level folder, otherwise `folder`.

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
    return only if only.is_dir() and not others else folder
