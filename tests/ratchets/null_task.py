"""Cost of recorded null tasks in steady state: calls of Python functions of ours, and requests to the store."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pymongo import monitoring

from benchmarks.null_laboratory import opened, session
from qdash_mongo.server import MongoServer

from .recorded_values import Measured, add_smallest
from .sources import SOURCES
from .sql_statements import count_statements, trace_connections
from .store_calls import count_store_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

    from qdash_core.runtime.application import QDash

    Counting = Callable[[QDash], AbstractContextManager[Counter[str]]]

_WARM_UPS, _BLOCKS, _TASKS, _QUBIT = 4, 5, 4, "0"
_CALLS_TOLERANCE = 0.01
"""A function that becomes two is no regression."""
_INLINED = {"<listcomp>", "<setcomp>", "<dictcomp>"}
"""Functions that later versions of Python no longer call."""


def measure_null_task(folder: Path) -> Iterator[Measured]:
    """Count for the stores in memory and on SQLite."""
    yield from _measure(folder / "memory", "memory://", "memory", "store calls", _count_store_calls)
    with trace_connections():
        url = f"sqlite:///{folder}/qdash.db"
        yield from _measure(folder / "sqlite", url, "SQLite", "statements", _count_statements)


def measure_null_task_on_mongodb(folder: Path) -> Iterator[Measured]:
    """Count for the store on MongoDB, with a server of its own."""
    monitoring.register(_CommandCounter())
    with MongoServer(folder / "mongod") as server:
        yield from _measure(folder / "home", server.url("null"), "MongoDB", "commands", _count_commands)


def _measure(folder: Path, url: str, store: str, unit: str, counting: Counting) -> Iterator[Measured]:
    """Record blocks of null tasks, and yield the counts of a block."""
    calls: list[list[Counter[str]]] = []
    requests: list[list[Counter[str]]] = []
    with opened(folder, url) as qdash:
        orchestrator = session(qdash)
        for _ in range(_WARM_UPS):
            orchestrator.run_task("Null", _QUBIT)
        for _ in range(_BLOCKS):
            calls.append([])
            requests.append([])
            for _ in range(_TASKS):
                with counting(qdash) as requested, _count_calls() as called:
                    orchestrator.run_task("Null", _QUBIT)
                calls[-1].append(called)
                requests[-1].append(requested)
        orchestrator.complete()
    recorded = f"{_TASKS} null tasks recorded in {store}"
    yield Measured(f"{unit} of {recorded}", unit, add_smallest(requests))
    yield Measured(f"Python calls of {recorded}", "calls", add_smallest(calls), _CALLS_TOLERANCE)


@contextmanager
def _count_calls() -> Iterator[Counter[str]]:
    """Count the calls of our functions in this thread, by package, coroutines and generators at each continuation."""
    packages: dict[str, str | None] = {}
    counts: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name not in _INLINED:
            file = frame.f_code.co_filename
            if file not in packages:
                packages[file] = _find_package(file)
            package = packages[file]
            if package is not None:
                counts[package] += 1

    sys.setprofile(profile)
    try:
        yield counts
    finally:
        sys.setprofile(None)


def _find_package(file: str) -> str | None:
    """Return the package of a source of ours, or None."""
    for root in SOURCES:
        if file.startswith(f"{root}/"):
            parts = Path(file).relative_to(root).with_suffix("").parts
            return ".".join(parts[:2])
    return None


@contextmanager
def _count_statements(_qdash: QDash) -> Iterator[Counter[str]]:
    with count_statements() as counts:
        yield counts


@contextmanager
def _count_store_calls(qdash: QDash) -> Iterator[Counter[str]]:
    with count_store_calls(qdash.store) as counts:
        yield counts


_COMMANDS: list[str] = []


class _CommandCounter(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        target = event.command[event.command_name]
        _COMMANDS.append(f"{event.command_name} {target}" if isinstance(target, str) else event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


@contextmanager
def _count_commands(_qdash: QDash) -> Iterator[Counter[str]]:
    counts: Counter[str] = Counter()
    _COMMANDS.clear()
    yield counts
    counts.update(_COMMANDS)
