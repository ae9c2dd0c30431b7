"""Cost of recording: a null task against the bare database transaction, in turn within one run."""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from pymongo import MongoClient, WriteConcern

from benchmarks.bare_sqlite import DOCUMENT, open_bare, write_bare
from benchmarks.null_laboratory import milliseconds, null_run, opened
from benchmarks.servers import store_url
from benchmarks.table import Row
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pymongo.client_session import ClientSession

    from qdash_core.runtime.application import QDash


def rows(folder: Path, *, quick: bool, store: str = "SQLite") -> Iterator[Row]:
    """Measure with an empty store, and on SQLite also with many results in it and in memory."""
    rounds, stored = (50, 1_000) if quick else (500, 100_000)
    with store_url(store, folder) as url, opened(folder, url) as qdash, _bare(store, folder, url) as write:
        outcomes: list[float] = []
        with patch.object(TaskHistoryRecorder, "record_outcome", _timed(outcomes)):
            bare, null = _in_turn(write, null_run(qdash, rounds))
        yield Row.of(f"bare transaction of three statements: {store}", "ms", bare)
        over = "over the bare transaction"
        yield Row.of(f"null task recorded durably, empty store, {over}: {store}", "ms", null, against=bare)
        yield Row.of(f"its outcome alone, {over}: {store}", "ms", outcomes, against=bare)
        if store == "MongoDB":
            return
        _fill(qdash, stored)
        bare, null = _in_turn(write, null_run(qdash, rounds))
        yield Row.of(
            f"null task recorded durably, {stored:,} results stored, {over}: {store}",
            "ms",
            null,
            against=bare,
        )
    with opened(folder, "memory://") as qdash:
        yield Row.of("null task recorded in memory", "ms", _in_turn(lambda: None, null_run(qdash, rounds))[1])


@contextmanager
def _bare(store: str, folder: Path, url: str) -> Iterator[Callable[[], object]]:
    """Yield the bare transaction of a store."""
    if store == "SQLite":
        with closing(open_bare(folder / "bare.db")) as connection:
            yield partial(write_bare, connection)
        return
    with MongoClient[dict[str, Any]](url) as client:
        for name in ("result", "qubit", "history"):
            client["bare"].create_collection(name)
        yield partial(_write_bare_mongo, client)


def _write_bare_mongo(client: MongoClient[dict[str, Any]]) -> None:
    def write(session: ClientSession) -> None:
        database = client["bare"]
        database["result"].insert_one({"document": DOCUMENT}, session=session)
        for name in ("qubit", "history"):
            database[name].replace_one({"_id": 1}, {"document": DOCUMENT}, upsert=True, session=session)

    with client.start_session() as session:
        session.with_transaction(write, write_concern=WriteConcern("majority"))


def _timed(taken: list[float]) -> Callable[..., None]:
    """Return a wrapper of the recording of outcomes that adds its times, in ms, to a list."""
    record = TaskHistoryRecorder.record_outcome

    def timed(recorder: TaskHistoryRecorder, *results: Any, **options: Any) -> None:
        taken.append(milliseconds(partial(record, recorder, *results, **options)))

    return timed


def _in_turn(
    one: Callable[[], object], others: Iterator[Callable[[], object]]
) -> tuple[list[float], list[float]]:
    """Time the two alternately, so that a slow spell of the disk affects both."""
    pairs = [(milliseconds(one), milliseconds(other)) for other in others]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _fill(qdash: QDash, number: int) -> None:
    """Add finished results of earlier nights."""
    access = qdash.access("admin")
    newest = qdash.get(EXECUTIONS).newest(access)[0].execution_id
    template = qdash.get(EXECUTIONS).show(access, newest)[1][0]
    for begun in range(0, number, 5000):
        copies = [
            template.model_copy(update={"task_id": f"old-{n}", "execution_id": f"20200101-{n // 1000:03d}"})
            for n in range(begun, min(begun + 5000, number))
        ]
        qdash.repositories.of(TaskResultHistoryRepository).add(*copies)
