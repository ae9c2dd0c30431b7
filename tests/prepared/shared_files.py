"""Files of all processes of a test session: the first process that needs them makes them."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest


def find_shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the temporary folder of all processes."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def shared_path(factory: pytest.TempPathFactory, name: str) -> Iterator[Path]:
    """Yield a path in the shared folder, to one process at a time: the first one makes what others copy."""
    path = find_shared_folder(factory) / name
    with path.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def fill_once(
    factory: pytest.TempPathFactory, name: str, folder: Path, fill: Callable[[Path], object]
) -> Path:
    """Fill a new folder, or copy the one that another test or process has filled; return it."""
    with shared_path(factory, name) as shared:
        if shared.exists():
            shutil.copytree(shared, folder)
        else:
            fill(folder)
            shutil.copytree(folder, shared)
    return folder
