"""Where twins lie below a home folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TWIN_FILE = "twin.json"
"""The file of a twin, in its folder: everything that there is of it."""


def twin_folder(home: Path, *, project_id: str, chip_id: str) -> Path:
    """Return where the twin of a chip lies below the home folder."""
    return home / "twins" / project_id / chip_id
