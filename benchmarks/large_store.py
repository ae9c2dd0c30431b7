"""Store with years of history: latency of the newest results, and of the first page of a history."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from benchmarks.null_laboratory import milliseconds
from benchmarks.table import Row, spread
from qdash_core import load_plugins, open_qdash
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import LatestResultRepository
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.settings import load_settings
from qdash_mongo.document_encoding import encode_document as as_stored
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Document
    from qdash_core.runtime.application import QDash

QUBITS = 127
TASKS = 15
"""Number of tasks of a bring-up."""
_PAGE = 50
_BATCH = 10_000
_PROJECT, _CHIP = "default", "sherbrooke"
_HISTORY, _LATEST = "task_result_history", "latest_result"


def rows(folder: Path, *, stored: int, rounds: int) -> Iterator[Row]:
    """Fill a store of each kind with `stored` results of one chip, and time queries on it."""
    with MongoServer(folder / "mongod-large") as server:
        for store, url in (("SQLite", f"sqlite:///{folder}/large.db"), ("MongoDB", server.url("large"))):
            settings = load_settings(home=folder, store_url=url, artifacts_url=(folder / "large").as_uri())
            with open_qdash(settings, load_plugins()) as qdash:
                fill(qdash, url, stored)
                yield from _looked_at(qdash, store, stored, rounds)


def fill(qdash: QDash, url: str, stored: int) -> None:
    """Add finished results of one chip, and the newest of each task on each qubit, in a few large
    transactions.
    """
    history, latest = _results(stored), _newest(stored)
    if url.startswith("mongodb:"):
        _insert_many(url, {_HISTORY: history, _LATEST: latest})
        return
    for name, documents in ((_HISTORY, history), (_LATEST, latest)):
        for batch in _batches(documents):
            with qdash.store.transaction() as transaction:
                for document in batch:
                    transaction.insert(name, document)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("ANALYZE")


def _looked_at(qdash: QDash, store: str, stored: int, rounds: int) -> Iterator[Row]:
    where = {"project_id": _PROJECT, "chip_id": _CHIP}

    def newest() -> None:
        with qdash.store.read() as snapshot:
            assert len(snapshot.find(_LATEST, where)) == QUBITS * TASKS

    def newest_models() -> None:
        assert (
            len(qdash.repositories.of(LatestResultRepository).list_by_chip(_PROJECT, _CHIP)) == QUBITS * TASKS
        )

    def page() -> None:
        with qdash.store.read() as snapshot:
            assert len(snapshot.find(_HISTORY, where, order=("-start_at",), limit=_PAGE)) == _PAGE

    of = f"{QUBITS} qubits, {stored:,} results, {store}"
    for what, work in (
        (f"newest result of each of {TASKS} tasks on each qubit, documents: {of}", newest),
        (f"the same, as models: {store}", newest_models),
        (f"first page of {_PAGE} of the chip's history: {of}", page),
    ):
        yield Row(what, "ms", *spread([milliseconds(work) for _ in range(rounds)]))


def _results(stored: int) -> Iterator[Document]:
    """Yield results with ever earlier times, by qubit and then by task."""
    now = utc_now()
    value = ParameterModel(value=1.0, error=0.1, unit="us", calibrated_at=now)
    template = TaskResultModel(
        project_id=_PROJECT,
        username="admin",
        chip_id=_CHIP,
        execution_id="",
        task_id="",
        name="",
        backend="fake",
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        output_parameters={"t1": value},
    ).to_document()
    for number in range(stored):
        qid, name = _node(number)
        at = now - timedelta(seconds=number)
        yield {
            **template,
            "task_id": f"result-{number}",
            "execution_id": f"20200101-{number // (QUBITS * TASKS):03d}",
            "qid": qid,
            "name": name,
            "start_at": at,
            "end_at": at,
        }


def _newest(stored: int) -> Iterator[Document]:
    for number in range(min(QUBITS * TASKS, stored)):
        qid, name = _node(number)
        yield LatestResultModel(
            project_id=_PROJECT,
            chip_id=_CHIP,
            name=name,
            qid=qid,
            task_id=f"result-{number}",
            execution_id="20200101-000",
            status=TaskStatus.COMPLETED,
            verdict=Verdict.ACCEPTED,
            end_at=utc_now(),
        ).to_document()


def _node(number: int) -> tuple[str, str]:
    return str(number % QUBITS), f"Task{number // QUBITS % TASKS}"


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _insert_many(url: str, collections: dict[str, Iterable[Document]]) -> None:
    """Write documents without the store: in its format, but thousands at once."""
    with MongoClient[Any](url) as client:
        for name, documents in collections.items():
            collection = client.get_default_database()[name]
            for batch in _batches(documents):
                bodies = [as_stored(COLLECTIONS[name], document).body for document in batch]
                collection.insert_many(bodies, ordered=False)
