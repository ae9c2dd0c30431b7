"""What recording costs: a task that does nothing, against the bare database transaction, in turn within one run."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from benchmarks.table import Row, spread
from qdash_core import (
    BaseBackend,
    BaseTask,
    CalibConfig,
    CalibOrchestrator,
    OutputParameter,
    Parameter,
    TaskOutput,
    hookimpl,
    load_plugins,
    open_qdash,
)
from qdash_core.chips.topology import topology
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_core.application import QDash

_DOCUMENT = "x" * 1200
"""About the size of a result."""


class _NullBackend(BaseBackend):
    name = "null"

    def connect(self) -> None:
        pass

    def get_instance(self) -> None:
        return None


class _NullTask(BaseTask):
    name = "Null"
    backend = "null"
    output_parameters = {"nothing": OutputParameter(unit="us")}  # noqa: RUF012

    def run(self, backend: BaseBackend) -> None:
        return None

    def postprocess(self, backend: BaseBackend | None, result: object) -> TaskOutput:
        return TaskOutput({"nothing": Parameter(1.0, 0.1, "us")})


class _Plugin:
    @hookimpl
    def qdash_backends(self) -> list[type[BaseBackend]]:
        return [_NullBackend]

    @hookimpl
    def qdash_tasks(self) -> list[type[BaseTask]]:
        return [_NullTask]


def rows(folder: Path, *, rounds: int, stored: int) -> Iterator[Row]:
    """Measure, with an empty store and with `stored` results in it."""
    with (
        closing(_bare_connection(folder / "bare.db")) as connection,
        _opened(folder, f"sqlite:///{folder}/qdash.db") as qdash,
    ):
        bare, null = _in_turn(lambda: _bare_transaction(connection), _null_run(qdash, rounds), rounds)
        yield Row("bare SQLite transaction of three statements", "ms", *spread(bare))
        yield Row(
            "null task recorded durably, empty store, against the bare transaction",
            "ms",
            *spread(null),
            against=bare,
        )
        _fill(qdash, stored)
        bare, null = _in_turn(lambda: _bare_transaction(connection), _null_run(qdash, rounds), rounds)
        yield Row(
            f"null task recorded durably, {stored} results stored, against the bare transaction",
            "ms",
            *spread(null),
            against=bare,
        )
    with _opened(folder, "memory://") as qdash:
        _, null = _in_turn(lambda: None, _null_run(qdash, rounds), rounds)
        yield Row("null task recorded in memory", "ms", *spread(null))


def _opened(folder: Path, store_url: str) -> QDash:
    settings = load_settings(home=folder, store_url=store_url, artifacts_url=(folder / "artifacts").as_uri())
    qdash = open_qdash(settings, load_plugins(extra={"null": _Plugin()}))
    qdash.chips.create("default", "chip", topology("linear-16"), username="admin", backend="null")
    return qdash


def _null_run(qdash: QDash, rounds: int) -> Iterator[Callable[[], object]]:
    """Yield, within one session, the task to time next."""
    orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id="chip"), qdash)
    orchestrator.initialize()
    for number in range(rounds):
        qid = str(number % 16)
        yield lambda qid=qid: orchestrator.run_task("Null", qid)
    orchestrator.complete()


def _in_turn(
    one: Callable[[], object], others: Iterator[Callable[[], object]], rounds: int
) -> tuple[list[float], list[float]]:
    """Time the two alternately, so that a disk in a bad spell slows both."""
    ones, seconds = [], []
    for other in others:
        ones.append(_milliseconds(one))
        seconds.append(_milliseconds(other))
    assert len(ones) == rounds
    return ones, seconds


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e3


def _bare_connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for table in ("result", "qubit", "history"):
        connection.execute(f"CREATE TABLE {table} (key INTEGER PRIMARY KEY, document TEXT)")
    return connection


def _bare_transaction(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO result (document) VALUES (?)", (_DOCUMENT,))
    connection.execute("INSERT OR REPLACE INTO qubit VALUES (1, ?)", (_DOCUMENT,))
    connection.execute("INSERT OR REPLACE INTO history VALUES (1, ?)", (_DOCUMENT,))
    connection.execute("COMMIT")


def _fill(qdash: QDash, number: int) -> None:
    """Add finished results, as other nights would have left them."""
    template = qdash.executions.show("default", qdash.executions.newest("default")[0].execution_id)[1][0]
    for begun in range(0, number, 5000):
        copies = [
            template.model_copy(update={"task_id": f"old-{n}", "execution_id": f"20200101-{n // 1000:03d}"})
            for n in range(begun, min(begun + 5000, number))
        ]
        qdash.repositories.results.add(*copies)
