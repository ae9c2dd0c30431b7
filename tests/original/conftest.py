"""Stores into which a database of the original system is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.projects.projects import ProjectService
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.sqlite import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A home after `qdash init`."""
    kind = MemoryStore if store_url.startswith("memory") else SQLiteStore
    store = kind.open(store_url)
    ProjectService(store).ensure_defaults()
    yield store
    store.close()
