"""A store of every kind, without anything around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import load_plugins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store


@pytest.fixture
def store(any_store_url: str) -> Iterator[Store]:
    """Return an open store, of each kind in turn."""
    scheme = any_store_url.partition(":")[0]
    opened = load_plugins(blocked=()).store_class(scheme).open(any_store_url)
    yield opened
    opened.close()
