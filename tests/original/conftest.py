"""Stores into which a database of the original system is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from qdash_core.access.enrolment import ensure_default_project

from ..core.conftest import store_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A home after `qdash init`."""
    store = store_class(urlsplit(store_url).scheme).open(store_url)
    ensure_default_project(store)
    yield store
    store.close()
