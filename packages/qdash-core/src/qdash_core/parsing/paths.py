"""Paths in settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_absolute(folder: Path) -> Path:
    """Return a path as absolute, with `~` replaced; raise ValueError if it names an unknown user."""
    try:
        return folder.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"{str(folder)!r} names the home folder of a user that does not exist") from error
