"""Provenance of a store of an older version: made from its records, also after an interruption."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_mongo.database import REGISTER
from qdash_mongo.store import MongoStore

from ..access import ADMIN
from ..core.bench import CHIP, Bench
from ..features.provenance.test_service import NIGHT, measure_all, read_edges

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_an_older_store_gets_the_provenance_of_its_records(tmp_path: Path, new_mongo_url: str) -> None:
    bench = Bench.open(tmp_path, new_mongo_url, *NIGHT)
    frequency, *_ = measure_all(bench)
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "1", {"t1": Parameter(45.0, 1.0)}, reason="by hand")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "evening")
    bench.qdash.get(VALUES).reject(ADMIN, frequency.task_id, reason="wrong line")
    bench.qdash.get(VALUES).undo(ADMIN)
    wanted = read_edges(bench.qdash.store)
    assert len({one["relation"] for one in wanted}) == 4
    bench.qdash.close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database["provenance"].delete_many({"relation": "used"})  # what an interrupted migration has left
        database[REGISTER].update_one({}, {"$set": {"schema_version": 7}})
        MongoStore.upgrade(new_mongo_url)
        with closing(MongoStore.open(new_mongo_url)) as store:
            assert read_edges(store) == wanted
        assert database[REGISTER].find_one({})["schema_version"] == SCHEMA_VERSION  # type: ignore[index]
