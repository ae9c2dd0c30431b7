"""MongoDB keeps the contract of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.testing.store import StoreContract
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from pathlib import Path


class TestMongoStore(StoreContract):
    store_class = MongoStore
    shared = True

    @pytest.fixture(autouse=True)
    def _on_the_server(self, mongo_url: str) -> None:
        self.mongo_url = mongo_url

    def url(self, tmp_path: Path) -> str:
        return self.mongo_url
