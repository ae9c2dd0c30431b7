"""Contract of all stores, with the same results for any sequence of operations."""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from qdash_core.errors import ConflictError, QDashError
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import Has, OneOf, Range, Transaction, Words
from qdash_sqlite.store import SQLiteStore
from qdash_testing.store import StoreContract
from qdash_testing.store_samples import nest_fields

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Store


class TestMemoryStore(StoreContract):
    store_class = MemoryStore

    def url(self, tmp_path: Path) -> str:
        return f"memory://{tmp_path}"

    def test_a_store_without_a_name_is_private(self) -> None:
        first, second = MemoryStore.open("memory://"), MemoryStore.open("memory://")
        with first.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
        with second.read() as snapshot:
            assert snapshot.count("user", {}) == 0


def test_a_contract_test_that_is_overridden_is_found() -> None:
    class Loose(TestMemoryStore):
        def test_documents_are_copies(self, store: Store) -> None:
            """This test of the contract is disabled here."""

    with pytest.raises(AssertionError, match="test_documents_are_copies replaces a test of the contract"):
        Loose().test_no_test_of_the_contract_is_replaced()


class TestSQLiteStore(StoreContract):
    store_class = SQLiteStore

    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/new folder 100%25/qdash.db"


NAMES = ("task", "user", "task_result_history", "qubit_history", "cooldown", "note_event")
VALUES = st.sampled_from([None, "", "a", "B", "é", "10", 9, 10, 2.5, -1])
SOME = st.sampled_from(["a", "b", None])
NUMBERS = st.integers(1, 4)
CONTENTS = st.sampled_from([None, "", "a b", "A", "周波数 b", "波"])


@st.composite
def draw_document(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    collection = COLLECTIONS[draw(st.sampled_from(NAMES))]
    document: dict[str, Any] = {field: draw(list_key_values(collection)) for field in collection.key}
    document |= {
        field: draw(VALUES) for field in collection.fields if field not in document and draw(st.booleans())
    }
    for field in collection.lists:
        document[field] = draw(st.lists(st.sampled_from("ab"), max_size=2))
    if collection.text:
        document[collection.text] = draw(CONTENTS)
    return collection.name, nest_fields(document) | {"extra": draw(VALUES)}


def list_key_values(collection: Collection) -> st.SearchStrategy[object]:
    return NUMBERS if collection.numbered else SOME


CONDITIONS = st.one_of(
    VALUES,
    st.builds(Range, above=VALUES, most=VALUES),
    st.builds(Range, least=VALUES, below=VALUES),
    st.builds(OneOf, st.lists(VALUES, max_size=4).map(tuple)),
)


@st.composite
def draw_query(draw: st.DrawFn) -> dict[str, Any]:
    collection = COLLECTIONS[draw(st.sampled_from(NAMES))]
    fields = st.sampled_from(collection.fields)
    order = draw(st.lists(st.tuples(st.sampled_from(["", "-"]), fields).map("".join), max_size=3))
    asked: dict[str, Any] = {"collection": collection.name, "order": order}
    asked["where"] = draw(st.dictionaries(fields, st.one_of(SOME, CONDITIONS), max_size=2))
    for field in collection.lists:
        asked["where"] |= draw(st.sampled_from([{}, {field: Has("a")}]))
    if collection.text:
        asked["where"] |= draw(
            st.sampled_from([{}, {collection.text: Words("a")}, {collection.text: Words("周波")}])
        )
    asked["limit"] = draw(st.sampled_from([None, 0, 1, 3]))
    behind = [draw(st.one_of(SOME, VALUES)) for _ in (*order, *collection.key)]
    asked["after"] = behind if draw(st.booleans()) else None
    return asked


class UndoneError(Exception):
    """Raised to undo a transaction."""


class BothStores(RuleBasedStateMachine):
    """Comparison of the memory store, which is small enough to verify by reading, with the SQLite store."""

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        folder = self.resources.enter_context(TemporaryDirectory())
        self.stores = (MemoryStore.open("memory://"), SQLiteStore.open(f"sqlite:///{folder}/qdash.db"))
        for store in self.stores:
            self.resources.callback(store.close)
        with self.stores[1]._connections.lend() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # durability is tested elsewhere

    def teardown(self) -> None:
        self.resources.close()

    def compare_stores(
        self, steps: list[tuple[str, tuple[Any, ...], dict[str, Any]]], *, undone: bool
    ) -> None:
        ours, theirs = (self.run(store.transaction(), steps, undone=undone) for store in self.stores)
        assert ours == theirs

    def run(
        self, block: Any, steps: list[tuple[str, tuple[Any, ...], dict[str, Any]]], *, undone: bool
    ) -> list[object]:
        answers: list[object] = []
        try:
            with block as transaction:
                for name, positional, keywords in steps:
                    answers.append(perform(transaction, name, positional, keywords))
                if undone:
                    raise UndoneError  # noqa: TRY301  the transaction must see it pass
        except UndoneError:
            answers.append("undone")
        return answers

    @rule(
        writes=st.lists(
            st.tuples(st.sampled_from(["insert", "put", "compare_and_set"]), draw_document()), max_size=6
        ),
        undone=st.booleans(),
    )
    def write(self, writes: list[tuple[str, tuple[str, dict[str, Any]]]], undone: bool) -> None:
        steps: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        for name, (collection, document) in writes:
            expected = ({"extra": document["extra"]},) if name == "compare_and_set" else ()
            steps.append((name, (collection, *expected, document), {}))
        self.compare_stores(steps, undone=undone)

    @rule(question=draw_query())
    def find(self, question: dict[str, Any]) -> None:
        counted = (question["collection"], question["where"])
        self.compare_stores([("find", (), question), ("count", counted, {})], undone=False)

    @rule(question=draw_query(), undone=st.booleans())
    def delete(self, question: dict[str, Any], undone: bool) -> None:
        self.compare_stores([("delete", (question["collection"], question["where"]), {})], undone=undone)

    @rule(
        appended=st.lists(st.sampled_from(["p", "q"]), max_size=3),
        deleted=st.sampled_from([0, 1, 3]),
        undone=st.booleans(),
    )
    def append(self, appended: list[str], deleted: int, undone: bool) -> None:
        steps: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        steps += [("append", ("event", {"project_id": project}), {}) for project in appended]
        steps.append(("delete", ("event", {"seq": OneOf((deleted,))}), {}))
        steps.append(("find", ("event", {"project_id": "p"}), {"order": ("-seq",)}))
        self.compare_stores(steps, undone=undone)


def perform(
    transaction: Transaction, name: str, positional: tuple[Any, ...], keywords: dict[str, Any]
) -> object:
    try:
        return getattr(transaction, name)(*positional, **keywords)
    except ConflictError:
        return ConflictError  # a store may name any of several combinations
    except QDashError as error:
        return type(error), str(error)


TestBothStoresAgree = BothStores.TestCase
TestBothStoresAgree.settings = settings(
    max_examples=settings().max_examples // 4, stateful_step_count=20,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes: add Phase.shrink to see why it fails
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
