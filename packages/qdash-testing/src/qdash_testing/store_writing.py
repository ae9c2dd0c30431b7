"""Conformance tests of a store's writes. Part of `qdash_testing.store`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import ConflictError, StoreError
from qdash_core.repositories.store import Range
from qdash_testing.store_samples import COUNTER, NOON, make_first_counter, make_result

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


class StoreWriting:
    """Tests of `StoreContract` for each kind of write, and for atomicity."""

    def test_a_transaction_that_need_not_be_durable_is_all_or_nothing_and_seen_by_the_next(
        self, store: Store
    ) -> None:
        with store.transaction(durable=False) as transaction:
            transaction.insert("task_result_history", make_result("t"))
        with pytest.raises(ConflictError), store.transaction(durable=False) as transaction:  # noqa: PT012
            transaction.insert("task_result_history", make_result("u"))
            transaction.insert("task_result_history", make_result("t"))
        with store.transaction() as transaction:
            assert transaction.count("task_result_history", {}) == 1

    def test_announced_changes_are_passed_on_after_the_commit_only(self, store: Store) -> None:
        seen = []

        def note(change: object) -> None:
            with store.read() as snapshot:  # the transaction has ended
                seen.append((change, snapshot.count("user", {})))

        store.on_commit = note
        with store.transaction() as transaction:
            transaction.announce("first")
            transaction.announce("second")
            transaction.put("user", {"username": "ann"})
            assert seen == []
        with pytest.raises(RuntimeError), store.transaction() as transaction:  # noqa: PT012
            transaction.announce("undone")
            raise RuntimeError
        assert seen == [("first", 1), ("second", 1)]

    def test_an_insert_over_an_existing_key_is_a_conflict_and_the_transaction_goes_on(
        self, store: Store
    ) -> None:
        with store.transaction() as transaction:
            transaction.insert("task_result_history", make_result("t", n=1))
            with pytest.raises(ConflictError, match="task_id 't'"):
                transaction.insert("task_result_history", make_result("t", n=2))
            transaction.insert("task_result_history", make_result("u"))
        with store.read() as snapshot:
            assert [found.get("n") for found in snapshot.find("task_result_history", {})] == [1, None]

    def test_many_documents_are_inserted_unless_one_has_an_existing_key(self, store: Store) -> None:
        many = [make_result(f"t{number}", n=number) for number in range(2500)]
        with store.transaction() as transaction:
            transaction.insert_all("task_result_history", (one for one in many))
            transaction.insert_all("task_result_history", ())
        with store.transaction() as transaction:
            with pytest.raises(ConflictError, match="task_id 't7'"):
                transaction.insert_all("task_result_history", [make_result("t7"), make_result("u")])
            with pytest.raises(ConflictError, match="task_id 'v'"):
                transaction.insert_all("task_result_history", [make_result("v"), make_result("v")])
            transaction.insert_all("task_result_history", [make_result("w")])
        with store.read() as snapshot:
            found = {one["task_id"]: one.get("n") for one in snapshot.find("task_result_history", {})}
        assert {name: found[name] for name in ("t0", "t7", "t2499", "w")} == {
            "t0": 0,
            "t7": 7,
            "t2499": 2499,
            "w": None,
        }

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

    def test_compare_and_set_replaces_only_expected_documents(self, store: Store) -> None:
        with store.transaction() as transaction:
            assert not transaction.compare_and_set("presence", {}, {"owner": "i"})
            transaction.put(
                "presence",
                {"owner": "i", "kind": "a", "at": NOON, "why": {"x": [1]}},
            )
            new = {"owner": "i", "kind": "b"}
            assert not transaction.compare_and_set("presence", {"kind": "b"}, new)
            assert not transaction.compare_and_set("presence", {"kind": "a", "at": NOON + timedelta(1)}, new)
            assert transaction.get("presence", ("i",))["kind"] == "a"  # type: ignore[index]
            as_it_is = {"kind": "a", "at": NOON, "why": {"x": (1,)}, "absent": None}
            assert transaction.compare_and_set("presence", as_it_is, new)
            assert transaction.get("presence", ("i",)) == new

    def test_what_is_searched_follows_compare_and_set(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann", "user_id": "1"})
            transaction.put("user", {"username": "bob", "user_id": "2"})
            for before, after in (("2", None), (None, "3"), ("3", "4")):
                new = {"username": "bob", "user_id": after}
                assert transaction.compare_and_set("user", {"user_id": before}, new)
                assert transaction.find("user", {"user_id": after}) == [new]
                assert transaction.count("user", {"user_id": before}) == 0
            with pytest.raises(ConflictError, match="user_id '1'"):
                transaction.compare_and_set("user", {"user_id": "4"}, {"username": "bob", "user_id": "1"})
            assert transaction.count("user", {"user_id": "4"}) == 1

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

    def test_numbers_go_on_whatever_each_transaction_has_drawn(self, store: Store) -> None:
        drawn: list[int] = []
        for count in (1, 3, 1, 0, 2):
            with store.transaction() as transaction:
                drawn += [transaction.append("event", {"project_id": "p"}) for _ in range(count)]
        assert drawn == sorted(set(drawn))
        with store.read() as snapshot:
            found = snapshot.find("event", {}, order=("seq",))
        assert [event["seq"] for event in found] == drawn

    def test_delete_removes_documents_that_meet_every_condition(self, store: Store) -> None:
        with store.transaction() as transaction:
            for name in "abc":
                transaction.put("task_result_history", make_result(name, chip_id="d" if name == "c" else "c"))
            assert transaction.delete("task_result_history", {"project_id": "p", "chip_id": "c"}) == 2
            assert transaction.delete("task_result_history", {"project_id": "q"}) == 0
            assert [found["task_id"] for found in transaction.find("task_result_history", {})] == ["c"]

    def test_a_transaction_that_raises_leaves_nothing(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann", "user_id": "1"})

        def write_and_raise() -> None:
            with store.transaction() as transaction:
                transaction.put("user", {"username": "ann", "user_id": "2"})
                transaction.insert("user", {"username": "bob", "user_id": "1"})
                transaction.append("event", {"project_id": "p"})
                transaction.increment("execution_counter", COUNTER, "index", initial=make_first_counter())
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
