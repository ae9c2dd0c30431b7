"""Conformance tests of stores. A plugin author subclasses `StoreContract` in a test module.

class TestMyStore(StoreContract):
    store_class = MyStore

    def url(self, tmp_path):
        return f"my://{tmp_path}"
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import pytest

pytest.register_assert_rewrite(
    *(
        f"qdash_testing.store_{part}"
        for part in ("documents", "writing", "queries", "searching", "concurrency")
    )
)

from qdash_core.errors import StoreError  # noqa: E402
from qdash_core.repositories.collection import Collection  # noqa: E402
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION, Declaration  # noqa: E402
from qdash_core.repositories.store import Has, StoreUpgrade  # noqa: E402
from qdash_testing.contract import Contract  # noqa: E402
from qdash_testing.store_concurrency import StoreConcurrency  # noqa: E402
from qdash_testing.store_documents import StoreDocuments  # noqa: E402
from qdash_testing.store_queries import StoreQueries  # noqa: E402
from qdash_testing.store_searching import StoreSearching  # noqa: E402
from qdash_testing.store_writing import StoreWriting  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Store

_KEPT = Declaration(
    Collection(
        "kept_sample",
        ("project_id", "sample_id"),
        lists=("materials",),
        list_indexes=(("project_id", "materials"),),
    ),
    "absent",
)


class StoreContract(Contract, StoreDocuments, StoreWriting, StoreQueries, StoreSearching, StoreConcurrency):
    """Conformance tests of a store. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    store_class : type of Store
        The tested class.
    """

    store_class: ClassVar[type[Store]]

    @abstractmethod
    def url(self, tmp_path: Path) -> str:
        """Return the URL of a store that does not exist yet; opened twice in a process, it is the same store."""

    @pytest.fixture
    def store_url(self, tmp_path: Path) -> str:
        return self.url(tmp_path)

    @pytest.fixture
    def store(self, store_url: str) -> Iterator[Store]:
        store = self.store_class.open(store_url)
        yield store
        store.close()

    def test_written_documents_are_there_when_the_store_is_opened_again(self, store_url: str) -> None:
        store = self.store_class.open(store_url)
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
            transaction.append("event", {"project_id": "p"})
        store.close()
        store = self.store_class.open(store_url)
        with store.transaction() as transaction:
            assert transaction.get("user", ("ann",)) == {"username": "ann"}
            assert transaction.append("event", {"project_id": "p"}) == 2
        store.close()

    def test_collections_of_absent_features_are_kept_with_their_documents(self, store_url: str) -> None:
        store = self.store_class.open(store_url)
        with store.transaction() as transaction:
            transaction.keep_collections([_KEPT, Declaration(COLLECTIONS["user"], "absent")])
        with store.transaction() as transaction:
            transaction.insert("kept_sample", {"project_id": "p", "sample_id": "a", "materials": ["tin"]})
        store.close()
        store = self.store_class.open(store_url)
        with store.read() as snapshot:
            assert {*COLLECTIONS} <= snapshot.collections.keys()
            assert snapshot.collections["kept_sample"].key == _KEPT.collection.key
            assert [(one.collection.name, one.feature) for one in snapshot.collections.absent] == [
                ("kept_sample", "absent")
            ]
            assert snapshot.count("kept_sample", {"project_id": "p", "materials": Has("tin")}) == 1
            assert snapshot.get("kept_sample", ("p", "b")) is None
        store.close()

    def test_its_size_is_positive_or_unknown(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
        size = store.measure_size()
        assert size is None or size.bytes > 0

    def test_a_store_that_was_opened_exists(self, store_url: str) -> None:
        self.store_class.open(store_url).close()
        assert self.store_class.exists(store_url)

    def test_a_new_store_has_the_current_schema_and_needs_no_upgrade(self, store_url: str) -> None:
        self.store_class.open(store_url).close()
        assert self.store_class.read_schema_version(store_url) == SCHEMA_VERSION
        assert self.store_class.list_users(store_url) == []
        assert self.store_class.upgrade(store_url) == StoreUpgrade(SCHEMA_VERSION, SCHEMA_VERSION)

    def test_a_closed_store_says_so(self, store_url: str) -> None:
        store = self.store_class.open(store_url)
        store.close()
        store.close()
        for begin in (store.transaction, store.read):
            with pytest.raises(StoreError, match="closed"), begin():
                pass

    def test_a_url_of_another_kind_is_refused(self) -> None:
        with pytest.raises(StoreError, match="cannot open"):
            self.store_class.open("other://place")
