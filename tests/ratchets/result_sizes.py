"""Bytes that results of each kind add to the store and to the raw data, and pages that they add to an SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING
from unittest.mock import patch

from benchmarks.null_laboratory import NullTask, opened, session
from qdash_core import open_qdash
from qdash_core.errors import AnalysisError
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.settings import load_settings

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import CalibOrchestrator
    from qdash_core.runtime.application import QDash

_TOLERANCE = 0.01
"""Texts of durations have up to 18 digits or fewer, which is less than 1 % of a result."""
_PAGES_TOLERANCE = 0.05
"""Keys are random, so pages are not filled equally."""
_FILLED = 100
_KINDS = ("CheckT1", "ReadoutClassification", "RandomizedBenchmarking")


def measure_null_results(folder: Path) -> Iterator[Measured]:
    """Measure a completed and a failed null task."""
    with opened(folder, f"sqlite:///{folder}/qdash.db") as qdash:
        orchestrator = session(qdash)
        orchestrator.run_task("Null", "0")
        yield _measure_task(qdash, folder, orchestrator, "Null", "0")
        with patch.object(NullTask, "run", side_effect=AnalysisError("the trace is flat")):
            yield _measure_task(qdash, folder, orchestrator, "Null", "0", kind="a failed Null")
        orchestrator.complete()


def measure_pages(folder: Path) -> Iterator[Measured]:
    """Measure the growth of an SQLite file by null tasks."""
    path = folder / "qdash.db"
    with opened(folder, f"sqlite:///{path}") as qdash:
        orchestrator = session(qdash)
        for _ in range(3):
            orchestrator.run_task("Null", "0")
        begun = _count_pages(path)
        for number in range(_FILLED):
            orchestrator.run_task("Null", str(number % 16))
        pages = {"pages": _count_pages(path) - begun}
        yield Measured(
            f"pages of an SQLite file for {_FILLED} results of Null", "pages", pages, _PAGES_TOLERANCE
        )
        orchestrator.complete()


def measure_results(folder: Path) -> Iterator[Measured]:
    """Measure results of standard tasks on a twin: traces of one and two dimensions, points, sequences, a coupling."""
    from qdash_fake.chips import create_twin_chip
    from qdash_fake.devices import load_device
    from qdash_tasks.flows import BRING_UP

    with open_qdash(load_settings(home=folder)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), "twin", load_device("jakarta"), seed=0)
        orchestrator = session(qdash, "twin")
        for task in BRING_UP:
            orchestrator.run_task(task, "0")
            measured = _measure_task(qdash, folder, orchestrator, task, "1")
            if task in _KINDS:
                yield measured
        for task, target in (("CheckChevron", "0"), ("CheckCrossResonance", "0-1")):
            yield _measure_task(qdash, folder, orchestrator, task, target)
        orchestrator.complete()


def _measure_task(
    qdash: QDash, folder: Path, orchestrator: CalibOrchestrator, task: str, target: str, *, kind: str = ""
) -> Measured:
    """Run a task, and return the bytes that its result adds, by collection and for its files."""
    before = _count_bytes(qdash, folder)
    orchestrator.run_task(task, target)
    added = _count_bytes(qdash, folder)
    added.subtract(before)
    parts = {name: number for name, number in added.items() if number}
    return Measured(f"bytes of a result of {kind or task}", "bytes", parts, _TOLERANCE)


def _count_bytes(qdash: QDash, folder: Path) -> Counter[str]:
    """Count the bytes of all documents as JSON texts, and of all files of raw data."""
    counts: Counter[str] = Counter()
    with qdash.store.read() as snapshot:
        for name in COLLECTIONS:
            for document in snapshot.find(name, {}):
                counts[name] += len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    counts["raw data"] = sum(
        path.stat().st_size for path in (folder / "artifacts").rglob("*") if path.is_file()
    )
    return counts


def _count_pages(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        pages, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
        )
    return int(pages) - int(free)
