"""A file that came as bytes, or a folder as a ZIP archive: put where it can be read, within bounds, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.parsing.zip_archives import unzip

if TYPE_CHECKING:
    from pathlib import Path


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
    for path, contents in unzip(archive).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(contents)
    (only, *others) = folder.iterdir()
    return only if only.is_dir() and not others else folder
