"""Stores on the shared server, and private servers that a test may stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_mongo.server import MongoServer
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_itemcollected(item: pytest.Item) -> None:
    """Run a long test of the contract, which cannot be replaced here, with the slow tests; SQLite has it among the quick ones."""
    if item.name == "test_processes_that_count_lose_nothing_and_repeat_nothing":
        item.add_marker(pytest.mark.slow)


@pytest.fixture
def store(mongo_url: str) -> Iterator[MongoStore]:
    """A store on the shared server."""
    store = MongoStore.open(mongo_url)
    yield store
    store.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MongoServer]:
    """A private server of the test."""
    server = MongoServer(tmp_path / "mongo")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_store(server: MongoServer) -> Iterator[MongoStore]:
    """A store on the private server."""
    store = MongoStore.open(server.url("own"))
    yield store
    store.close()
