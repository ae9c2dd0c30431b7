"""The null laboratory as a plugin that every process finds: a folder on PYTHONPATH replaces its installation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.null_laboratory import NullBackend, NullTask
from qdash_core import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseBackend, BaseTask

_ROOT = Path(__file__).parents[1]


@hookimpl
def qdash_backends() -> Sequence[type[BaseBackend]]:
    return [NullBackend]


@hookimpl
def qdash_tasks() -> Sequence[type[BaseTask]]:
    return [NullTask]


def installed(folder: Path) -> str:
    """Write the plugin to a folder and return the PYTHONPATH with which a process finds it."""
    info = folder / "null_laboratory-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: null-laboratory\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[qdash]\nnull = benchmarks.null_plugin\n")
    return f"{folder}{os.pathsep}{_ROOT}"
