"""Removal of the user's settings from tests: environment variables, and `qdash.toml` of the working folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def remove_settings(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Remove the user's variables, and work in another folder."""
    for name in [name for name in os.environ if name.upper().startswith("QDASH_")]:
        patch.delenv(name)
    patch.chdir(folder)


@contextmanager
def without_settings(folder: Path) -> Iterator[pytest.MonkeyPatch]:
    """Remove the user's settings for the length of a block, as a fixture that several tests share has to."""
    with pytest.MonkeyPatch.context() as patch:
        remove_settings(patch, folder)
        yield patch
