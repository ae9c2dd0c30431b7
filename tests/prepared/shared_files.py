"""Files of all processes of a test session: the first process that needs them makes them."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
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
