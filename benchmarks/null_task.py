"""Cost of recording: a null task against the bare database transaction, in turn within one run."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from pymongo import MongoClient, WriteConcern

from benchmarks.bare_sqlite import DOCUMENT, open_bare, write_bare
from benchmarks.null_laboratory import milliseconds, null_run, opened
from benchmarks.table import Row, spread
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pymongo.client_session import ClientSession

    from qdash_core.runtime.application import QDash


def rows(folder: Path, *, rounds: int, stored: int) -> Iterator[Row]:
    """Measure, with an empty store and with `stored` results in it."""
    with (
        closing(open_bare(folder / "bare.db")) as connection,
        opened(folder, f"sqlite:///{folder}/qdash.db") as qdash,
    ):
        bare, null = _in_turn(lambda: write_bare(connection), null_run(qdash, rounds), rounds)
        yield Row("bare SQLite transaction of three statements", "ms", *spread(bare))
        yield Row(
            "null task recorded durably, empty store, against the bare transaction",
            "ms",
            *spread(null),
            against=bare,
        )
        _fill(qdash, stored)
        bare, null = _in_turn(lambda: write_bare(connection), null_run(qdash, rounds), rounds)
        yield Row(
            f"null task recorded durably, {stored} results stored, against the bare transaction",
            "ms",
            *spread(null),
            against=bare,
        )
    with opened(folder, "memory://") as qdash:
        _, null = _in_turn(lambda: None, null_run(qdash, rounds), rounds)
        yield Row("null task recorded in memory", "ms", *spread(null))


def mongo_rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """Measure on MongoDB: a replica set of one, with majority writes."""
    with (
        MongoServer(folder / "mongod-null") as server,
        MongoClient[dict[str, Any]](server.url("bare")) as client,
        opened(folder, server.url("null")) as qdash,
    ):
        for name in ("result", "qubit", "history"):
            client["bare"].create_collection(name)
        outcomes: list[float] = []
        with patch.object(TaskHistoryRecorder, "record_outcome", _timed(outcomes)):
            bare, null = _in_turn(lambda: _bare_mongo_transaction(client), null_run(qdash, rounds), rounds)
        yield Row("bare MongoDB transaction of three statements", "ms", *spread(bare))
        yield Row(
            "outcome of a task recorded on MongoDB, against the bare transaction",
            "ms",
            *spread(outcomes),
            against=bare,
        )
        yield Row(
            "null task on MongoDB, its start recorded too, against the bare transaction",
            "ms",
            *spread(null),
            against=bare,
        )


def _timed(taken: list[float]) -> Callable[..., None]:
    """Return a wrapper of the recording of outcomes that adds its times, in ms, to a list."""
    record = TaskHistoryRecorder.record_outcome

    def timed(recorder: TaskHistoryRecorder, *results: Any, **options: Any) -> None:
        taken.append(milliseconds(partial(record, recorder, *results, **options)))

    return timed


def _in_turn(
    one: Callable[[], object], others: Iterator[Callable[[], object]], rounds: int
) -> tuple[list[float], list[float]]:
    """Time the two alternately, so that a slow spell of the disk affects both."""
    ones, seconds = [], []
    for other in others:
        ones.append(milliseconds(one))
        seconds.append(milliseconds(other))
    assert len(ones) == rounds
    return ones, seconds


def _bare_mongo_transaction(client: MongoClient[dict[str, Any]]) -> None:
    def write(session: ClientSession) -> None:
        database = client["bare"]
        database["result"].insert_one({"document": DOCUMENT}, session=session)
        for name in ("qubit", "history"):
            database[name].replace_one({"_id": 1}, {"document": DOCUMENT}, upsert=True, session=session)

    with client.start_session() as session:
        session.with_transaction(write, write_concern=WriteConcern("majority"))


def _fill(qdash: QDash, number: int) -> None:
    """Add finished results of earlier nights."""
    template = qdash.get(EXECUTIONS).show(
        qdash.access("admin"), qdash.get(EXECUTIONS).newest(qdash.access("admin"))[0].execution_id
    )[1][0]
    for begun in range(0, number, 5000):
        copies = [
            template.model_copy(update={"task_id": f"old-{n}", "execution_id": f"20200101-{n // 1000:03d}"})
            for n in range(begun, min(begun + 5000, number))
        ]
        qdash.repositories.of(TaskResultHistoryRepository).add(*copies)
