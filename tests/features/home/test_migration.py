"""Migration: it copies everything once, and refuses targets that it could damage."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.home.migration.transfer import Migration
from qdash_builtin.home.repositories import iteration
from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.errors import ConflictError, InvalidInputError, LockedError, StoreError
from qdash_core.models.execution import ExecutionLockModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.schema import COLLECTIONS
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_builtin.home.migration.transfer import CollectionMigration
    from qdash_core.repositories.store import Document, Store

Held = dict[str, list["Document"]]


def read_contents(store: Store) -> Held:
    return {
        name: [entry.document for entry in iterate_entries(store, collection)]
        for name, collection in COLLECTIONS.items()
    }


def fill(store: Store, documents: dict[str, list[dict[str, Any]]]) -> None:
    with store.transaction() as transaction:
        for name, several in documents.items():
            for document in several:
                transaction.insert(name, document)


def make_documents(many: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return documents for every collection; with `many`, more results than a batch holds."""
    documents: dict[str, list[dict[str, Any]]] = {}
    for name, collection in COLLECTIONS.items():
        documents[name] = [
            dict.fromkeys(collection.key, f"{name}-{number}") | {"data": {"é": [1, 1.0, None, True]}}
            for number in range(many if name == "task_result_history" else 3)
        ]
        if collection.numbered:
            documents[name] = [{"seq": number, "content": "a note"} for number in (2, 5, 9)]
    documents["execution_lock"] = documents["presence"] = []
    return documents


def migrate(source: Store, target: Store, **given: Any) -> dict[str, CollectionMigration]:
    return Migration(source, target, **given).run()


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    with ExitStack() as opened:

        def make(kind: str, name: str) -> Store:
            store: Store = (
                MemoryStore.open(f"memory://{tmp_path}/{name}")
                if kind == "memory"
                else SQLiteStore.open(f"sqlite:///{tmp_path}/{name}.db")
            )
            opened.callback(store.close)
            return store

        yield make


@pytest.fixture(
    params=["memory to sqlite", "sqlite to memory", pytest.param("sqlite to sqlite", marks=pytest.mark.slow)]
)
def pair(request: pytest.FixtureRequest, make_store: Callable[..., Store]) -> tuple[Store, Store]:
    source, _, target = request.param.split()
    return make_store(source, "source"), make_store(target, "target")


def test_everything_arrives(pair: tuple[Store, Store]) -> None:
    source, target = pair
    fill(source, make_documents())

    moved = migrate(source, target)

    assert read_contents(target) == read_contents(source)
    assert moved.keys() == COLLECTIONS.keys()
    assert all(
        one.verified and one.copied == 3
        for name, one in moved.items()
        if name not in {"execution_lock", "presence"}
    )


def test_checksums_are_those_of_the_contents_whatever_the_store(make_store: Callable[..., Store]) -> None:
    first, second, third = make_store("sqlite", "a"), make_store("memory", "b"), make_store("sqlite", "c")
    fill(first, make_documents())

    there, back = migrate(first, second), migrate(second, third)

    assert [one.checksum for one in there.values()] == [one.checksum for one in back.values()]
    assert there["user"].checksum != there["chip"].checksum
    assert read_contents(third) == read_contents(first)


def test_a_second_migration_copies_nothing(pair: tuple[Store, Store]) -> None:
    source, target = pair
    fill(source, make_documents())
    first = migrate(source, target)

    second = migrate(source, target)

    assert [one.copied for one in second.values()] == [0] * len(COLLECTIONS)
    assert [one.already_there for one in second.values()] == [one.copied for one in first.values()]
    assert [one.checksum for one in second.values()] == [one.checksum for one in first.values()]


def test_the_target_numbers_on_also_after_deleted_documents(pair: tuple[Store, Store]) -> None:
    source, target = pair
    fill(source, {"event": [{"seq": 7}, {"seq": 41}], "note_event": [{"seq": 3}]})
    with source.transaction() as transaction:
        transaction.delete("event", {"seq": 41})

    migrate(source, target)

    for store in (source, target):
        with store.transaction() as transaction:
            assert transaction.append("event", {}) == 42
            assert transaction.append("note_event", {}) == 4


@pytest.mark.parametrize(
    "moment", [pytest.param(0.2, marks=pytest.mark.slow), 0.5, pytest.param(0.7, marks=pytest.mark.slow)]
)
def test_an_interrupted_migration_goes_on(
    pair: tuple[Store, Store], moment: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdash_builtin.home.migration.transfer.BATCH_DOCUMENTS", 20)
    source, target = pair
    many = 300
    fill(source, make_documents(many))

    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("copying") and done > moment * total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(source, target, progress=stop)
    with target.read() as snapshot:
        arrived = snapshot.count("task_result_history", {})
    assert arrived < many

    moved = migrate(source, target)

    assert read_contents(target) == read_contents(source)
    assert moved["task_result_history"].already_there == arrived
    assert moved["task_result_history"].copied == many - arrived


def test_progress_ends_where_it_said_it_would(pair: tuple[Store, Store]) -> None:
    source, target = pair
    fill(source, make_documents())
    said: list[tuple[int, int]] = []

    migrate(source, target, progress=lambda _stage, done, total: said.append((done, total)))

    assert [done for done, _ in said] == list(range(1, len(said) + 1))
    assert {total for _, total in said} == {len(said)}


def test_memory_is_bounded_by_pages(
    make_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store("sqlite", "large")
    fill(store, {"calibration_note": [note(number, length=5_000) for number in range(200)]})
    monkeypatch.setattr(iteration, "PAGE_CHARACTERS", 20_000)
    sizes: list[int] = []
    find = type(store.read().__enter__()).find

    def measured(snapshot: Any, *args: Any, **given: Any) -> list[Document]:
        page = find(snapshot, *args, **given)
        sizes.append(len(page))
        return page

    monkeypatch.setattr("qdash_sqlite.store._SQLiteSnapshot.find", measured)

    assert len(list(iterate_entries(store, COLLECTIONS["calibration_note"]))) == 200
    assert max(sizes[1:]) <= 4  # the first page is read before the size of documents is known


def note(number: int, *, length: int) -> dict[str, Any]:
    key = dict.fromkeys(COLLECTIONS["calibration_note"].key, f"{number:04}")
    return key | {"note": {"text": "n" * length}}


class TestRefused:
    def test_an_empty_source(self, pair: tuple[Store, Store]) -> None:
        with pytest.raises(InvalidInputError, match="the source holds nothing"):
            migrate(*pair)

    @pytest.mark.parametrize(
        "theirs",
        [
            {"chip": [{"project_id": "p", "chip_id": "other"}]},
            {"chip": [{"project_id": "p", "chip_id": "c", "size": 5}]},
        ],
        ids=["another document", "the same document otherwise"],
    )
    def test_a_target_that_holds_something_else(
        self, pair: tuple[Store, Store], theirs: dict[str, list[dict[str, Any]]]
    ) -> None:
        source, target = pair
        fill(
            source,
            {
                "chip": [{"project_id": "p", "chip_id": "c", "size": 4}],
                "tag": [{"project_id": "p", "name": "t"}],
            },
        )
        fill(target, theirs)
        before = read_contents(target)

        with pytest.raises(
            InvalidInputError, match=r"chip with project_id 'p', chip_id .* name an empty store"
        ):
            migrate(source, target)

        assert read_contents(target) == before

    def test_a_target_whose_user_has_a_password(self, pair: tuple[Store, Store]) -> None:
        source, target = pair
        for store in pair:
            ensure_default_project(store)
        with target.transaction() as transaction:
            admin = transaction.get("user", ("admin",))
            assert admin is not None
            transaction.put("user", {**admin, "hashed_password": "$2b$12$x"})

        with pytest.raises(InvalidInputError, match="user with username 'admin'"):
            migrate(source, target)

    def test_a_source_that_is_in_use(self, pair: tuple[Store, Store]) -> None:
        source, target = pair
        now = utc_now()
        lock = ExecutionLockModel(
            instrument="i", project_id="p", chip_id="c", owner="o", host=f"not-{socket.gethostname()}", pid=1, process_start=0.0,
            execution_id="20260101-003", acquired_at=now, expires_at=now + timedelta(seconds=30),
        )  # fmt: skip
        fill(source, {"execution_lock": [lock.to_document()]})

        with pytest.raises(LockedError, match="the source is in use by process"):
            migrate(source, target)

        assert not any(read_contents(target).values())


def test_the_defaults_of_a_fresh_home_make_room(pair: tuple[Store, Store]) -> None:
    source, target = pair
    for store in pair:
        ensure_default_project(store)
    assert read_contents(source)["user"] != read_contents(target)["user"]  # each has an id of its own

    migrate(source, target)

    assert read_contents(target) == read_contents(source)


def test_a_fresh_home_that_is_its_own_target_keeps_its_user(make_store: Callable[..., Store]) -> None:
    """Two URLs of one store are refused if they are recognised; otherwise nothing is lost."""
    home = make_store("sqlite", "home")
    ensure_default_project(home)
    before = read_contents(home)

    migrate(home, make_store("sqlite", "home"))

    assert read_contents(home) == before


def test_a_source_that_changes_meanwhile_is_noticed(pair: tuple[Store, Store]) -> None:
    source, target = pair
    fill(source, make_documents())

    def change(stage: str, done: int, total: int) -> None:
        if stage == "verifying project" and done == total // 2 + 1:
            fill(source, {"tag": [{"project_id": "late", "name": "late"}]})

    moved = migrate(source, target, progress=change)

    assert [name for name, one in moved.items() if not one.verified] == ["tag"]


def test_a_target_that_changes_meanwhile_is_noticed(make_store: Callable[..., Store]) -> None:
    source, target = make_store("sqlite", "source"), make_store("sqlite", "target")
    fill(source, make_documents())

    stages: list[str] = []

    def interfere(stage: str, done: int, total: int) -> None:
        stages.append(stage)
        if stages[-2:] == ["copying chip", "copying chip"]:  # the contents of the target have been read
            with target.transaction() as transaction:
                transaction.put("chip", {"project_id": "chip-2", "chip_id": "chip-2"})

    with pytest.raises(ConflictError, match="somebody else writes to the target"):
        migrate(source, target, progress=interfere)


def test_a_store_that_fails_leaves_what_was_copied(make_store: Callable[..., Store]) -> None:
    source, target = make_store("sqlite", "source"), make_store("sqlite", "target")
    fill(source, make_documents())

    def fail(stage: str, done: int, total: int) -> None:
        if stage == "copying event":
            target.close()

    with pytest.raises(StoreError, match="closed"):
        migrate(source, target, progress=fail)

    target = make_store("sqlite", "target")
    assert migrate(source, target)["chip"].already_there == 3
    assert read_contents(target) == read_contents(source)


KEYS = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=3))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


@st.composite
def draw_documents(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    documents: dict[str, list[dict[str, Any]]] = {}
    for name in ("latest_result", "execution_counter", "event"):
        collection = COLLECTIONS[name]
        key = st.integers(1, 50) if collection.numbered else KEYS
        keys = st.lists(st.tuples(*(key for _ in collection.key)), unique=True, max_size=6)
        documents[name] = [
            {"data": draw(VALUES)} | dict(zip(collection.key, values, strict=True)) for values in draw(keys)
        ]
    return documents


@pytest.mark.slow
@given(draw_documents())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip
def test_any_documents_survive_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, documents: dict[str, list[dict[str, Any]]]
) -> None:
    first, back = MemoryStore.open("memory://"), MemoryStore.open("memory://")
    fill(first, documents)
    if not any(documents.values()):
        return

    with closing(SQLiteStore.open(f"sqlite:///{tmp_path_factory.mktemp('middle')}/qdash.db")) as middle:
        migrate(first, middle)
        migrate(middle, back)

    assert repr(read_contents(back)) == repr(
        read_contents(first)
    )  # 1, 1.0 and True are equal, and not the same
