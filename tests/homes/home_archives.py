"""Homes that older revisions recorded, in folders named by their day."""

from __future__ import annotations

import tarfile
from pathlib import Path


def unpack_home(name: str, folder: Path) -> Path:
    """Unpack a recorded home into a folder, and return the folder."""
    with tarfile.open(Path(__file__).with_name(name) / "home.tar.xz") as archive:
        # Debian's Python 3.11.2 has no filters; the latest versions require one.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)
    return folder
