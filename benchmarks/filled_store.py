"""Store with years of history, built from one brought-up chip: copies of its results with earlier times."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pymongo import MongoClient

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import CalibService
from qdash_core.chips.topology import Site, Topology
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.models.targets import by_number, make_coupling_id
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.schema import COLLECTIONS
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_fake.devices.layouts import make_table
from qdash_mongo.document_encoding import encode_document as as_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Document
    from qdash_core.runtime.application import QDash
    from qdash_fake.devices import DeviceTable

PROJECT, CHIP, DEVICE = "default", "sherbrooke", "sherbrooke"
"""Project, chip and device of 127 qubits."""
LARGE_CHIP = "heron"
"""Chip of 156 qubits and 176 couplings."""
IN_A_RUN = 500
"""Number of results in each synthetic execution."""
_BATCH = 10_000
_STEP = timedelta(seconds=20)
_FAILED, _SKIPPED, _FLAGGED = 0.05, 0.05, 0.03
_MESSAGES = (
    "the signal does not change beyond the scatter of its shots: the readout does not tell 0 from 1",
    "no oscillation: the contrast is below 4 standard deviations of a point",
    "the fit does not converge: 3 of 21 points are NaN",
    "BackendError: the instrument does not answer within 30 s (module U10B, port 5)",
    "interrupted",
    "reduced chi squared of 41.2 is above 10: the data are not a decay",
)
_SKIP_MESSAGE = "qubit_frequency is missing: CheckQubitFrequency makes it"
RARE_WORD = "quench"
"""A word in one of ten thousand messages."""


def make_heavy_hex_table() -> DeviceTable:
    """Return the table of a chip as IBM's Heron: 8 rows of 16 qubits, with 4 bridges between two rows."""
    places = [
        (row, col)
        for row in range(15)
        for col in (range(16) if row % 2 == 0 else range(3 if row % 4 == 1 else 1, 16, 4))
    ]
    number_at = {place: str(number) for number, place in enumerate(places)}
    couplings = (
        make_coupling_id(number, number_at[neighbour])
        for (row, col), number in number_at.items()
        for neighbour in ((row, col + 1), (row + 1, col))
        if neighbour in number_at
    )
    sites = (Site(str(number), row, col, number // 4) for number, (row, col) in enumerate(places))
    return make_table(Topology(LARGE_CHIP, tuple(sites), tuple(sorted(couplings, key=by_number))))


def fill(qdash: QDash, *, stored: int, chip_id: str = CHIP, table: DeviceTable | None = None) -> None:
    """Bring up a chip, and add copies of its results until there are `stored`; do nothing if they exist."""
    access = qdash.access("admin")
    with qdash.store.read() as snapshot:
        found = snapshot.count("task_result_history", {"project_id": PROJECT})
    if found >= stored:
        return
    if not found:
        create_twin_chip(qdash, access, chip_id, table or load_device(DEVICE), seed=1)
        service = CalibService("admin", chip_id, qdash=qdash)
        service.run(AllMuxTargets(), [BringUp()])
        service.finish_calibration()
    (execution,) = qdash.get(EXECUTIONS).newest(access, chip_id=chip_id, limit=1)
    results = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
        PROJECT, execution.execution_id
    )
    number = stored - found
    url = qdash.settings.store_url
    _write(qdash, url, "task_result_history", _copies(results, number))
    first = min(one.start_at for one in results if one.start_at is not None)
    _write(
        qdash,
        url,
        "execution_history",
        (
            {
                **execution.to_document(),
                "execution_id": _execution_id(place),
                "start_at": first - (place + 1) * IN_A_RUN * _STEP,
                "end_at": first - place * IN_A_RUN * _STEP,
                "tasks": {"completed": 450, "failed": 25, "skipped": 25},
            }
            for place in range(-(-number // IN_A_RUN))
        ),
    )
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("ANALYZE")


def _copies(results: list[TaskResultModel], number: int) -> Iterator[Document]:
    """Yield results, each older than the one before; some of them end otherwise than the decode_document."""
    chance = random.Random(1)
    templates = [one.to_document() for one in results]
    moment = min(one.start_at for one in results if one.start_at is not None)
    for place, template in enumerate(islice(cycle(templates), number)):
        moment -= _STEP
        yield {
            **template,
            "task_id": str(UUID(int=chance.getrandbits(128), version=4)),
            "execution_id": _execution_id(place // IN_A_RUN),
            "start_at": moment,
            "end_at": moment + _STEP,
            **_ended(chance),
        }


def _ended(chance: random.Random) -> Document:
    drawn = chance.random()
    if drawn < _FAILED:
        rare = f" after a {RARE_WORD}" if chance.random() < 1e-3 else ""
        message = chance.choice(_MESSAGES) + rare
        return {"status": "failed", "message": message, "verdict": None, "output_parameters": {}}
    if drawn < _FAILED + _SKIPPED:
        skipped = {"status": "skipped", "message": _SKIP_MESSAGE, "verdict": None}
        return {**skipped, "output_parameters": {}, "raw_data_path": []}
    return {"verdict": "flagged"} if drawn < _FAILED + _SKIPPED + _FLAGGED else {}


def _execution_id(place: int) -> str:
    return f"{20200101 + place // 1000}-{place % 1000:03d}"


def _write(qdash: QDash, url: str, name: str, documents: Iterable[Document]) -> None:
    iterator = iter(documents)
    if url.startswith("mongodb:"):
        with MongoClient[Any](url) as client:
            # Without the store: in its format, but thousands at once.
            collection = client.get_default_database()[name]
            while batch := list(islice(iterator, _BATCH)):
                collection.insert_many(
                    [as_stored(COLLECTIONS[name], one).body for one in batch], ordered=False
                )
        return
    while batch := list(islice(iterator, _BATCH)):
        with qdash.store.transaction() as transaction:
            for document in batch:
                transaction.insert(name, document)
