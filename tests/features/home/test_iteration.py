"""Iteration over collections: its memory does not grow with the number of documents."""

from __future__ import annotations

import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.repositories.schema import COLLECTIONS
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Document

RESULTS = COLLECTIONS["task_result_history"]
DOCUMENTS, LIMIT_BYTES = 4_000, 10_000_000
"""The documents take twice as much."""


def make_document(number: int) -> Document:
    data = [{"value": at / 7, "unit": "us"} for at in range(20)]
    return dict.fromkeys(RESULTS.key, f"{number:06}") | {"data": data}


def test_few_documents_are_in_memory_at_a_time(tmp_path: Path) -> None:
    with closing(SQLiteStore.open(f"sqlite:///{tmp_path}/results.db")) as store:
        with store.transaction() as transaction:
            for number in range(DOCUMENTS):
                transaction.insert(RESULTS.name, make_document(number))
        tracemalloc.start()
        try:
            found = sum(1 for _ in iterate_entries(store, RESULTS))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert found == DOCUMENTS
    assert most < LIMIT_BYTES
