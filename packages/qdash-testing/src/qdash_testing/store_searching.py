"""Conformance tests of searches within documents. Part of `qdash_testing.store`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.repositories.store import Has, Range, Words
from qdash_testing.store_samples import NOON, make_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.repositories.store import Snapshot, Store, Transaction

_NOTES = {
    1: "Replaced the attenuator at 4 K",
    2: "attenuator, -20 dB: REPLACED again",
    3: "共振周波数がずれた。冷却後に測定し直す",
    4: "T1が短い (qubit Q07)",
    5: "\uff34\uff11 of Stra\u00dfe\u0301",
    6: "",
    7: None,
}


class StoreSearching:
    """Tests of `StoreContract` for nested fields, members of lists, and words."""

    def test_a_field_within_a_field_is_asked_for_and_ordered_by(self, store: Store) -> None:
        notes: dict[str, object] = {
            "a": {"updated_at": None, "content": ""},
            "b": {"updated_at": NOON},
            "c": {"updated_at": NOON.replace(hour=13)},
            "d": None,
            "e": "no mapping",
        }
        where = {"project_id": "p", "chip_id": "c", "user_note.updated_at": Range()}
        with store.transaction() as transaction:
            for name, note in notes.items():
                transaction.put("task_result_history", make_result(name, user_note=note))
            transaction.put("task_result_history", make_result("f"))

            def found(*order: str, **asked: object) -> str:
                documents = transaction.find("task_result_history", {**where, **asked}, order=order)
                return "".join(document["task_id"] for document in documents)

            assert found("-user_note.updated_at") == "cb"
            assert found(**{"user_note.updated_at": NOON}) == "b"
            assert found(**{"user_note.updated_at": Range(above=NOON)}) == "c"
            assert found(**{"user_note.updated_at": None}) == "adef"
            page = transaction.find(
                "task_result_history",
                where,
                order=("-user_note.updated_at",),
                after=(NOON.replace(hour=13), "p", "c"),
            )
            assert [document["task_id"] for document in page] == ["b"]
            transaction.put("task_result_history", make_result("b", user_note={"updated_at": None}))
            assert found() == "c"
            with pytest.raises(ValueError, match="user_note"):
                found(**{"user_note.content": ""})

    def test_members_of_a_list_are_found(self, store: Store) -> None:
        with store.transaction() as transaction:
            _put_cooldown(transaction, "1", ["A", "B"])
            _put_cooldown(transaction, "2", ["B", "b"])
            _put_cooldown(transaction, "3", [])
            _put_cooldown(transaction, "4", None)

            def having(member: str, *others: str) -> list[str]:
                where = {"project_id": "p", "chip_ids": Has(member, others)}
                found = transaction.find("cooldown", where, order=("-started_at",))
                assert transaction.count("cooldown", where) == len(found)
                return [document["cooldown_id"] for document in found]

            assert having("B") == ["2", "1"]
            assert having("b") == ["2"]
            assert having("AB") == having("") == []
            assert having("B", "A") == ["1"]
            assert having("A", "b") == []
            _put_cooldown(transaction, "2", ["A"])
            assert having("A") == ["2", "1"]
            assert transaction.delete("cooldown", {"chip_ids": Has("A")}) == 2
            for members in ("A", [1], [None]):
                with pytest.raises(ValueError, match="chip_ids is a list of text"):
                    _put_cooldown(transaction, "5", members)
            for where in ({"chip_ids": "A"}, {"cryo_id": Has("A")}, {"chip_ids": Words("A")}):
                with pytest.raises(ValueError, match="cannot be asked for"):
                    transaction.find("cooldown", where)

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("attenuator", [1, 2]),
            ("REPLACED  Attenuator!", [1, 2]),
            ("replaced 20", [2]),
            ("attenuators", []),
            ("周波数", [3]),
            ("冷却 共振", [3]),
            ("率", []),
            ("数", [3]),
            ("t1", [4, 5]),
            ("T1が短", [4]),
            ("strasse\u0301", [5]),
            ("...", [1, 2, 3, 4, 5, 6, 7]),
        ],
    )
    def test_words_are_found_whatever_their_case_width_and_order(
        self, store: Store, text: str, numbers: list[int]
    ) -> None:
        with store.transaction() as transaction:
            for number, content in _NOTES.items():
                transaction.insert("note_event", {"project_id": "p", "seq": number, "content": content})
        with store.read() as snapshot:
            assert _find_numbers(snapshot, text) == numbers
            assert snapshot.count("note_event", {"content": Words(text)}) == len(numbers)
            assert not snapshot.find("note_event", {"project_id": "q", "content": Words(text)})

    def test_words_follow_what_is_written_and_deleted(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.append("note_event", {"project_id": "p", "content": "warm warm"})
            transaction.put("note_event", {"project_id": "p", "seq": 1, "content": "cold"})
            assert (_find_numbers(transaction, "warm"), _find_numbers(transaction, "cold")) == ([], [1])
            assert transaction.delete("note_event", {"content": Words("cold")}) == 1
            transaction.insert("note_event", {"project_id": "p", "seq": 1, "content": "warm"})
            assert (_find_numbers(transaction, "warm"), _find_numbers(transaction, "cold")) == ([1], [])
            with pytest.raises(ValueError, match="content is a text"):
                transaction.append("note_event", {"project_id": "p", "content": ["warm"]})
            with pytest.raises(ValueError, match="cannot be asked for"):
                transaction.find("event", {"kind": Words("warm")})

    def test_words_follow_compare_and_set(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.append("note_event", {"project_id": "p", "content": "warm"})
            for before, after in (("warm", "cold"), ("cold", "cold"), ("cold", ""), ("", "dry")):
                new = {"project_id": "p", "seq": 1, "content": after}
                assert transaction.compare_and_set("note_event", {"content": before}, new)
                found = [word for word in ("warm", "cold", "dry") if _find_numbers(transaction, word)]
                assert found == [after] * bool(after)

    def test_words_that_were_undone_are_not_found(self, store: Store) -> None:
        def write_and_raise() -> None:
            with store.transaction() as transaction:
                transaction.append("note_event", {"project_id": "p", "content": "warm"})
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_raise()
        with store.read() as snapshot:
            assert _find_numbers(snapshot, "warm") == []


def _find_numbers(snapshot: Snapshot, text: str) -> Sequence[int]:
    found = snapshot.find("note_event", {"project_id": "p", "content": Words(text)}, order=("seq",))
    return [document["seq"] for document in found]


def _put_cooldown(transaction: Transaction, cooldown_id: str, chip_ids: object) -> None:
    transaction.put(
        "cooldown",
        {"project_id": "p", "cooldown_id": cooldown_id, "started_at": cooldown_id, "chip_ids": chip_ids},
    )
