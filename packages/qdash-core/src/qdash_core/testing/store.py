"""What every store must do, as tests. A plugin author subclasses `StoreContract` in a test module.

class TestMyStore(StoreContract):
    store_class = MyStore
    shared = True

    def url(self, tmp_path):
        return f"my://{tmp_path}"
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from qdash_core.errors import ConflictError, StoreError
from qdash_core.repositories.store import OneOf, Range
from qdash_core.testing.store_concurrency import StoreConcurrency
from qdash_core.testing.store_processes import COUNTER, first_counter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.repositories.store import Document, Store


class _Colour(StrEnum):
    RED = "red"


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def result(task_id: str, **fields: Any) -> Document:
    """Return a document like a task result."""
    return {"project_id": "p", "task_id": task_id, "chip_id": "c", "start_at": None, **fields}


class StoreContract(StoreConcurrency):
    """The specification of a store. Tests are not to be overridden, except by a strict xfail that says why.

    Attributes
    ----------
    store_class : type of Store
        What is tested.
    shared : bool
        Whether several processes can have the same URL open.
    """

    store_class: ClassVar[type[Store]]
    shared: ClassVar[bool] = False

    @abstractmethod
    def url(self, tmp_path: Path) -> str:
        """Return the URL of a store that does not exist yet; opened twice in a process it is one store."""

    @pytest.fixture
    def store_url(self, tmp_path: Path) -> str:
        return self.url(tmp_path)

    @pytest.fixture
    def store(self, store_url: str) -> Iterator[Store]:
        store = self.store_class.open(store_url)
        yield store
        store.close()

    # Documents

    def test_what_was_put_is_found_by_its_key(self, store: Store) -> None:
        document = result("t", data={"a": [1, 2.5, None, True, "μ\0"]}, n=2**70)
        with store.transaction() as transaction:
            transaction.put("task_result_history", document)
            assert transaction.get("task_result_history", ("p", "t")) == document
        with store.read() as snapshot:
            assert snapshot.get("task_result_history", ("p", "t")) == document
            assert snapshot.get("task_result_history", ("p", "u")) is None

    def test_put_replaces_the_whole_document(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("task_result_history", result("t", old=1, chip_id="c"))
            transaction.put("task_result_history", result("t", new=2, chip_id="d"))
            assert transaction.get("task_result_history", ("p", "t")) == result("t", new=2, chip_id="d")
            assert transaction.count("task_result_history", {"project_id": "p", "chip_id": "c"}) == 0
            assert transaction.count("task_result_history", {"project_id": "p", "chip_id": "d"}) == 1

    def test_times_come_out_as_text_in_utc_of_fixed_width(self, store: Store) -> None:
        tokyo = datetime(2026, 1, 2, 21, tzinfo=timezone(timedelta(hours=9)))
        with store.transaction() as transaction:
            transaction.put("task_result_history", result("t", start_at=tokyo, deep=[{"at": NOON}]))
            found = transaction.get("task_result_history", ("p", "t"))
            assert found == result(
                "t", start_at="2026-01-02T12:00:00.000000Z", deep=[{"at": "2026-01-02T12:00:00.000000Z"}]
            )
            assert (
                transaction.count(
                    "task_result_history", {"project_id": "p", "chip_id": "c", "start_at": NOON}
                )
                == 1
            )
            again = datetime.fromisoformat(found["start_at"])
            assert again == tokyo

    def test_enumerations_are_kept_as_text_and_tuples_as_lists(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("task_result_history", result("t", chip_id=_Colour.RED, pair=(1, _Colour.RED)))
            [found] = transaction.find("task_result_history", {"project_id": "p", "chip_id": "red"})
        assert found["pair"] == [1, "red"]
        assert type(found["chip_id"]) is str

    def test_documents_are_copies(self, store: Store) -> None:
        document = result("t", data={"list": [1]})
        with store.transaction() as transaction:
            transaction.put("task_result_history", document)
            document["data"]["list"].append(2)
            for found in (
                transaction.get("task_result_history", ("p", "t")),
                *transaction.find("task_result_history", {}),
            ):
                assert found is not None
                assert found["data"] == {"list": [1]}
                found["data"]["list"].append(3)
            assert transaction.get("task_result_history", ("p", "t")) == result("t", data={"list": [1]})

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    def test_what_is_not_finite_is_refused(self, store: Store, number: float) -> None:
        with store.transaction() as transaction:
            for document in (result("t", data={"deep": [number]}), result("t", start_at=number)):
                for write in (transaction.insert, transaction.put):
                    with pytest.raises(ValueError, match=r"nan|inf"):
                        write("task_result_history", document)
            assert transaction.count("task_result_history", {}) == 0

    @pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", datetime(2026, 1, 1), "\ud800"])  # noqa: DTZ001
    def test_what_json_does_not_hold_is_refused(self, store: Store, value: object) -> None:
        with store.transaction() as transaction:
            with pytest.raises(ValueError, match="data"):
                transaction.put("task_result_history", result("t", data=value))
            assert transaction.count("task_result_history", {}) == 0

    def test_a_key_field_may_be_none_but_not_absent(self, store: Store) -> None:
        anywhere, here = ({"project_id": "p", "backend": backend, "name": "n"} for backend in (None, "fake"))
        with store.transaction() as transaction:
            transaction.insert("task", anywhere)
            transaction.insert("task", here)
            with pytest.raises(ConflictError, match="backend None"):
                transaction.insert("task", anywhere)
            transaction.put("task", {**anywhere, "task_type": "mux"})
            assert transaction.get("task", ("p", None, "n")) == {**anywhere, "task_type": "mux"}
            assert transaction.find("task", {"project_id": "p", "backend": None}) == [
                {**anywhere, "task_type": "mux"}
            ]
            assert transaction.find("task", {"project_id": "p"})[1] == here
            with pytest.raises(ValueError, match="backend"):
                transaction.put("task", {"project_id": "p", "name": "n"})

    # Writing

    def test_an_insert_over_an_existing_key_is_a_conflict_and_the_transaction_goes_on(
        self, store: Store
    ) -> None:
        with store.transaction() as transaction:
            transaction.insert("task_result_history", result("t", n=1))
            with pytest.raises(ConflictError, match="task_id 't'"):
                transaction.insert("task_result_history", result("t", n=2))
            transaction.insert("task_result_history", result("u"))
        with store.read() as snapshot:
            assert [found.get("n") for found in snapshot.find("task_result_history", {})] == [1, None]

    def test_a_unique_combination_is_unique_unless_it_holds_none(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann", "user_id": "1"})
            for write in (transaction.insert, transaction.put):
                with pytest.raises(ConflictError, match="user_id '1'"):
                    write("user", {"username": "bob", "user_id": "1"})
            transaction.insert("user", {"username": "cat", "user_id": None})
            transaction.insert("user", {"username": "dan"})
            transaction.put("user", {"username": "ann", "user_id": "2"})
            transaction.insert("user", {"username": "bob", "user_id": "1"})
            assert [found["username"] for found in transaction.find("user", {"user_id": "1"})] == ["bob"]
            assert transaction.count("user", {"user_id": None}) == 2

    def test_compare_and_set_replaces_only_what_is_as_expected(self, store: Store) -> None:
        with store.transaction() as transaction:
            assert not transaction.compare_and_set("execution_lock", {}, {"project_id": "p"})
            transaction.put(
                "execution_lock", {"project_id": "p", "owner": "a", "at": NOON, "why": {"x": [1]}}
            )
            new = {"project_id": "p", "owner": "b"}
            assert not transaction.compare_and_set("execution_lock", {"owner": "b"}, new)
            assert not transaction.compare_and_set(
                "execution_lock", {"owner": "a", "at": NOON + timedelta(1)}, new
            )
            assert transaction.get("execution_lock", ("p",))["owner"] == "a"  # type: ignore[index]
            as_it_is = {"owner": "a", "at": NOON, "why": {"x": (1,)}, "absent": None}
            assert transaction.compare_and_set("execution_lock", as_it_is, new)
            assert transaction.get("execution_lock", ("p",)) == new

    def test_increment_starts_as_told_and_adds_one(self, store: Store) -> None:
        key, initial = ("p", "d"), {"project_id": "p", "date": "d", "index": 5, "chip_id": "c"}
        with store.transaction() as transaction:
            assert [
                transaction.increment("execution_counter", key, "index", initial=initial) for _ in range(3)
            ] == [5, 6, 7]
            assert transaction.get("execution_counter", key) == {**initial, "index": 7}
            for wrong in ({"field": "chip_id"}, {"field": "other"}):
                with pytest.raises(ValueError, match="whole number"):
                    transaction.increment("execution_counter", key, **wrong, initial=initial)
            with pytest.raises(ValueError, match="key"):
                transaction.increment("execution_counter", ("p", "e"), "index", initial=initial)

    def test_numbers_increase_and_are_never_used_again(self, store: Store) -> None:
        event = {"project_id": "p", "seq": 0, "kind": "x"}
        with store.transaction() as transaction:
            assert [transaction.append("event", event) for _ in range(3)] == [1, 2, 3]
            assert transaction.get("event", (3,)) == {**event, "seq": 3}
            assert transaction.delete("event", {"seq": Range(least=2)}) == 2
            assert transaction.append("event", event) == 4
            transaction.insert("event", {**event, "seq": 10})
            transaction.put("event", {**event, "seq": 7})
            assert transaction.append("event", event) == 11
            assert transaction.delete("event", {}) == 5
        with store.transaction() as transaction:
            assert transaction.append("event", event) == 12
            with pytest.raises(ConflictError, match="seq 12"):
                transaction.insert("event", {**event, "seq": 12})
            for seq in (0, "13", None, 1.5):
                with pytest.raises(ValueError, match="numbered"):
                    transaction.put("event", {**event, "seq": seq})
            with pytest.raises(ValueError, match="numbered"):
                transaction.append("user", {"username": "ann"})

    def test_delete_removes_what_meets_every_condition(self, store: Store) -> None:
        with store.transaction() as transaction:
            for name in "abc":
                transaction.put("task_result_history", result(name, chip_id="d" if name == "c" else "c"))
            assert transaction.delete("task_result_history", {"project_id": "p", "chip_id": "c"}) == 2
            assert transaction.delete("task_result_history", {"project_id": "q"}) == 0
            assert [found["task_id"] for found in transaction.find("task_result_history", {})] == ["c"]

    # Asking

    def test_conditions_are_values_ranges_and_choices(self, store: Store) -> None:
        with store.transaction() as transaction:
            for day in range(5):
                start = None if day == 0 else NOON + timedelta(days=day)
                transaction.put("task_result_history", result(str(day), start_at=start))

            def days(condition: object) -> list[int]:
                where = {"project_id": "p", "chip_id": "c", "start_at": condition}
                found = [
                    int(document["task_id"]) for document in transaction.find("task_result_history", where)
                ]
                assert transaction.count("task_result_history", where) == len(found)
                return sorted(found)

            one, two, three = (NOON + timedelta(days=day) for day in (1, 2, 3))
            assert days(None) == [0]
            assert days(two) == [2]
            assert days(Range(above=one)) == [2, 3, 4]
            assert days(Range(least=two, below=three)) == [2]
            assert days(Range(above=two, most=three)) == [3]
            assert days(Range(most=two)) == days(Range(below=three)) == [1, 2]
            assert days(Range()) == [1, 2, 3, 4]
            assert days(OneOf((None, two, three, "x"))) == [0, 2, 3]
            assert days(OneOf(())) == []

    def test_none_comes_first_then_numbers_then_text_and_ties_go_by_the_key(self, store: Store) -> None:
        values: list[tuple[str, object]] = [
            ("g", "é"), ("f", "a"), ("h", "Z"), ("e", 2), ("d", 1.5), ("c", -3), ("b", None), ("a", None),
        ]  # fmt: skip
        with store.transaction() as transaction:
            for task_id, start_at in values:
                transaction.put("task_result_history", result(task_id, start_at=start_at))

            def ids(*order: str) -> str:
                return "".join(
                    found["task_id"] for found in transaction.find("task_result_history", {}, order=order)
                )

            assert ids() == "abcdefgh"
            assert ids("start_at") == "abcdehfg"
            assert ids("-start_at") == "gfhedcab"
            assert ids("chip_id", "-task_id") == "hgfedcba"

    @pytest.mark.parametrize(
        "order", [(), ("start_at",), ("-start_at",), ("-chip_id", "start_at"), ("chip_id", "-start_at")]
    )
    @pytest.mark.parametrize("where", [{}, {"project_id": "p"}, {"project_id": "p", "chip_id": "c"}])
    def test_pages_follow_each_other_without_gap_or_repetition(
        self, store: Store, order: tuple[str, ...], where: dict[str, object]
    ) -> None:
        with store.transaction() as transaction:
            for number in range(12):
                start_at = None if number % 4 == 0 else NOON + timedelta(days=number % 3)
                chip_id = "c" if number % 2 else "d"
                transaction.put(
                    "task_result_history", result(f"{number:02}", start_at=start_at, chip_id=chip_id)
                )
            whole = transaction.find("task_result_history", where, order=order)
            pages: list[Document] = []
            after = None
            while page := transaction.find("task_result_history", where, order=order, limit=5, after=after):
                pages += page
                after = [page[-1][field.lstrip("-")] for field in (*order, "project_id", "task_id")]
        assert pages == whole
        assert len(whole) == (6 if "chip_id" in where else 12)

    def test_what_cannot_be_asked_for_is_refused(self, store: Store) -> None:
        with store.transaction() as transaction:
            for ask in (transaction.find, transaction.count, transaction.delete):
                with pytest.raises(KeyError, match="nothing"):
                    ask("nothing", {})
                with pytest.raises(ValueError, match="message"):
                    ask("task_result_history", {"message": "x"})
                with pytest.raises(ValueError, match="chip_id"):
                    ask("task_result_history", {"chip_id": float("nan")})
                with pytest.raises(ValueError, match="chip_id"):
                    ask("task_result_history", {"chip_id": ["c"]})
            with pytest.raises(ValueError, match="message"):
                transaction.find("task_result_history", {}, order=("-message",))
            with pytest.raises(ValueError, match="start_at, project_id, task_id"):
                transaction.find("task_result_history", {}, order=("start_at",), after=("p", "t"))
            with pytest.raises(ValueError, match="limit"):
                transaction.find("task_result_history", {}, limit=-1)
            with pytest.raises(ValueError, match="keyed by"):
                transaction.get("task_result_history", ("t",))
            assert transaction.find("task_result_history", {}, limit=0) == []

    # All or nothing

    def test_a_transaction_that_raises_leaves_nothing(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann", "user_id": "1"})

        def write_and_raise() -> None:
            with store.transaction() as transaction:
                transaction.put("user", {"username": "ann", "user_id": "2"})
                transaction.insert("user", {"username": "bob", "user_id": "1"})
                transaction.append("event", {"project_id": "p"})
                transaction.increment("execution_counter", COUNTER, "index", initial=first_counter())
                transaction.delete("user", {"username": "ann"})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_raise()
        with store.read() as snapshot:
            assert snapshot.find("user", {}) == [{"username": "ann", "user_id": "1"}]
            assert [snapshot.count(name, {}) for name in ("event", "execution_counter")] == [0, 0]
        with store.transaction() as transaction, pytest.raises(ConflictError):
            transaction.insert("user", {"username": "bob", "user_id": "1"})

    def test_blocks_of_one_thread_do_not_nest(self, store: Store) -> None:
        for outer in (store.transaction, store.read):
            for inner in (store.transaction, store.read):
                with outer(), pytest.raises(StoreError, match="nest"), inner():
                    pass
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})

    def test_a_block_that_was_left_cannot_be_used(self, store: Store) -> None:
        with store.transaction() as transaction:
            pass
        with store.read() as snapshot:
            pass
        with pytest.raises(StoreError, match="ended"):
            transaction.put("user", {"username": "ann"})
        for left in (transaction, snapshot):
            with pytest.raises(StoreError, match="ended"):
                left.get("user", ("ann",))

    def test_what_was_written_is_there_when_the_store_is_opened_again(self, store_url: str) -> None:
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
