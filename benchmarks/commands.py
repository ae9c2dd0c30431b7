"""Whole commands and the start of the host: the measurements that a comparison of revisions takes, too."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks.comparison import ROWS
from benchmarks.measurements import MEASUREMENTS
from benchmarks.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = ("help", "task-run", "chip-list", "metrics", "executions", "dry-run", "host-start", "reads")


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Take samples; the first one only warms."""
    for name in _NAMES:
        home = folder / name
        home.mkdir()
        with closing(MEASUREMENTS[name](home)) as samples:
            found = [*islice(samples, 2 if quick else 16)][1:]
        for (what, unit), values in zip(ROWS[name], zip(*found, strict=True), strict=True):
            yield Row.of(what, unit, values)
