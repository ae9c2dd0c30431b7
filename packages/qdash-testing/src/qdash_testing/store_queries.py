"""Conformance tests of queries to a store. Part of `qdash_testing.store`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from qdash_core.repositories.documents import make_brief, to_stored_form
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import OneOf, Range
from qdash_testing.store_samples import NOON, make_result

if TYPE_CHECKING:
    from qdash_core.repositories.store import Document, Store

_OF_ALL_KINDS: tuple[tuple[str, object], ...] = (
    ("g", "é"), ("f", "a"), ("h", "Z"), ("e", 2), ("d", 1.5), ("c", -3), ("b", None), ("a", None),
)  # fmt: skip


class _Result(BaseModel):
    task_id: str
    start_at: datetime | None
    data: dict[str, Any]


class _Other(BaseModel):
    data: int


class StoreQueries:
    """Tests of `StoreContract` for conditions, order and pages."""

    def test_conditions_are_values_ranges_and_choices(self, store: Store) -> None:
        with store.transaction() as transaction:
            for day in range(5):
                start = None if day == 0 else NOON + timedelta(days=day)
                transaction.put("task_result_history", make_result(str(day), start_at=start))

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

    def test_a_limit_is_the_greatest_number_of_documents(self, store: Store) -> None:
        with store.transaction() as transaction:
            for number in range(3):
                transaction.put("task_result_history", make_result(str(number)))
            for limit, n_found in ((0, 0), (1, 1), (3, 3), (4, 3), (None, 3)):
                assert len(transaction.find("task_result_history", {}, limit=limit)) == n_found

    def test_loaded_documents_equal_the_found_ones(self, store: Store) -> None:
        reader = TypeAdapter(list[_Result])
        with store.transaction() as transaction:
            for name, start_at in (("a", None), ("b", NOON), ("c", NOON + timedelta(days=1))):
                transaction.put(
                    "task_result_history", make_result(name, start_at=start_at, data={"μ": [1, 2.5, None]})
                )
            query: dict[str, Any] = {"where": {"project_id": "p", "chip_id": "c"}, "order": ("-start_at",)}
            whole = transaction.load(reader, "task_result_history", **query)
            page = transaction.load(
                reader, "task_result_history", **query, limit=1, after=(whole[0].start_at, "p", "c")
            )
            lean = transaction.load(
                reader, "task_result_history", **query, limit=2, without=("status", "nothing")
            )
        assert [found.task_id for found in whole] == ["c", "b", "a"]
        assert (whole[1].start_at, whole[1].data) == (NOON, {"μ": [1, 2.5, None]})
        assert page == whole[1:2]
        assert lean == whole[:2], "what a reader passes over makes no difference"
        with store.read() as snapshot, pytest.raises(ValidationError, match="data"):
            snapshot.load(TypeAdapter(list[_Other]), "task_result_history", **query)

    def test_briefs_are_a_small_part_of_the_found_documents(self, store: Store) -> None:
        value = {"value": 81.5, "error": None, "unit": "us", "calibrated_at": NOON}
        further = {"description": "relaxation time", "task_id": "0"}
        decision = {"verdict": "rejected", "username": "ann", "reason": '"é$', "decided_at": NOON}
        with store.transaction() as transaction:
            for day in range(4):
                start = NOON + timedelta(days=day)
                transaction.put("task_result_history", make_result(str(day), start_at=start, name="T1"))
            measured = make_result("1", start_at=NOON + timedelta(days=1), name="T1", saved=False)
            measured["output_parameters"] = {"t1": {**value, **further}}
            transaction.put("task_result_history", measured)
            transaction.put("task_result_history", {**measured, "decisions": {"t1": decision}})
        known = COLLECTIONS["task_result_history"]
        where = {
            "project_id": "p",
            "chip_id": "c",
            "name": "T1",
            "start_at": Range(below=NOON + timedelta(days=3)),
        }
        with store.read() as snapshot:
            found = snapshot.find("task_result_history", where, order=("-start_at",), limit=2)
            briefs = snapshot.read_briefs("task_result_history", where, order=("-start_at",), limit=2)
            assert briefs == [make_brief(known, document) for document in found]
            rest = snapshot.read_briefs(
                "task_result_history", where, order=("-start_at",), after=(NOON + timedelta(days=1), "p", "1")
            )
        named = [dict(zip(known.brief, brief, strict=True)) for brief in (*briefs, *rest)]
        assert [brief["task_id"] for brief in named] == ["2", "1", "0"]
        assert named[1]["output_parameters"] == {"t1": to_stored_form(value)}
        assert named[1]["decisions"] == {"t1": to_stored_form(decision)}
        assert (named[1]["saved"], named[0]["output_parameters"]) == (False, None)

    @pytest.mark.parametrize(
        "other",
        [
            {},
            {"subject_qid": 'é"\\\n\0'},
            {"relation": None},
            {"object_qid": 3, "updated_at": "later"},
            {"more": [1, {"a": None}]},
        ],
    )
    def test_flat_documents_and_others_with_their_fields_are_alike(
        self, store: Store, other: dict[str, Any]
    ) -> None:
        known, name = COLLECTIONS["provenance"], "provenance"
        edge = {field: field for field in known.flat} | {"project_id": "p", "created_at": NOON}
        shorter = {field: value for field, value in edge.items() if field != "relation"} | {"subject": "t"}
        first, both = {**edge, **other}, {"project_id": "p"}
        with store.transaction() as transaction:
            for document in (edge, shorter, first):
                transaction.put(name, document)
        wanted = [to_stored_form(document) for document in (first, shorter)]
        with store.read() as snapshot:
            assert snapshot.get(name, ("p", "subject", "object")) == wanted[0]
            assert snapshot.find(name, both) == wanted
            assert snapshot.read_briefs(name, both) == [make_brief(known, document) for document in wanted]
            newest = snapshot.find(name, both, order=("-created_at",), limit=1)
            assert snapshot.find(
                name, both, order=("-created_at",), after=(NOON, "p", "subject", "object")
            ) == [one for one in wanted if one not in newest]

    def test_none_comes_first_then_numbers_then_text_and_ties_go_by_the_key(self, store: Store) -> None:
        with store.transaction() as transaction:
            for task_id, start_at in _OF_ALL_KINDS:
                transaction.put("task_result_history", make_result(task_id, start_at=start_at))

            def ids(*order: str) -> str:
                return "".join(
                    found["task_id"] for found in transaction.find("task_result_history", {}, order=order)
                )

            assert ids() == "abcdefgh"
            assert ids("start_at") == "abcdehfg"
            assert ids("-start_at") == "gfhedcab"
            assert ids("chip_id", "-task_id") == "hgfedcba"

    @pytest.mark.parametrize(("order", "ids"), [("start_at", "abcdehfg"), ("-start_at", "gfhedcab")])
    def test_pages_go_on_from_one_kind_of_value_to_the_next(self, store: Store, order: str, ids: str) -> None:
        found = ""
        after: list[Any] | None = None
        with store.transaction() as transaction:
            for task_id, start_at in _OF_ALL_KINDS:
                transaction.put("task_result_history", make_result(task_id, start_at=start_at))
            while page := transaction.find("task_result_history", {}, order=(order,), limit=2, after=after):
                found += "".join(one["task_id"] for one in page)
                assert len(found) <= len(ids), f"{found} repeats what was there"
                after = [page[-1][field] for field in ("start_at", "project_id", "task_id")]
        assert found == ids

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
                    "task_result_history", make_result(f"{number:02}", start_at=start_at, chip_id=chip_id)
                )
            whole = transaction.find("task_result_history", where, order=order)
            pages: list[Document] = []
            after = None
            while page := transaction.find("task_result_history", where, order=order, limit=5, after=after):
                pages += page
                assert len(pages) <= len(whole), f"the page after {after} repeats what was there"
                after = [page[-1][field.lstrip("-")] for field in (*order, "project_id", "task_id")]
        assert pages == whole
        assert len(whole) == (6 if "chip_id" in where else 12)

    def test_an_invalid_query_is_refused(self, store: Store) -> None:
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
