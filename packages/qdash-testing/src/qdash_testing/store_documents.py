"""Conformance tests of stored documents. Part of `qdash_testing.store`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.repositories.documents import TypedDocument
from qdash_testing.store_samples import NOON, make_result

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


class _Colour(StrEnum):
    RED = "red"


class StoreDocuments:
    """Tests of `StoreContract` for the round trip of documents."""

    def test_a_document_is_found_by_its_key(self, store: Store) -> None:
        document = make_result("t", data={"a": [1, 2.5, None, True, "μ\0"]}, n=2**70)
        with store.transaction() as transaction:
            transaction.put("task_result_history", document)
            assert transaction.get("task_result_history", ("p", "t")) == document
        with store.read() as snapshot:
            assert snapshot.get("task_result_history", ("p", "t")) == document
            assert snapshot.get("task_result_history", ("p", "u")) is None

    def test_put_replaces_the_whole_document(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("task_result_history", make_result("t", old=1, chip_id="c"))
            transaction.put("task_result_history", make_result("t", new=2, chip_id="d"))
            assert transaction.get("task_result_history", ("p", "t")) == make_result("t", new=2, chip_id="d")
            assert transaction.count("task_result_history", {"project_id": "p", "chip_id": "c"}) == 0
            assert transaction.count("task_result_history", {"project_id": "p", "chip_id": "d"}) == 1

    def test_times_come_out_as_text_in_utc_of_fixed_width(self, store: Store) -> None:
        tokyo = datetime(2026, 1, 2, 21, tzinfo=timezone(timedelta(hours=9)))
        with store.transaction() as transaction:
            transaction.put("task_result_history", make_result("t", start_at=tokyo, deep=[{"at": NOON}]))
            found = transaction.get("task_result_history", ("p", "t"))
            assert found == make_result(
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
            transaction.put(
                "task_result_history", make_result("t", chip_id=_Colour.RED, pair=(1, _Colour.RED))
            )
            [found] = transaction.find("task_result_history", {"project_id": "p", "chip_id": "red"})
        assert found["pair"] == [1, "red"]
        assert type(found["chip_id"]) is str

    @pytest.mark.parametrize("microsecond", [0, 1])
    def test_a_typed_document_is_stored_like_any_other(self, store: Store, microsecond: int) -> None:
        for zone in (UTC, timezone(timedelta(hours=9))):
            at = datetime(2026, 1, 2, 21, 0, 0, microsecond, zone)
            numbers = [1e-5, 1e16, 0.1, -0.0, 2**70, True, None]
            document = make_result("t", start_at=at, data={"at": at, "n": numbers, "μ": (_Colour.RED, "NaN")})
            found = []
            last = {name: document.pop(name) for name in ("start_at", "data")}
            first = TypedDocument(document)
            for one in (document | last, TypedDocument(document | last), TypedDocument(last, extends=first)):
                with store.transaction() as transaction:
                    transaction.put("task_result_history", one)
                with store.read() as snapshot:
                    found.append(snapshot.get("task_result_history", ("p", "t")))
            assert found[0] == found[1] == found[2]

    def test_documents_are_copies(self, store: Store) -> None:
        document = make_result("t", data={"list": [1]})
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
            assert transaction.get("task_result_history", ("p", "t")) == make_result("t", data={"list": [1]})

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
    def test_a_number_that_is_not_finite_is_refused(self, store: Store, number: float) -> None:
        with store.transaction() as transaction:
            deep = make_result("t", data={"deep": [number]})
            for document in (deep, TypedDocument(deep), make_result("t", start_at=number)):
                for write in (transaction.insert, transaction.put):
                    with pytest.raises(ValueError, match=r"nan|inf"):
                        write("task_result_history", document)
            assert transaction.count("task_result_history", {}) == 0

    @pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", datetime(2026, 1, 1), "\ud800"])  # noqa: DTZ001
    def test_a_value_outside_of_json_is_refused(self, store: Store, value: object) -> None:
        with store.transaction() as transaction:
            with pytest.raises(ValueError, match="data"):
                transaction.put("task_result_history", make_result("t", data=value))
            assert transaction.count("task_result_history", {}) == 0

    def test_a_document_that_is_too_large_is_refused_and_says_so(self, store: Store) -> None:
        fits, too_large = ("é" * (2**20 * size // 2) for size in (14, 16))
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann", "data": fits})
            for write in (transaction.insert, transaction.put):
                with pytest.raises(
                    InvalidInputError, match=r"user would have 16\.0 MiB, and 15 MiB can be kept"
                ):
                    write("user", {"username": "bob", "data": too_large})
            assert transaction.count("user", {}) == 1

    def test_the_size_of_a_document_is_that_of_its_json(self, store: Store) -> None:
        escaped = "\x01" * (3 * 2**20)  # six characters of JSON each
        with store.transaction() as transaction:
            with pytest.raises(InvalidInputError, match=r"user would have 18\.0 MiB"):
                transaction.put("user", {"username": "ann", "data": escaped})
            assert transaction.count("user", {}) == 0

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
